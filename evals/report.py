"""A run as one page that needs nothing else: no script, no request, the same in print."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from vigie.evals import plots, results
from vigie.evals.bootstrap import RESAMPLES, SEED
from vigie.evals.charts import Plot
from vigie.evals.record import Asked, Label, Run
from vigie.evals.results import whole
from vigie.evals.summary import ANSWERS, RETRIEVAL, misses, rank, wrong_answers
from vigie.evals.systems import OURS
from vigie.evals.tables import Speech, Table
from vigie.evals.targets import Target, leads, reached

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


def page(run: Run, language: str, targets: Sequence[Target] = ()) -> str:
    """The whole report as HTML."""
    speech = Speech(language)
    missed, wrong = misses(whole(run.questions)), wrong_answers(run.questions)
    return template("report.html").render(
        speech=speech,
        title=speech("title"),
        lines=lines(run.label, len(run.questions), speech),
        sections=[section for section in _sections(run, targets, speech) if section.tables],
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
        speech("sampling", resamples=speech.number(RESAMPLES), seed=SEED),
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


def _sections(run: Run, targets: Sequence[Target], speech: Speech) -> list[Section]:
    questions = run.questions
    quality = [results.by_system(questions, speech), results.margins(questions, speech)]
    aims = [table(targets, questions, speech) for table in (reached, leads)]
    return [
        _section("quality", speech, plots.by_system(questions, speech), quality),
        _section("targets", speech, [], aims),
        _section(
            "slices", speech, plots.by_slice(questions, speech), results.by_part(questions, speech)
        ),
        _section("answers", speech, [], [results.answers(questions, speech)]),
        _section(
            "abstention",
            speech,
            plots.abstention(questions, speech),
            [results.abstention(questions, speech)],
        ),
        _section(
            "latency",
            speech,
            plots.latency(questions, speech),
            [results.latency(questions, speech), results.costs(questions, speech)],
        ),
    ]


def _section(key: str, speech: Speech, drawn: Sequence[Plot], found: Sequence[Table]) -> Section:
    kept = tuple(table for table in found if table.rows)
    title, note = speech(f"section_{key}"), speech(f"note_{key}")
    return Section(f"section-{key}", title, note, tuple(drawn), kept)


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
