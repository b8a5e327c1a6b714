"""The tables of a run, for the terminal and for its page."""

from collections.abc import Sequence

from vigie.evals.bootstrap import Interval
from vigie.evals.metrics import percentile
from vigie.evals.record import Asked, Run
from vigie.evals.stopwatch import COSTLY, TIMED
from vigie.evals.summary import (
    ANSWERS,
    RETRIEVAL,
    SHARES,
    Slice,
    cpu,
    curve,
    margin,
    measured,
    over_encoding,
    slices,
    systems,
    times,
    units,
)
from vigie.evals.systems import OURS, PEERS
from vigie.evals.tables import MISSING, Speech, Table

# What is told apart by set: the first is what most readers know.
HEADLINES = ("hit@5", "ndcg@10")
# What a lead is judged on.
COMPARED = ("hit@1", *HEADLINES)
# Not a share: told with fewer decimals.
COUNTS = frozenset({"statements"})


def tables(run: Run, speech: Speech) -> list[Table]:
    """Every table that the run has something for, in the order of the page."""
    found = [
        by_system(run.questions, speech),
        margins(run.questions, speech),
        *by_part(run.questions, speech),
        answers(run.questions, speech),
        latency(run.questions, speech),
        costs(run.questions, speech),
    ]
    return [table for table in found if table.rows]


def whole(questions: Sequence[Asked]) -> tuple[Asked, ...]:
    """The questions that count in the averages of the whole run."""
    return slices(questions)[0].questions


def by_system(questions: Sequence[Asked], speech: Speech) -> Table:
    """Retrieval of each system."""
    kept = whole(questions)
    measures = [name for name in RETRIEVAL if units(kept, name)]
    rows = [
        (
            speech.system(name),
            *(speech.around(measured(kept, measure, name)) for measure in measures),
        )
        for name in (systems(questions) if measures else ())
    ]
    columns = (speech("system"), *measures)
    note = speech("needs_note", needs=len(units(kept, HEADLINES[0])))
    return Table("systems", speech("caption_systems"), columns, tuple(rows), note)


def margins(questions: Sequence[Asked], speech: Speech) -> Table:
    """By how much our own search is above each other system, with bounds, and in words."""
    kept = whole(questions)
    rows, level = [], []
    for name in systems(questions):
        found = {measure: margin(kept, measure, name) for measure in COMPARED}
        if name == OURS or not found[HEADLINES[0]].units:
            continue
        cells = (speech.interval(one, signed=True) for one in found.values())
        rows.append((speech.system(name), _verdict(found, speech), *cells))
        if name in PEERS and not ahead(found[HEADLINES[0]]):
            level.append(speech.system(name))
    columns = (speech("system"), speech("verdict"), *COMPARED)
    told = {"measure": HEADLINES[0], "systems": ", ".join(level)}
    peers = any(name in PEERS for name in systems(questions))
    note = speech("behind_some" if level else "ahead_of_all", **told) if peers else ""
    return Table("margins", speech("caption_margins"), columns, tuple(rows), note)


def ahead(found: Interval) -> bool:
    """Whether a lead is more than chance."""
    return found.apart_from_zero and found.low > 0


def _verdict(found: dict[str, Interval], speech: Speech) -> str:
    if all(map(ahead, found.values())):
        return speech("ahead")
    behind = [measure for measure, one in found.items() if one.units and one.high < 0]
    if behind:
        return speech("behind", measures=", ".join(behind))
    unclear = [measure for measure, one in found.items() if one.units and not ahead(one)]
    return speech("unclear", measures=", ".join(unclear)) if unclear else speech("ahead")


def by_part(questions: Sequence[Asked], speech: Speech) -> list[Table]:
    """For sets, then for kinds: our own search, every system, our lead."""
    return [
        table(questions, by, speech)
        for by in ("set", "kind")
        for table in (by_slice, slices_by_system, leads_by_slice)
    ]


def by_slice(questions: Sequence[Asked], by: str, speech: Speech) -> Table:
    """Our own retrieval for each set or kind."""
    parts = _measured_parts(questions, by)
    measures = [name for name in RETRIEVAL if any(units(part.questions, name) for part in parts)]
    rows = [
        (
            part.name,
            _needs(part),
            *(speech.around(measured(part.questions, measure)) for measure in measures),
        )
        for part in parts
    ]
    columns = (speech(by), speech("needs"), *measures)
    return Table(by, speech(f"caption_{by}"), columns, tuple(rows))


def slices_by_system(questions: Sequence[Asked], by: str, speech: Speech) -> Table:
    """The headline measure of every system for each set or kind."""
    names = systems(questions)
    measure = HEADLINES[0]
    rows = [
        (part.name, _needs(part), *(_mean(part, measure, name, speech) for name in names))
        for part in _measured_parts(questions, by)
        if len(names) > 1
    ]
    columns = (speech(by), speech("needs"), *map(speech.system, names))
    caption = speech(f"caption_{by}_systems", measure=measure)
    return Table(f"{by}-systems", caption, columns, tuple(rows))


def leads_by_slice(questions: Sequence[Asked], by: str, speech: Speech) -> Table:
    """Our lead over every other system for each set or kind; ≈ where it may be chance."""
    names = [name for name in systems(questions) if name != OURS]
    measure = HEADLINES[0]
    rows = [
        (
            part.name,
            _needs(part),
            *(speech.lead(margin(part.questions, measure, name)) for name in names),
        )
        for part in _measured_parts(questions, by)
        if names
    ]
    columns = (speech(by), speech("needs"), *map(speech.system, names))
    caption = speech(f"caption_{by}_leads", measure=measure)
    return Table(f"{by}-leads", caption, columns, tuple(rows), speech("leads_note"))


def _measured_parts(questions: Sequence[Asked], by: str) -> list[Slice]:
    parts = [part for part in slices(questions) if part.by == by]
    return [part for part in parts if units(part.questions, HEADLINES[0])]


def _needs(part: Slice) -> str:
    return str(len(units(part.questions, HEADLINES[0])))


def _mean(part: Slice, measure: str, system: str, speech: Speech) -> str:
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
    """Percentiles of each stage in milliseconds; how many encodings a search is worth."""
    rows = [
        (speech(f"stage_{stage}"), *(speech.number(percentile(found, at), 1) for at in SHARES))
        for stage in TIMED
        if (found := times(questions, stage))
    ]
    columns = (speech("stage"), *(speech("percentile", at=round(100 * at)) for at in SHARES))
    ratio = over_encoding(questions)
    note = speech("over_encoding", ratio=speech.number(ratio, 2)) if ratio else ""
    return Table("latency", speech("caption_latency"), columns, tuple(rows), note)


def costs(questions: Sequence[Asked], speech: Speech) -> Table:
    """Seconds of processor of a search and of an answer, for one question and for a thousand."""
    rows = [
        (
            speech(f"stage_{stage}"),
            speech.interval(found),
            speech.number(found.mean * 1000 / 60, 1),
            str(found.units),
        )
        for stage in COSTLY
        if (found := cpu(questions, stage)).units
    ]
    columns = (speech("stage"), speech("cpu"), speech("cpu_thousand"), speech("questions"))
    return Table("costs", speech("caption_costs"), columns, tuple(rows), speech("costs_note"))
