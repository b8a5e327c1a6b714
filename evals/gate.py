"""Floors: the lowest accepted value of measures, recorded with how they were obtained."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vigie.evals.dataset import sample_folder
from vigie.evals.judging import LESS_IS_BETTER
from vigie.evals.record import Run
from vigie.ingest.errors import InvalidValue, SourceMissing

FILE = "floors.json"
TIMES = ("_p50", "_p95", "cpu_s")


@dataclass(frozen=True, slots=True)
class Floors:
    """`floors` is by name of measure (`set/measure` for a set); they hold for one embedder."""

    date: date
    command: str
    embedder: str
    floors: dict[str, float]


@dataclass(frozen=True, slots=True)
class Below:
    """A measure under its floor."""

    name: str
    value: float
    floor: float


def load_floors(path: Path | None = None) -> Floors:
    """The floors shipped with the sample, or those of a file.

    Raises SourceMissing without the file, InvalidValue for what cannot be a floor: a gate that
    checks nothing must not look like one that passes.
    """
    path = path or sample_folder() / FILE
    if not path.is_file():
        raise SourceMissing(path=path)
    try:
        found = TypeAdapter(Floors).validate_json(path.read_bytes())
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "JSON"
        raise InvalidValue(name=path, value=place, expected=wrong["msg"]) from error
    for name in found.floors or [""]:
        if not rises_with_quality(name):
            raise InvalidValue(name=path, value=name, expected="hit@5, answered, …")
    return found


def rises_with_quality(name: str) -> bool:
    """Whether a lowest value of this measure means anything; False without a name."""
    measure = name.rpartition("/")[2]
    return bool(name) and measure not in LESS_IS_BETTER and not measure.endswith(TIMES)


def below(run: Run, floors: Floors) -> list[Below]:
    """Measures under their floor; raises InvalidValue when the run cannot be held against them."""
    if run.label.embedder != floors.embedder:
        raise InvalidValue(name="--embedder", value=run.label.embedder, expected=floors.embedder)
    if unknown := floors.floors.keys() - run.measures.keys():
        raise InvalidValue(
            name=FILE, value=", ".join(sorted(unknown)), expected=", ".join(run.measures)
        )
    return [
        Below(name, run.measures[name], floor)
        for name, floor in floors.floors.items()
        if run.measures[name] < floor
    ]
