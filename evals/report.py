"""A run as one page that needs nothing else: no script, no request, the same in print."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from vigie.assistant.abstention import ABSTAIN_BELOW
from vigie.evals import charts, tables
from vigie.evals.charts import Mark, Plot, Words
from vigie.evals.metrics import percentile
from vigie.evals.record import Asked, Label, Run
from vigie.evals.summary import (
    ANSWERS,
    RETRIEVAL,
    STAGES,
    curve,
    measured,
    misses,
    rank,
    slices,
    systems,
    times,
    wrong_answers,
)
from vigie.evals.systems import OURS
from vigie.evals.tables import HEADLINES, Speech, Table, whole

# What one person reads in half an hour.
SHOWN_MISSES = 30
SHOWN_ANSWERS = 20
SHOWN_MISSING = 5


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    key: str
    title: str
    note: str
    plots: tuple[Plot, ...]
    tables: tuple[Table, ...]


def page(run: Run, language: str) -> str:
    """The whole report as HTML."""
    speech = Speech(language)
    missed, wrong = misses(whole(run.questions)), wrong_answers(run.questions)
    return template("report.html").render(
        speech=speech,
        title=speech("title"),
        lines=lines(run.label, len(run.questions), speech),
        sections=[section for section in _sections(run, speech) if section.tables],
        misses=[_miss(one, run.label, speech) for one in missed[:SHOWN_MISSES]],
        missed=len(missed),
        wrong=[_wrong(one, run.label, speech) for one in wrong[:SHOWN_ANSWERS]],
        wrongs=len(wrong),
        definitions=[(name, speech(name)) for name in (*RETRIEVAL, *ANSWERS)],
    )


def write(path: Path, content: str) -> None:
    """Writes a page, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def template(name: str) -> Template:
    """A template of this package; text put into it is escaped."""
    folder = str(files("vigie.evals") / "templates")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def lines(label: Label, questions: int, speech: Speech) -> list[str]:
    """When, with what and over what a run was made, a sentence a line."""
    when = format_datetime(label.made, "long", locale=speech.language)
    told = [
        speech("made", when=when, version=label.vigie, seconds=speech.number(label.seconds)),
        speech(
            "embedder",
            name=label.embedder,
            revision=label.revision,
            dimensions=label.dimensions,
            machine=label.machine,
            threads=label.threads,
        ),
        speech("asked", questions=speech.number(questions), command=label.command),
    ]
    for corpus in label.corpora:
        sizes = {
            "documents": speech.number(corpus.documents),
            "chunks": speech.number(corpus.chunks),
        }
        told.append(speech("corpus", name=corpus.name, **sizes))
        if corpus.missing:
            first = ", ".join(corpus.missing[:SHOWN_MISSING])
            count = len(corpus.missing)
            told.append(speech("missing", name=corpus.name, count=count, first=first))
    return told


def _sections(run: Run, speech: Speech) -> list[Section]:
    questions = run.questions
    sliced = [
        table(questions, by, speech)
        for by in ("set", "kind")
        for table in (tables.by_slice, tables.slices_by_system)
    ]
    return [
        _section(
            "quality",
            speech,
            _by_system(questions, speech),
            [tables.by_system(questions, speech), tables.margins(questions, speech)],
        ),
        _section("slices", speech, _by_slice(questions, speech), sliced),
        _section("answers", speech, [], [tables.answers(questions, speech)]),
        _section(
            "abstention", speech, _curve(questions, speech), [tables.abstention(questions, speech)]
        ),
        _section(
            "latency", speech, _latency(questions, speech), [tables.latency(questions, speech)]
        ),
    ]


def _section(key: str, speech: Speech, plots: Sequence[Plot], found: Sequence[Table]) -> Section:
    kept = tuple(table for table in found if table.rows)
    title, note = speech(f"section_{key}"), speech(f"note_{key}")
    return Section(f"section-{key}", title, note, tuple(plots), kept)


def _by_system(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    kept = whole(questions)
    plots = []
    for measure in HEADLINES:
        marks = [
            Mark(speech.system(name), found.mean, found.low, found.high, int(name != OURS))
            for name in systems(questions)
            if (found := measured(kept, measure, name)).units
        ]
        plots += _intervals(f"system-{measure}", measure, marks, speech)
    return plots


def _by_slice(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    measure = HEADLINES[0]
    marks = [
        Mark(part.name or speech("all"), found.mean, found.low, found.high)
        for part in slices(questions)
        if part.by != "kind" and (found := measured(part.questions, measure)).units
    ]
    return _intervals("sets", measure, marks, speech)


def _intervals(key: str, measure: str, marks: Sequence[Mark], speech: Speech) -> list[Plot]:
    if not marks:
        return []
    told = "; ".join(f"{mark.label} {speech.share(mark.value)}" for mark in marks)
    words = Words(key.replace("@", "-"), speech("plot_intervals", measure=measure), told)
    return [charts.intervals(marks, words, lambda value: speech.number(value, 2))]


def _curve(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
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


def _latency(questions: Sequence[Asked], speech: Speech) -> list[Plot]:
    marks = [
        Mark(speech(f"stage_{stage}"), percentile(found, 0.5), min(found), percentile(found, 0.95))
        for stage in STAGES
        if (found := times(questions, stage))
    ]
    if not marks:
        return []
    told = "; ".join(f"{mark.label} {speech.number(mark.value)} ms" for mark in marks)
    top = max(mark.high for mark in marks) or 1.0
    words = Words("latency", speech("plot_latency"), told)
    return [charts.intervals(marks, words, lambda value: speech.number(value), top)]


def _miss(one: Asked, label: Label, speech: Speech) -> dict[str, object]:
    place = rank(one)
    others = [
        speech("rank_of", system=speech.system(name), rank=rank(one, name) or speech("absent"))
        for name in one.found
        if name != OURS
    ]
    return {
        "question": one.question,
        "place": speech("rank", rank=place) if place else speech("absent"),
        "expected": [_named(name, label) for name in one.relevant],
        "found": [
            {"name": _named(first.document, label), "text": first.text}
            for first in one.found[OURS].first
            if first.document not in one.relevant
        ],
        "others": " · ".join(others),
    }


def _wrong(one: Asked, label: Label, speech: Speech) -> dict[str, object]:
    answer = one.answer
    if answer is None:
        return {}
    why = "why_incomplete"
    if answer.abstained:
        why = "why_refused"
    elif not one.answerable:
        why = "why_answered"
    return {
        "question": one.question,
        "why": speech(why),
        "gold": one.gold,
        "text": answer.text,
        "cited": " · ".join(_named(name, label) for name in answer.cited),
    }


def _named(location: str, label: Label) -> str:
    title = label.titles.get(location)
    return f"{title} ({location})" if title else location
