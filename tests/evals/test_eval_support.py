"""`vigie eval support`: precision and recall as defined, each split apart, mistakes named."""

import json
from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.evals.command import main
from vigie.evals.support import Judged, Pair, by_split, by_type, load_pairs, precision, recall
from vigie.evals.tables import Speech
from vigie.ingest.errors import InvalidValue

PAIRS = [
    ("t1", "supported", True),
    ("t2", "supported", True),
    ("t3", "supported", False),
    ("f1", "contradicted", True),
    ("f2", "unrelated", False),
]


def judged(split: str = "dev") -> list[Judged]:
    return [
        Judged(Pair(name, "Passage.", "Phrase.", label, "number", split), released)  # type: ignore[arg-type]
        for name, label, released in PAIRS
    ]


def test_precision_counts_what_is_released_and_recall_what_is_true() -> None:
    found = judged()
    assert precision(found).mean == pytest.approx(2 / 3) and precision(found).units == 3
    assert recall(found).mean == pytest.approx(2 / 3) and recall(found).units == 3


def test_each_split_stands_apart_and_what_was_once_unseen_is_said() -> None:
    table = by_split([*judged(), *judged("test")], Speech("en"))
    assert [row[:2] for row in table.rows] == [("dev", "5"), ("test", "5")]
    assert "unseen" in table.note
    assert not by_split(judged(), Speech("en")).note


def test_a_sort_shows_true_ones_released_and_false_ones_held() -> None:
    (row,) = by_type(judged(), Speech("en")).rows
    assert row[0] == "number" and row[1].startswith("0.667") and row[3].startswith("0.500")


def test_the_command_judges_the_pairs_given_and_names_its_mistakes(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"id": "a", "passage": "Le réseau compte 26 salariés.", "label": "supported"}
        | {"sentence": "Le réseau compte vingt-six salariés."},
        {"id": "b", "passage": "Le réseau compte 26 salariés.", "label": "contradicted"}
        | {"sentence": "Le réseau compte 27 salariés."},
        {"id": "c", "passage": "Le réseau compte 26 salariés.", "label": "supported"}
        | {"sentence": "La pluie tombe sur Brest."},
    ]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    saved = tmp_path / "out.json"
    typed = ["support", "--pairs", str(pairs), "--json", str(saved), "--language", "en"]
    assert main(typed, settings) == 0
    shown = capsys.readouterr().out
    assert "wrongly held back  La pluie tombe sur Brest." in shown
    assert "wrongly released" not in shown
    assert [row["released"] for row in json.loads(saved.read_text())] == [True, False, False]


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"id": "a", "passage": "p", "sentence": "s", "label": "yes"}\n')
    with pytest.raises(InvalidValue, match=r"pairs\.jsonl:1"):
        load_pairs(path)
