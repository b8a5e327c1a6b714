"""Targets: what a file may ask for, and when one counts as reached."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.evals.record import Asked, Found
from vigie.evals.tables import Speech
from vigie.evals.targets import Target, leads, load_targets, reached
from vigie.ingest.errors import InvalidValue, SourceMissing

MakeAsked = Callable[..., Asked]


def many(asked: MakeAsked, right: int, wrong: int, **more: object) -> list[Asked]:
    values = [1.0] * right + [0.0] * wrong
    return [asked(f"{place}-{more}", value, **more) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("at_least", "said"),
    [
        (0.5, "reached, interval included"),
        (0.78, "reached"),
        (0.82, "missed, target within the interval"),
        (0.99, "missed"),
    ],
)
def test_a_target_is_held_against_the_mean_and_its_interval(
    asked: MakeAsked, at_least: float, said: str
) -> None:
    (row,) = reached(
        [Target("t", "hit@5", at_least=at_least)], many(asked, 80, 20), Speech("en")
    ).rows
    assert row[2] == "100" and row[4].startswith("0.800 [")
    assert row[5] == said


def test_a_target_may_pool_kinds_and_leave_others_out(asked: MakeAsked) -> None:
    questions = [
        *many(asked, 1, 0, kind="long"),
        *many(asked, 0, 1, kind="short"),
        *many(asked, 0, 8, kind="title"),
    ]
    (row,) = reached(
        [Target("t", "hit@5", at_least=0.5, kinds=("long", "short"))], questions, Speech("en")
    ).rows
    assert (row[2], row[5]) == ("2", "reached")


def test_a_target_may_be_a_multiple_of_another_system(asked: MakeAsked) -> None:
    found = {
        "vigie": Found(("good",), (), {"rprec": 0.6}),
        "bm25": Found(("good",), (), {"rprec": 0.5}),
    }
    target = Target("lists", "rprec", at_least=1.3, times="bm25")
    (row,) = reached([target], [asked("a", found=found)], Speech("en")).rows
    assert (row[3], row[5], row[6]) == ("≥ 0.650", "missed", "0.500")
    (row,) = reached([target], [asked("a")], Speech("en")).rows
    assert row[5] == "not measured"
    (row,) = leads([target], [asked("a", found=found)], Speech("en")).rows
    assert row[3] == "+0.100 ≈"  # a single question proves nothing


def test_the_time_of_a_search_may_be_a_target(asked: MakeAsked) -> None:
    questions = [asked("a", times={"encode": 10.0, "search": 14.0})]
    for at_most, said in ((1.5, "reached"), (1.2, "missed")):
        target = Target("time", "search/encode", at_most=at_most)
        (row,) = reached([target], questions, Speech("en")).rows
        assert (row[3], row[5]) == (f"≤ {at_most:.3f}", said)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "t", "measure": "hit@7", "at_least": 0.5},
        {"name": "t", "measure": "hit@5"},
        {"name": "t", "measure": "hit@5", "at_least": 0.5, "at_most": 0.9},
        {"name": "t", "measure": "hit@5", "at_least": "high"},
        {"name": "t", "measure": "hit@5", "at_least": 0.5, "kind": "long"},
    ],
)
def test_a_target_that_means_nothing_is_refused(tmp_path: Path, wrong: object) -> None:
    path = tmp_path / "targets.json"
    path.write_text(json.dumps([wrong]), encoding="utf-8")
    with pytest.raises(InvalidValue):
        load_targets(path)
    with pytest.raises(SourceMissing):
        load_targets(tmp_path / "absent.json")
