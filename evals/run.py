"""Asks every question of a bench, times it, judges what came back and keeps it."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from vigie.assistant.answers import Answer, Caller, Delta, Done, Failed
from vigie.assistant.answers import Found as HitsFound
from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.judging import judged_answer, judged_failure, judged_passages
from vigie.evals.metrics import ranking
from vigie.evals.record import Answered, Asked, First, Found
from vigie.evals.systems import OURS, Passage, System, documents, load_system

# What is kept of the first passages, to show what was found instead: two lines.
FIRST_DOCUMENTS = 3
FIRST_CHARACTERS = 240
MILLISECONDS = 1000.0


def run(
    opened: Opened,
    systems: Sequence[str],
    answers: bool,
    progress: Callable[[int], None],
) -> list[Asked]:
    """One record a question, in order. Systems first, each over all the questions; then answers.

    `progress` is told how many questions have been answered, or searched without answers.
    """
    items = opened.bench.items
    rankings: dict[str, dict[str, Found]] = {}
    times: dict[str, dict[str, float]] = {item.id: {} for item in items}
    for name in dict.fromkeys((OURS, *systems)):
        system = load_system(name, opened)
        timed = times if name == OURS else None
        rankings[name] = _ranked(opened, system, timed, None if answers else progress)
    found = {name: _judged(items, of_system) for name, of_system in rankings.items()}
    asked = []
    with asyncio.Runner() as runner:
        for number, item in enumerate(items, 1):
            answered, cpu = None, 0.0
            if answers:
                answered, cpu = runner.run(_answered(opened, item, times[item.id]))
                progress(number)
            of_item = {name: by_id[item.id] for name, by_id in found.items() if item.id in by_id}
            name = f"{opened.bench.name}/{item.id}"
            asked.append(_asked(name, item, of_item, answered, times[item.id], cpu))
    return asked


def _ranked(
    opened: Opened,
    system: System,
    times: Mapping[str, dict[str, float]] | None,
    progress: Callable[[int], None] | None,
) -> dict[str, Found]:
    """What a system finds for each question; `times` is given for our own system.

    The others are asked only what has an answer: of the rest, finding says nothing.
    """
    found = {}
    items = [item for item in opened.bench.items if times is not None or item.answerable]
    for number, item in enumerate(items, 1):
        began = time.perf_counter()
        if times is not None:
            opened.vigie.embedder.embed_query(item.question)
        encoded = time.perf_counter()
        passages = system.search(item)
        searched = time.perf_counter()
        if times is not None:
            times[item.id]["encode"] = MILLISECONDS * (encoded - began)
            times[item.id]["search"] = MILLISECONDS * (searched - encoded)
            if progress:
                progress(number)
        values = judged_passages(item, passages)
        first = _first(passages) if times is not None else ()
        found[item.id] = Found(documents(passages, item), first, values)
    return found


def _first(passages: Iterable[Passage]) -> tuple[First, ...]:
    by_document: dict[str, First] = {}
    for passage in passages:
        if len(by_document) == FIRST_DOCUMENTS:
            break
        text = " ".join(passage.text.split())[:FIRST_CHARACTERS]
        by_document.setdefault(passage.document, First(passage.document, text))
    return tuple(by_document.values())


def _judged(items: Sequence[Item], found: Mapping[str, Found]) -> dict[str, Found]:
    values = ranking(
        {item.id: dict.fromkeys(item.relevant, 1) for item in items},
        {item.id: dict(item.grades) for item in items},
        {key: one.documents for key, one in found.items()},
    )
    return {
        key: replace(one, values=values.get(key, {}) | one.values) for key, one in found.items()
    }


async def _answered(opened: Opened, item: Item, times: dict[str, float]) -> tuple[Answered, float]:
    """The answer and its seconds of processor; times the events as they come."""
    began, cpu = time.perf_counter(), time.process_time()

    def elapsed() -> float:
        return MILLISECONDS * (time.perf_counter() - began)

    async for event in opened.vigie.assistant.ask(item.question, Caller(item.audience)):
        match event:
            case HitsFound():
                times["hits"] = elapsed()
            case Delta():
                times.setdefault("first_words", elapsed())
            case Done(answer=answer):
                times["answer"] = elapsed()
                cpu = time.process_time() - cpu
                return _kept(opened, item, answer), cpu
            case Failed(message=message):
                return _failed(item, message), time.process_time() - cpu
    return _failed(item, ""), time.process_time() - cpu


def _failed(item: Item, message: str) -> Answered:
    return Answered(message, "failed", (), None, judged_failure(item))


def _kept(opened: Opened, item: Item, answer: Answer) -> Answered:
    cited = tuple(opened.locations[citation.document_id] for citation in answer.citations)
    exact = list(_exact(opened, item, answer))
    return Answered(
        text=answer.text,
        method=str(answer.method),
        cited=tuple(dict.fromkeys(cited)),
        probability=answer.probability,
        values=judged_answer(item, answer, cited, exact),
    )


def _exact(opened: Opened, item: Item, answer: Answer) -> Iterable[bool]:
    """Whether each quote equals the stored text at its offsets, as this caller may read it."""
    for citation in answer.citations:
        document = opened.vigie.catalogue.get(citation.document_id, item.audience)
        yield (
            document is not None and document.text[citation.start : citation.end] == citation.quote
        )


def _asked(
    name: str,
    item: Item,
    found: dict[str, Found],
    answered: Answered | None,
    times: dict[str, float],
    cpu: float,
) -> Asked:
    return Asked(
        id=name,
        question=item.question,
        set=item.set,
        kind=item.kind,
        group=item.group,
        distance=item.distance,
        relevant=tuple(sorted(item.relevant)),
        gold=item.gold,
        found=found,
        answer=answered,
        times=times,
        cpu=cpu,
    )
