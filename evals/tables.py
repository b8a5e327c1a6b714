"""Numbers as people read them, and the tables that the terminal and the page share."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from vigie.evals.bootstrap import Interval
from vigie.evals.metrics import mean, percentile
from vigie.evals.record import Asked, Run
from vigie.evals.summary import (
    ANSWERS,
    RETRIEVAL,
    SHARES,
    STAGES,
    Slice,
    curve,
    margin,
    measured,
    slices,
    systems,
    times,
    units,
)
from vigie.evals.systems import OURS
from vigie.ingest.messages import message

# What is compared between systems and told apart by set: the first is what most readers know.
HEADLINES = ("hit@5", "ndcg@10")
# Not a share: told with fewer decimals.
COUNTS = frozenset({"statements"})
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; the first of each row is its header. `key` names it within its page."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """Words and numbers in one language."""

    language: str

    def __call__(self, name: str, /, **values: object) -> str:
        """A message of the area `eval`."""
        return message(f"eval.{name}", self.language, **values)

    def share(self, value: float) -> str:
        """Three decimals: a thousandth is about one question of the largest sets."""
        return format_decimal(value, format="0.000", locale=self.language)

    def signed(self, value: float) -> str:
        """A difference, always with its sign."""
        return format_decimal(value, format="+0.000;−0.000", locale=self.language)

    def number(self, value: float, digits: int = 0) -> str:
        """With the language's grouping and decimal mark."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self.language)

    def interval(self, found: Interval, signed: bool = False) -> str:
        """A mean with its bounds; a dash over no question."""
        if not found.units:
            return MISSING
        shown = self.signed if signed else self.share
        return f"{shown(found.mean)} [{shown(found.low)} ; {shown(found.high)}]"

    def system(self, name: str) -> str:
        """A system as readers know it."""
        return self(f"system_{name.replace('-', '_')}")


def tables(run: Run, speech: Speech) -> list[Table]:
    """Every table that the run has something for, in the order of the page."""
    found = [
        by_system(run.questions, speech),
        margins(run.questions, speech),
        *(
            table(run.questions, by, speech)
            for by in ("set", "kind")
            for table in (by_slice, slices_by_system)
        ),
        answers(run.questions, speech),
        latency(run.questions, speech),
    ]
    return [table for table in found if table.rows]


def whole(questions: Sequence[Asked]) -> tuple[Asked, ...]:
    """The questions that count in the averages of the whole run."""
    return slices(questions)[0].questions


def by_system(questions: Sequence[Asked], speech: Speech) -> Table:
    """Retrieval of each system."""
    kept = whole(questions)
    measures = [name for name in RETRIEVAL if units(kept, name)]
    rows = []
    for name in systems(questions) if measures else ():
        averages = [measured(kept, measure, name) for measure in measures]
        cells = (speech.share(one.mean) if one.units else MISSING for one in averages)
        rows.append((speech.system(name), *cells))
    columns = (speech("system"), *measures)
    return Table("systems", speech("caption_systems"), columns, tuple(rows))


def margins(questions: Sequence[Asked], speech: Speech) -> Table:
    """By how much our own search is above each other system, with bounds."""
    kept = whole(questions)
    rows = [
        (
            speech.system(name),
            *(speech.interval(margin(kept, measure, name), signed=True) for measure in HEADLINES),
        )
        for name in systems(questions)
        if name != OURS and margin(kept, HEADLINES[0], name).units
    ]
    columns = (speech("system"), *HEADLINES)
    return Table("margins", speech("caption_margins"), columns, tuple(rows))


def by_slice(questions: Sequence[Asked], by: str, speech: Speech) -> Table:
    """Our own retrieval for each set or kind."""
    parts = _measured_parts(questions, by)
    measures = [name for name in RETRIEVAL if any(units(part.questions, name) for part in parts)]
    rows = [(part.name, _needs(part), *_cells(part, measures, speech)) for part in parts]
    columns = (speech(by), speech("needs"), *measures)
    return Table(by, speech(f"caption_{by}"), columns, tuple(rows))


def slices_by_system(questions: Sequence[Asked], by: str, speech: Speech) -> Table:
    """The headline measure of every system for each set or kind; no row without another system."""
    names = systems(questions)
    measure = HEADLINES[0]
    rows = [
        (part.name, _needs(part), *(_cell(part, measure, name, speech) for name in names))
        for part in _measured_parts(questions, by)
        if len(names) > 1
    ]
    columns = (speech(by), speech("needs"), *map(speech.system, names))
    caption = speech(f"caption_{by}_systems", measure=measure)
    return Table(f"{by}-systems", caption, columns, tuple(rows))


def _measured_parts(questions: Sequence[Asked], by: str) -> list[Slice]:
    parts = [part for part in slices(questions) if part.by == by]
    return [part for part in parts if units(part.questions, HEADLINES[0])]


def _needs(part: Slice) -> str:
    return str(len(units(part.questions, HEADLINES[0])))


def _cells(part: Slice, measures: Sequence[str], speech: Speech) -> tuple[str, ...]:
    return tuple(_cell(part, measure, OURS, speech) for measure in measures)


def _cell(part: Slice, measure: str, system: str, speech: Speech) -> str:
    found = measured(part.questions, measure, system)
    return speech.share(found.mean) if found.units else MISSING


def answers(questions: Sequence[Asked], speech: Speech) -> Table:
    """Answers, citations and refusals with their bounds."""
    kept = whole(questions)
    rows = [
        (speech(name), name, _average(found, name, speech), str(found.units))
        for name in ANSWERS
        if (found := measured(kept, name)).units
    ]
    columns = (speech("measure"), speech("name"), speech("average"), speech("needs"))
    return Table("answers", speech("caption_answers"), columns, tuple(rows))


def _average(found: Interval, name: str, speech: Speech) -> str:
    return speech.number(found.mean, 1) if name in COUNTS else speech.interval(found)


def abstention(questions: Sequence[Asked], speech: Speech) -> Table:
    """What each threshold would have refused, rightly and wrongly."""
    found = curve(questions)
    distances = sorted({distance for one in found for distance in one.refused})
    rows = tuple(
        (
            speech.number(one.at, 2),
            speech.share(one.false_refusals),
            *(speech.share(one.refused[distance]) for distance in distances),
        )
        for one in found
    )
    columns = (
        speech("threshold"),
        speech("false_refusals"),
        *(speech(f"refused_{distance}") for distance in distances),
    )
    return Table("abstention", speech("caption_abstention"), columns, rows)


def latency(questions: Sequence[Asked], speech: Speech) -> Table:
    """Percentiles of each stage in milliseconds; the seconds of processor of an answer."""
    rows = [
        (speech(f"stage_{stage}"), *(speech.number(percentile(found, at), 1) for at in SHARES))
        for stage in STAGES
        if (found := times(questions, stage))
    ]
    columns = (speech("stage"), *(speech("percentile", at=round(100 * at)) for at in SHARES))
    answered = [one.cpu for one in questions if one.answer]
    note = speech("cost", seconds=speech.number(mean(answered), 2)) if answered else ""
    return Table("latency", speech("caption_latency"), columns, tuple(rows), note)


def text(table: Table) -> str:
    """A table for a terminal: first column to the left, the others to the right."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.columns))]
    drawn = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([table.caption, "-" * max(map(len, drawn)), *drawn, table.note]).rstrip()
