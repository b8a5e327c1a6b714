"""Benches and settings in, one run out."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from vigie.assistant.settings import Settings
from vigie.evals.benches import Bench
from vigie.evals.corpora import Opened, open_corpus
from vigie.evals.record import FORMAT, Asked, CorpusLabel, Label, Run
from vigie.evals.run import run
from vigie.evals.summary import flat
from vigie.index import sync


class Watcher(Protocol):
    """Whoever shows how far a run is."""

    def indexing(self, name: str, done: int, chunks: int) -> None: ...
    def asking(self, name: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Part:
    """What one bench brought."""

    questions: list[Asked]
    corpus: CorpusLabel
    titles: dict[str, str]
    model: tuple[str, str, int]


def measure(
    settings: Settings,
    benches: Sequence[Bench],
    *,
    work: Path,
    systems: Sequence[str] = (),
    answers: bool = True,
    command: str = "",
    progress: Watcher,
) -> Run:
    """Each bench in turn; `systems` are searched beside Vigie, `answers` False only searches."""
    began = time.monotonic()
    parts = [_part(settings, bench, work, systems, answers, progress) for bench in benches]
    questions = tuple(one for part in parts for one in part.questions)
    name, revision, dimensions = parts[0].model
    label = Label(
        made=datetime.now(UTC).replace(microsecond=0),
        vigie=version("vigie"),
        command=command,
        embedder=name,
        revision=revision,
        dimensions=dimensions,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU",
        threads=settings.threads,
        seconds=time.monotonic() - began,
        corpora=tuple(part.corpus for part in parts),
        titles={key: title for part in parts for key, title in part.titles.items()},
    )
    return Run(FORMAT, label, flat(questions), questions)


def _part(
    settings: Settings,
    bench: Bench,
    work: Path,
    systems: Sequence[str],
    answers: bool,
    progress: Watcher,
) -> Part:
    def indexing(step: sync.Progress) -> None:
        progress.indexing(bench.name, step.done, step.chunks)

    def asking(system: str, done: int, total: int) -> None:
        progress.asking(f"{bench.name} – {system}" if system else bench.name, done, total)

    opened = open_corpus(settings, bench, work, indexing)
    try:
        questions = run(opened, systems, answers, asking)
        return _labelled(opened, questions)
    finally:
        opened.close()


def _labelled(opened: Opened, questions: list[Asked]) -> Part:
    mentioned = {name for one in questions for name in _mentioned(one)}
    titles = {
        opened.locations[document.id]: document.title
        for document in opened.documents()
        if opened.locations[document.id] in mentioned
    }
    label = CorpusLabel(
        name=opened.bench.name,
        documents=len(opened.locations),
        chunks=opened.index.count(),
        missing=tuple(opened.missing()),
    )
    embedder = opened.embedder
    model = (embedder.name, embedder.revision, embedder.dimensions)
    return Part(questions, label, titles, model)


def _mentioned(one: Asked) -> set[str]:
    first = {first.document for found in one.found.values() for first in found.first}
    return {*one.relevant, *first, *(one.answer.cited if one.answer else ())}
