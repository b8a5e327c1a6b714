"""Saved runs, and two of them compared."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.evals.command import main
from vigie.evals.compare import common, compared, page
from vigie.evals.record import Asked, Run, load, save
from vigie.evals.tables import Speech
from vigie.ingest.errors import InvalidValue, SourceMissing

MakeAsked = Callable[..., Asked]
MakeRun = Callable[..., Run]


def test_a_saved_run_comes_back_equal(asked: MakeAsked, make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run([asked("a"), asked("b", 0.0)])
    save(tmp_path / "new" / "run.json", run)
    assert load(tmp_path / "new" / "run.json") == run


def test_a_file_that_is_no_run_is_named_with_what_is_wrong(
    asked: MakeAsked, make_run: MakeRun, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    with pytest.raises(SourceMissing):
        load(path)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidValue, match="format"):
        load(path)
    save(path, make_run([asked("a")]))
    saved = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(saved | {"format": 99}), encoding="utf-8")
    with pytest.raises(InvalidValue, match="99"):
        load(path)


def test_a_clear_gain_and_a_lucky_one_are_told_apart(asked: MakeAsked, make_run: MakeRun) -> None:
    names = [str(number) for number in range(40)]
    before = make_run([asked(name, float(int(name) < 10)) for name in names])
    clear = make_run([asked(name, float(int(name) < 30)) for name in names])
    lucky = make_run([asked(name, float(int(name) < 11)) for name in names])
    speech = Speech("fr")
    (row,) = compared(before, clear, speech)[0].rows
    assert row[:4] == ("hit@5", "40", "0,250", "0,750") and row[-1] == "net"
    assert row[4].startswith("+0,500 [+0,3")
    assert compared(before, lucky, speech)[0].rows[0][-1] == "dans le hasard"


def test_only_common_questions_are_compared(asked: MakeAsked, make_run: MakeRun) -> None:
    first, second = make_run([asked("a"), asked("b")]), make_run([asked("b"), asked("c")])
    before, after = common(first, second)
    assert (
        [one.id for one in before.questions] == [one.id for one in after.questions] == ["bench/b"]
    )
    with pytest.raises(InvalidValue):
        common(make_run([asked("a")]), make_run([asked("z")]))


def test_the_command_compares_two_files_and_writes_a_page(
    asked: MakeAsked, make_run: MakeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, hit in (("a", 0.0), ("b", 1.0)):
        save(tmp_path / f"{name}.json", make_run([asked("one", hit), asked("two", hit)]))
    paths = [str(tmp_path / name) for name in ("a.json", "b.json", "c.html")]
    assert main(["compare", *paths[:2], "--html", paths[2]]) == 0
    assert "+1,000 [+1,000 ; +1,000]" in capsys.readouterr().out
    assert "Jeu « set-a »" in Path(paths[2]).read_text(encoding="utf-8")


def test_the_page_of_a_comparison_speaks_english_too(asked: MakeAsked, make_run: MakeRun) -> None:
    before, after = (make_run([asked(name, hit) for name in "abcdef"]) for hit in (0.0, 1.0))
    shown = page(before, after, Speech("en"))
    assert '<html lang="en">' in shown and "Set “set-a”" in shown and "<td>clear</td>" in shown
