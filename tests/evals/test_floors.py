"""The gate: what it lets through, what it stops, and that it cannot be empty."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.evals.gate import below, load_floors
from vigie.evals.record import Asked, Run
from vigie.ingest.errors import InvalidValue, SourceMissing

MakeAsked = Callable[..., Asked]
MakeRun = Callable[..., Run]
RECORDED = {"date": "2026-11-24", "command": "vigie eval", "embedder": "demo"}


@pytest.fixture
def floors(tmp_path: Path) -> Callable[[dict[str, object]], Path]:
    def write(values: dict[str, object]) -> Path:
        path = tmp_path / "floors.json"
        path.write_text(json.dumps(RECORDED | {"floors": values}), encoding="utf-8")
        return path

    return write


def test_a_measure_at_its_floor_passes_and_one_below_is_named(
    asked: MakeAsked, make_run: MakeRun, floors: Callable[[dict[str, object]], Path]
) -> None:
    run = make_run([asked("a", 1.0), asked("b", 0.0)])
    found = below(run, load_floors(floors({"hit@5": 0.5, "set-a/hit@5": 0.6})))
    assert [(one.name, one.value, one.floor) for one in found] == [("set-a/hit@5", 0.5, 0.6)]


def test_a_gate_without_a_file_or_without_floors_fails(
    tmp_path: Path, floors: Callable[[dict[str, object]], Path]
) -> None:
    with pytest.raises(SourceMissing):
        load_floors(tmp_path / "absent.json")
    with pytest.raises(InvalidValue):
        load_floors(floors({}))


@pytest.mark.parametrize("name", ["false_refusals", "sample/failed", "search_ms_p50"])
def test_what_is_better_low_cannot_have_a_floor(
    floors: Callable[[dict[str, object]], Path], name: str
) -> None:
    with pytest.raises(InvalidValue, match=name):
        load_floors(floors({name: 0.1}))


def test_a_floor_must_be_a_number_of_a_known_measure(
    asked: MakeAsked, make_run: MakeRun, floors: Callable[[dict[str, object]], Path]
) -> None:
    with pytest.raises(InvalidValue, match="hit@5"):
        load_floors(floors({"hit@5": "high"}))
    with pytest.raises(InvalidValue, match="hit@7"):
        below(make_run([asked("a")]), load_floors(floors({"hit@7": 0.1})))


def test_floors_of_another_embedder_do_not_apply(
    asked: MakeAsked, make_run: MakeRun, floors: Callable[[dict[str, object]], Path]
) -> None:
    with pytest.raises(InvalidValue, match="packaged-model"):
        below(make_run([asked("a")], "packaged-model"), load_floors(floors({"hit@5": 0.1})))
