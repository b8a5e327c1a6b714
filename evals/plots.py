"""The plots of a run."""

from collections.abc import Sequence

from vigie.assistant.abstention import ABSTAIN_BELOW
from vigie.evals import charts
from vigie.evals.charts import Mark, Plot, Words
from vigie.evals.metrics import percentile
from vigie.evals.record import Asked
from vigie.evals.results import HEADLINES, whole
from vigie.evals.stopwatch import TIMED
from vigie.evals.summary import curve, measured, slices, systems, times
from vigie.evals.systems import OURS, STAGES, UNRANKED
from vigie.evals.tables import Speech


def by_system(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    """For each headline measure: our own search, its stages, then the others."""
    kept = whole(questions)
    plots = []
    for measure in HEADLINES:
        marks = [
            Mark(speech.system(name), found.mean, found.low, found.high, _series(name))
            for name in systems(questions)
            if (found := measured(kept, measure, name)).units
        ]
        plots += _intervals(f"system-{measure}", measure, marks, speech)
    return plots


def by_slice(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    """Our own search, over the whole and for each set."""
    measure = HEADLINES[0]
    marks = [
        Mark(part.name or speech("all"), found.mean, found.low, found.high)
        for part in slices(questions)
        if part.by != "kind" and (found := measured(part.questions, measure)).units
    ]
    return _intervals("sets", measure, marks, speech)


def _series(name: str) -> int:
    """Its colour: our own, a stage of ours, another's."""
    if name == OURS:
        return 0
    return 2 if name in (*STAGES, UNRANKED) else 1


def _intervals(key: str, measure: str, marks: Sequence[Mark], speech: Speech) -> list[Plot]:
    if not marks:
        return []
    told = "; ".join(f"{mark.label} {speech.share(mark.value)}" for mark in marks)
    words = Words(key.replace("@", "-"), speech("plot_intervals", measure=measure), told)
    return [charts.intervals(marks, words, lambda value: speech.number(value, 2))]


def abstention(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    """Refusals by threshold; nothing without probabilities."""
    found = curve(questions)
    if not found:
        return []
    lines = {speech("false_refusals"): [(one.at, one.false_refusals) for one in found]}
    for distance in sorted({name for one in found for name in one.refused}):
        lines[speech(f"refused_{distance}")] = [(one.at, one.refused[distance]) for one in found]
    at = speech.number(ABSTAIN_BELOW, 2)
    words = Words("abstention", speech("plot_abstention"), speech("plot_abstention_told", at=at))
    axis = speech("threshold")
    return [charts.curves(lines, words, axis, lambda value: speech.number(value, 1), ABSTAIN_BELOW)]


def latency(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    """The median of each stage, between its shortest time and its 95th percentile."""
    marks = [
        Mark(speech(f"stage_{stage}"), percentile(found, 0.5), min(found), percentile(found, 0.95))
        for stage in TIMED
        if (found := times(questions, stage))
    ]
    if not marks:
        return []
    told = "; ".join(f"{mark.label} {speech.number(mark.value)} ms" for mark in marks)
    top = max(mark.high for mark in marks) or 1.0
    words = Words("latency", speech("plot_latency"), told)
    return [charts.intervals(marks, words, lambda value: speech.number(value), top)]
