"""What may be typed after `vigie eval`, and what is said of the rest."""

from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.evals.command import COMMANDS, main
from vigie.evals.options import parse
from vigie.evals.systems import BASELINES
from vigie.ingest.errors import InvalidValue


def test_help_speaks_french_by_default(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--help"], settings) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Utilisation :")
    assert all(f"vigie eval {name}" in shown for name in COMMANDS)
    assert "usage" not in shown and "show this help" not in shown


def test_help_speaks_english_when_asked(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--help", "--language", "en"], settings) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: vigie eval compare") and "A.json B.json" in shown
    assert "positional" not in shown


@pytest.mark.parametrize(
    ("typed", "blamed"),
    [
        (["--nonsense"], "--nonsense"),
        (["--html"], "--html"),
        (["compare", "a.json"], "a.json"),
        (["compare"], "A.json B.json"),
    ],
)
def test_what_is_typed_wrongly_is_named_in_french(
    settings: Settings, capsys: pytest.CaptureFixture[str], typed: list[str], blamed: str
) -> None:
    assert main(typed, settings) == 2
    assert f"inattendue : {blamed}. Aide : vigie eval" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "known"),
    [(["--baseline", "elastic"], "bm25"), (["--language", "de"], "fr, en")],
)
def test_a_wrong_choice_names_the_legal_ones(typed: list[str], known: str) -> None:
    with pytest.raises(InvalidValue, match=known):
        parse(typed, "fr")


@pytest.mark.parametrize("given", ["--questions", "--corpus"])
def test_a_corpus_and_its_questions_go_together(
    settings: Settings, tmp_path: Path, given: str
) -> None:
    with pytest.raises(InvalidValue):
        main([given, str(tmp_path)], settings)


def test_baseline_alone_means_all_of_them() -> None:
    for typed, expected in (
        (["--baseline"], BASELINES),
        (["--baseline", "bm25"], ("bm25",)),
        ([], ()),
    ):
        options = parse(typed, "fr")
        assert options is not None and options.baselines == expected
