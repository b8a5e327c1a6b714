"""Targets given in a file, and whether a run reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from vigie.evals.bootstrap import Interval
from vigie.evals.metrics import mean
from vigie.evals.record import Asked
from vigie.evals.stopwatch import SEARCHING
from vigie.evals.summary import (
    ANSWERS,
    RETRIEVAL,
    margin,
    measured,
    over_encoding,
    systems,
    times,
    units,
)
from vigie.evals.systems import OURS
from vigie.evals.tables import MISSING, Speech, Table
from vigie.ingest.errors import InvalidValue, SourceMissing

# Beside the measures of a run: its median search over its median encoding.
OVER_ENCODING = "search/encode"
MEASURES = (*RETRIEVAL, *ANSWERS, OVER_ENCODING)


@dataclass(frozen=True, slots=True)
class Target:
    """What a measure should reach, over the questions of some sets and kinds, or over all.

    `at_most` is for what is better low. With `times`, the name of another system, the target is
    so many times the value of that system.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    measure: str
    at_least: float | None = None
    at_most: float | None = None
    kinds: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    times: str | None = None

    def of(self, questions: Sequence[Asked]) -> list[Asked]:
        """Those that it is about; the kinds left out of averages are in when they are named."""
        return [
            one
            for one in questions
            if (not self.kinds or one.kind in self.kinds)
            and (not self.sets or one.set in self.sets)
        ]


def load_targets(path: Path) -> list[Target]:
    """Raises SourceMissing, or InvalidValue naming what is wrong."""
    if not path.is_file():
        raise SourceMissing(path=path)
    try:
        found = TypeAdapter(list[Target]).validate_json(path.read_bytes())
    except ValidationError as error:
        wrong: Any = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "JSON"
        raise InvalidValue(name=path, value=place, expected=wrong["msg"]) from error
    for one in found:
        if one.measure not in MEASURES:
            expected = ", ".join(MEASURES)
            raise InvalidValue(name=f"{path}: {one.name}", value=one.measure, expected=expected)
        if (one.at_least is None) == (one.at_most is None):
            raise InvalidValue(name=path, value=one.name, expected="at_least | at_most")
    return found


def reached(targets: Sequence[Target], questions: Sequence[Asked], speech: Speech) -> Table:
    """One row for each target: every system, our own with its bounds, and in words."""
    names = [name for name in systems(questions) if name != OURS]
    rows = [_row(target, questions, names, speech) for target in targets]
    columns = ("name", "measure", "needs", "target", "reached_value", "verdict")
    heads = (*(speech(name) for name in columns), *map(speech.system, names))
    return Table("targets", speech("caption_targets"), heads, tuple(rows))


def leads(targets: Sequence[Target], questions: Sequence[Asked], speech: Speech) -> Table:
    """Our lead over every other system on the questions of each target; ≈ where it may be chance."""
    names = [name for name in systems(questions) if name != OURS]
    rows = []
    for target in targets:
        asked = target.of(questions)
        found = [margin(asked, target.measure, name) for name in names]
        if any(one.units for one in found):
            cells = (speech.lead(one) for one in found)
            rows.append((target.name, target.measure, str(max(o.units for o in found)), *cells))
    heads = (speech("name"), speech("measure"), speech("needs"), *map(speech.system, names))
    caption = speech("caption_target_leads")
    return Table("target-leads", caption, heads, tuple(rows), speech("leads_note"))


def _row(
    target: Target, questions: Sequence[Asked], names: Sequence[str], speech: Speech
) -> tuple[str, ...]:
    asked = target.of(questions)
    found = _value(target, asked)
    wanted = _wanted(target, asked)
    told = MISSING
    if wanted is not None:
        sign = "≥" if target.at_most is None else "≤"
        told = f"{sign} {speech.share(wanted)}"
    others = (measured(asked, target.measure, name) for name in names)
    return (
        target.name,
        target.measure,
        str(found.units),
        told,
        speech.interval(found),
        speech(_verdict(target, found, wanted)),
        *(speech.share(other.mean) if other.units else MISSING for other in others),
    )


def _value(target: Target, asked: Sequence[Asked]) -> Interval:
    if target.measure != OVER_ENCODING:
        return measured(asked, target.measure)
    ratio = over_encoding(asked)
    return Interval(ratio, ratio, ratio, len(times(asked, SEARCHING)))


def _wanted(target: Target, asked: Sequence[Asked]) -> float | None:
    """None when the system that it is a multiple of was not measured."""
    value = target.at_least if target.at_most is None else target.at_most
    if target.times is None or value is None:
        return value
    theirs = units(asked, target.measure, target.times)
    return value * mean(list(theirs.values())) if theirs else None


def _verdict(target: Target, found: Interval, wanted: float | None) -> str:
    if wanted is None or not found.units:
        return "unmeasured"
    if target.at_most is not None:
        return "target_reached" if found.mean <= wanted else "target_missed"
    if found.mean < wanted:
        return "target_near" if found.high >= wanted else "target_missed"
    return "target_sure" if found.low >= wanted else "target_reached"
