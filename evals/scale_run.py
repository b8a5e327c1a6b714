"""Builds indexes of a size and puts them in order, each step in a process of its own.

A process begins with no memory but that of its imports, so that what it takes can be told.
"""

import os
import random
import resource
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from vigie.evals.scale_points import SEED, Made, Padding, RealDocument
from vigie.index.collection import COLLECTION, ensure
from vigie.index.edge import EdgeClient
from vigie.index.embedders import Vectors
from vigie.index.search import UPSERT_BATCH
from vigie.index.sizing import Codes, Layout
from vigie.ingest.documents import Audience

LAYOUTS = {
    "exact": Layout(),
    "int8": Layout(Codes.INT8, since=1),
    "binary": Layout(Codes.BINARY, since=1),
    "graph": Layout(graph=True, since=1),
    "graph+int8": Layout(Codes.INT8, graph=True, since=1),
}
EXACT = "exact"
# What a filter of dates lets through.
FILTERED_SHARE = 0.01
PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1_000_000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class AskedAt:
    """A question with its vector and its documents, by their ids in the index."""

    id: str
    text: str
    audience: Audience
    relevant: frozenset[str]
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Known:
    """An embedder of the questions alone: what is timed is the search without it."""

    name: str
    revision: str
    dimensions: int
    budget: int
    prefixes: tuple[str, str]
    vectors: dict[str, Vectors]
    fallback_from: str | None = None

    def count(self, text: str) -> int:
        """Words: nothing here depends on it."""
        return len(text.split())

    def embed_query(self, text: str) -> Vectors:
        """The vector that it was given."""
        return self.vectors[text]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Nothing is encoded while measuring."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Built:
    """Seconds are those of the engine, without making the points up; `window` is the days that
    about a hundredth of the chunks fall into."""

    points: int
    chunks: int
    seconds: float
    peak: float
    window: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds, megabytes and shares; a ranking is compared with that of exact search.

    `processor` is what a question takes of it, whoever else uses the machine: `search` is what it
    takes by the clock. `lexical` and `dense` are medians of it for each side alone.
    """

    size: int
    layout: str
    points: int
    chunks: int
    build_seconds: float
    chunks_per_second: float
    order_seconds: float
    order_peak: float
    build_peak: float
    disk: float
    open_seconds: float
    opened: float
    resident: float
    own: float
    search: tuple[float, ...]
    processor: tuple[float, ...]
    filtered: tuple[float, ...]
    filtered_processor: tuple[float, ...]
    filter_keeps: float
    lexical: float
    dense: float
    at_once: tuple[float, ...]
    per_second: float
    hit: float
    ndcg: float
    overlap: float
    dense_overlap: float


def apart(step: Callable[..., Result], *arguments: Any) -> Result:
    """Runs a step in a fresh process; what it raises is raised here."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(step, *arguments).result()


def build(
    folder: Path,
    size: int,
    documents: Sequence[RealDocument],
    embedder: Known,
    progress: Callable[[int], None],
) -> Built:
    """Real documents at random places among padding, until there are `size` chunks.

    Many made-up chunks have the same words, hence the same BM25, as others: exact search takes the
    oldest of equals, and would find real ones too easily if they all came first.
    """
    client = EdgeClient(folder, layout=lambda _: LAYOUTS[EXACT])
    ensure(client, embedder, COLLECTION)
    padding = Padding(documents).documents()
    seconds, chunks, days = 0.0, 0, []
    batch: list[Made] = []
    mixed = shuffled([[one.as_point() for one in document] for document in documents], size)
    while chunks < size or batch:
        while chunks < size and len(batch) < UPSERT_BATCH:
            made = mixed(chunks) or next(padding)
            batch += made
            chunks += passages(made)
            days += [day for one in made if (day := one.payload.get("published"))]
        structs = [one.as_struct() for one in batch[:UPSERT_BATCH]]
        started = time.perf_counter()
        client.upsert(COLLECTION, structs)
        seconds += time.perf_counter() - started
        batch = batch[UPSERT_BATCH:]
        progress(chunks)
    started = time.perf_counter()
    client.flush(COLLECTION)
    seconds += time.perf_counter() - started
    count = client.count(COLLECTION).count
    client.close()
    return Built(count, chunks, seconds, peak(), window(days, count))


def shuffled(
    real: list[list[Made]], size: int, seed: int = SEED
) -> Callable[[int], list[Made] | None]:
    """Gives, at so many chunks out of `size`, the next real document or None for a made-up one."""
    dice = random.Random(seed)
    left = sum(map(passages, real))

    def following(chunks: int) -> list[Made] | None:
        nonlocal left
        if not real or dice.random() * (size - chunks) >= left:
            return None
        made = real.pop(0)
        left -= passages(made)
        return made

    return following


def passages(document: Sequence[Made]) -> int:
    """Its chunks, without the point of the document itself."""
    return sum("text" in one.payload for one in document)


def window(days: Sequence[str], count: int) -> tuple[str, str]:
    """The middle days of all, with about a hundredth of the points; any day where none is told."""
    ordered = sorted(days) or [date.max.isoformat()]
    half, middle = int(count * FILTERED_SHARE / 2), len(ordered) // 2
    return ordered[max(0, middle - half)], ordered[min(len(ordered) - 1, middle + half)]


def order(folder: Path, layout: Layout) -> tuple[float, float]:
    """Seconds that putting the index in order takes, and megabytes at the most."""
    client = EdgeClient(folder, layout=lambda _: layout)
    started = time.perf_counter()
    client.optimize(COLLECTION)
    taken = time.perf_counter() - started
    client.close()
    return taken, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def disk(folder: Path) -> float:
    """Megabytes really taken: the engine reserves files that it has not filled."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*")) / MEGABYTE


def resident() -> float:
    """Megabytes of this process, those of files that it reads included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / MEGABYTE


def own() -> float:
    """Megabytes of this process that no file backs: the system cannot take them back."""
    status = Path("/proc/self/status").read_text()
    told = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(told.split()[1]) * 1024 / MEGABYTE


def peak() -> float:
    """Megabytes of this process at the most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


def cleared(folder: Path) -> Path:
    """Emptied, its parents made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder
