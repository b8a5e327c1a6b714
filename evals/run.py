"""Asks every question of a bench, times it, judges what came back and keeps it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from vigie.assistant.answers import Answer, Caller, Delta, Done, Failed
from vigie.assistant.answers import Found as HitsFound
from vigie.evals.assistant_search import assistant_afresh
from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.judging import judged_answer, judged_failure, judged_passages
from vigie.evals.metrics import ranking
from vigie.evals.record import Answered, Asked, First, Found
from vigie.evals.stopwatch import ANSWERING, COSTLY, ENCODING, SEARCHING, TIMED, Taken, timed
from vigie.evals.systems import (
    OURS,
    STAGES,
    UNRANKED,
    Passage,
    documents,
    load_system,
)

# What is kept of the first passages, to show what was found instead: two lines.
FIRST_DOCUMENTS = 3
FIRST_CHARACTERS = 240
# Questions of a bench whose search is timed, encoding included: enough for a 95th percentile. The
# others are searched with kept vectors.
TIMED_QUESTIONS = 200


def run(
    opened: Opened,
    systems: Sequence[str],
    answers: bool,
    progress: Callable[[str, int, int], None],
) -> list[Asked]:
    """One record a question, in order. Systems first, each over all the questions; then answers.

    `progress` is told which system searches (none: answers), how many questions are done, and of
    how many.
    """
    items = opened.bench.items
    taken: dict[str, Taken] = {item.id: Taken() for item in items}
    stages = (*STAGES, UNRANKED) if opened.vigie.settings.reranker else STAGES
    found = {
        name: _judged(items, _ranked(opened, name, taken, progress))
        for name in dict.fromkeys((OURS, *stages, *systems))
    }
    asked = []
    with asyncio.Runner() as runner:
        for number, item in enumerate(items, 1):
            answered = None
            if answers:
                answered = runner.run(_answered(opened, item, taken[item.id]))
                progress("", number, len(items))
            of_item = {name: by_id[item.id] for name, by_id in found.items() if item.id in by_id}
            name = f"{opened.bench.name}/{item.id}"
            asked.append(_asked(name, item, of_item, answered, taken[item.id]))
    return asked


def _ranked(
    opened: Opened,
    name: str,
    taken: Mapping[str, Taken],
    progress: Callable[[str, int, int], None],
) -> dict[str, Found]:
    """What a system finds for each question; notes in `taken` what our own and its stages take.

    All but our own are asked only what has an answer: of the rest, finding says nothing.
    """
    system = load_system(name, opened)
    fresh = assistant_afresh(opened)
    found = {}
    items = [item for item in opened.bench.items if name == OURS or item.answerable]
    every = max(1, len(items) // TIMED_QUESTIONS)
    for number, item in enumerate(items):
        of_item = taken[item.id] if number % every == 0 else Taken()
        if name == OURS and number % every == 0:
            with timed(of_item, ENCODING):
                opened.vigie.embedder.embed_query(item.question)
            with timed(of_item, SEARCHING):
                fresh.read(item)
            passages = system.search(item)
        else:
            # Encoded beforehand: the time of a stage is that of the engine alone.
            opened.embedder.embed_query(item.question)
            with timed(of_item, name):
                passages = system.search(item)
        progress(name, number + 1, len(items))
        values = judged_passages(item, passages)
        first = _first(passages) if name == OURS else ()
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


async def _answered(opened: Opened, item: Item, taken: Taken) -> Answered:
    """The answer; notes in `taken` when each event came."""
    events = opened.vigie.assistant.ask(item.question, Caller(item.audience))
    with timed(taken, ANSWERING) as elapsed:
        async for event in events:
            match event:
                case HitsFound():
                    taken.times["hits"] = elapsed()
                case Delta():
                    taken.times.setdefault("first_words", elapsed())
                case Done(answer=answer):
                    return _kept(opened, item, answer)
                case Failed(message=message):
                    return _failed(item, message)
    return _failed(item, "")


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
    taken: Taken,
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
        times={key: taken.times[key] for key in TIMED if key in taken.times},
        cpu={key: taken.cpu[key] for key in COSTLY if key in taken.cpu},
    )
