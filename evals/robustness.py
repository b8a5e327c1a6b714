"""`vigie eval robustness`: what is lost when the same questions are written otherwise."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from vigie.assistant.answers import Answer, Caller, Done
from vigie.assistant.settings import Settings
from vigie.evals.arguments import OK, Parser, language_of, show, tell
from vigie.evals.benches import Bench, benches, sample_bench
from vigie.evals.bootstrap import Interval, difference, interval
from vigie.evals.corpora import Opened, open_corpus
from vigie.evals.dataset import Item
from vigie.evals.judging import holds_answer
from vigie.evals.metrics import mean, ranking
from vigie.evals.perturbations import Perturbed, perturbed
from vigie.evals.progress import Progress
from vigie.evals.systems import OURS, System, documents, load_system
from vigie.evals.tables import MISSING, Speech, Table, text
from vigie.ingest.messages import message

NAME = "robustness"
# Where indexes and vectors are kept between runs, within the data folder: those of `vigie eval`.
WORK = "evals"
CLEAN = "clean"
SEARCHED = ("hit@5", "ndcg@10")
ANSWERED = ("refused", "refused_unanswerable", "answer_recall")


@dataclass(frozen=True, slots=True)
class Written:
    """One text with what it brought and what its clean questions brought, by measure."""

    bench: str
    perturbation: str
    unit: str
    text: str
    clean: dict[str, float]
    changed: dict[str, float]


def main(given: Sequence[str], settings: Settings) -> int:
    """Exit status 0; raises Misused for what is no option."""
    language = language_of(given, settings.language)
    parser = Parser(NAME, language)
    parser.add_path("data", "folder", nargs="+")
    parser.add_path("work", "folder")
    parser.add("embedder", metavar=message("eval.named", language))
    parser.add("retrieval", action="store_true")
    parser.add_path("json")
    options = parser.read(given)
    if options is None:
        return OK
    if options.embedder:
        settings = settings.model_copy(update={"embedder": options.embedder})
    speech = Speech(language)
    folders = options.data or ()
    found = [bench for folder in folders for bench in benches(folder)] or [sample_bench()]
    written = [
        one
        for bench in found
        for one in measured(
            settings,
            bench,
            options.work or settings.data_dir / WORK,
            answers=not options.retrieval and not folders,
            progress=Progress(speech),
        )
    ]
    for table in tables(written, speech):
        show(text(table))
    if options.json:
        save(options.json, written)
        tell(speech("written", path=options.json))
    return OK


def measured(
    settings: Settings, bench: Bench, work: Path, *, answers: bool, progress: Progress
) -> list[Written]:
    """Every question of a bench, clean and as each perturbation writes it."""
    opened = open_corpus(
        settings, bench, work, lambda step: progress.indexing(bench.name, step.done, step.chunks)
    )
    try:
        items, system = opened.bench.items, load_system(OURS, opened)
        clean = [Perturbed(item.question, (item,)) for item in items]
        texts = {CLEAN: clean, **perturbed(items)}
        total = sum(map(len, texts.values()))
        done = iter(range(1, total + 1))

        def judged(one: Perturbed) -> dict[str, float]:
            progress.asking(bench.name, next(done), total)
            return _found(system, one) | (_said(opened, one) if answers else {})

        values = {name: [judged(one) for one in group] for name, group in texts.items()}
    finally:
        opened.close()
    by_id = {one.items[0].id: found for one, found in zip(clean, values.pop(CLEAN), strict=True)}
    return [
        Written(bench.name, name, _unit(one), one.text, _average(by_id, one.items), found)
        for name, of_name in values.items()
        for one, found in zip(texts[name], of_name, strict=True)
    ]


def _unit(one: Perturbed) -> str:
    """What counts once: the need that several wordings share, or the pair of questions."""
    return "\n".join(f"{item.set}\n{item.group or item.id}" for item in one.items)


def _average(by_id: dict[str, dict[str, float]], items: Sequence[Item]) -> dict[str, float]:
    """Measures that all the clean questions have."""
    each = [by_id[item.id] for item in items]
    names = set(each[0]).intersection(*each[1:])
    return {name: mean([values[name] for values in each]) for name in names}


def _found(system: System, one: Perturbed) -> dict[str, float]:
    """Measures of one ranking against the documents of each item in turn, averaged."""
    if not all(item.answerable for item in one.items):
        return {}
    documents = _documents(system, one)
    values = ranking(
        {item.id: dict.fromkeys(item.relevant, 1) for item in one.items},
        {item.id: dict(item.grades) for item in one.items},
        {item.id: documents for item in one.items},
    )
    return {name: mean([found[name] for found in values.values()]) for name in SEARCHED}


def _documents(system: System, one: Perturbed) -> Sequence[str]:
    """As the assistant searches, before it answers."""
    item = replace(one.items[0], question=one.text)
    return documents(system.search(item), item)


def _said(opened: Opened, one: Perturbed) -> dict[str, float]:
    """Whether the text was refused, and the share of the expected answers in what was said."""
    answer = asyncio.run(_answer(opened, one))
    refused = float(answer is None or answer.abstained)
    if not one.items[0].answerable:
        return {"refused_unanswerable": refused}
    held = [
        float(answer is not None and holds_answer(item, answer))
        for item in one.items
        if item.answers
    ]
    return {"refused": refused} | ({"answer_recall": mean(held)} if held else {})


async def _answer(opened: Opened, one: Perturbed) -> Answer | None:
    caller = Caller(one.items[0].audience)
    async for event in opened.vigie.assistant.ask(one.text, caller):
        if isinstance(event, Done):
            return event.answer
    return None


def tables(written: Sequence[Written], speech: Speech) -> list[Table]:
    """One table for each bench and group of measures that has a value."""
    made = [
        _table(bench, of_bench, measures, speech)
        for bench, of_bench in _grouped(written, lambda one: one.bench).items()
        for measures in (SEARCHED, ANSWERED)
    ]
    return [table for table in made if table.rows]


def _table(
    bench: str, written: Sequence[Written], measures: Sequence[str], speech: Speech
) -> Table:
    rows = []
    for name, group in _grouped(written, lambda one: one.perturbation).items():
        cells = [_cells(group, measure, speech) for measure in measures]
        if any(count for count, *_ in cells):
            shown = (cell for _, *of_measure in cells for cell in of_measure)
            rows.append((speech(f"perturbation_{name}"), str(max(n for n, *_ in cells)), *shown))
    columns = [speech("perturbation"), speech("needs")]
    for measure in measures:
        named = measure if measure in SEARCHED else speech(measure)
        columns += [named, speech("written_otherwise"), speech("difference")]
    caption = speech("caption_robustness", name=bench)
    return Table(f"{bench}-{measures[0]}", caption, tuple(columns), tuple(rows))


def _cells(group: Sequence[Written], measure: str, speech: Speech) -> tuple[int, str, str, str]:
    clean, changed = (_units(group, measure, side) for side in ("clean", "changed"))
    found = difference(clean, changed)
    if not found.units:
        return 0, MISSING, MISSING, MISSING
    before, after = (_mean(values) for values in (clean, changed))
    shown = speech.share(before.mean), speech.share(after.mean)
    return found.units, *shown, speech.interval(found, signed=True)


def _mean(values: dict[str, float]) -> Interval:
    return interval(list(values.values()))


def _units(group: Iterable[Written], measure: str, side: str) -> dict[str, float]:
    """One value for each need, over the texts whose clean questions have the measure too."""
    found: dict[str, list[float]] = {}
    for one in group:
        if measure in one.clean and measure in one.changed:
            found.setdefault(one.unit, []).append(getattr(one, side)[measure])
    return {unit: mean(values) for unit, values in found.items()}


def _grouped(
    written: Iterable[Written], name: Callable[[Written], str]
) -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = {}
    for one in written:
        found.setdefault(name(one), []).append(one)
    return found


def save(path: Path, written: Iterable[Written]) -> None:
    """Every text with its values, for a closer look; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(one) for one in written]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
