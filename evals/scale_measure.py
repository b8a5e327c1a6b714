"""Asks an index everything and says how long it took, what memory, and what was found."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from vigie.evals.metrics import mean, percentile, ranking
from vigie.evals.scale_run import EXACT, LAYOUTS, AskedAt, Known, own, resident
from vigie.evals.systems import RANKED_CHUNKS, RANKED_DOCUMENTS
from vigie.index import points
from vigie.index.collection import COLLECTION
from vigie.index.edge import EdgeClient
from vigie.index.hits import Filters, Query
from vigie.index.search import Index
from vigie.ingest.documents import Audience

# Threads that ask at once.
AT_ONCE = 8
SHARES = (0.5, 0.95, 0.99)
COMPARED, COMPARED_DENSE = 10, 100


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process found over one index: figures, and rankings to be compared."""

    figures: dict[str, Any]
    hits: dict[str, list[str]]
    dense: dict[str, list[str]]


def measure(
    folder: Path, asked: Sequence[AskedAt], embedder: Known, window: tuple[str, str]
) -> Measured:
    """Opens an index and asks it everything: first to warm it, then for what is kept."""
    before, started = resident(), time.perf_counter()
    client = EdgeClient(folder, layout=lambda _: LAYOUTS[EXACT])
    client.count(COLLECTION)
    opened, grown = time.perf_counter() - started, resident() - before
    index = Index(client, embedder)
    dates = Filters(published_from=date.fromisoformat(window[0]),
                    published_to=date.fromisoformat(window[1]))  # fmt: skip
    whole = [Query(one.text, one.audience, RANKED_CHUNKS) for one in asked]
    narrow = [Query(one.text, one.audience, RANKED_CHUNKS, dates) for one in asked]
    for query in whole[:AT_ONCE]:
        index.search(query)
    found, times, busy = timed(index.search, whole)
    dense = [Query(one.text, one.audience, COMPARED_DENSE) for one in asked]
    near, _, near_busy = timed(index.dense_search, dense)
    _, narrow_times, narrow_busy = timed(index.search, narrow)
    figures = {
        "open_seconds": opened,
        "opened": grown,
        "search": shares(times),
        "processor": shares(busy),
        "lexical": shares(timed(index.lexical_search, dense)[2])[0],
        "dense": shares(near_busy)[0],
        "filtered": shares(narrow_times),
        "filtered_processor": shares(narrow_busy),
        "filter_keeps": kept(client, dates),
        **together(index, whole),
        **quality(asked, found),
        "resident": resident() - before,
        "own": own(),
    }
    client.close()
    return Measured(figures, named(asked, found, COMPARED), named(asked, near, COMPARED_DENSE))


def timed(
    search: Callable[[Query], Any], queries: Sequence[Query]
) -> tuple[list[Any], list[float], list[float]]:
    """What each query found, its milliseconds by the clock and those of the processor."""
    found, times, busy = [], [], []
    for query in queries:
        started, worked = time.perf_counter(), time.process_time()
        found.append(search(query))
        busy.append(1000 * (time.process_time() - worked))
        times.append(1000 * (time.perf_counter() - started))
    return found, times, busy


def together(index: Index, queries: Sequence[Query]) -> dict[str, Any]:
    """The same questions from several threads at once: milliseconds, and answers a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        times = list(threads.map(lambda query: timed(index.search, [query])[1][0], queries))
    taken = time.perf_counter() - started
    return {"at_once": shares(times), "per_second": len(queries) / taken}


def quality(asked: Sequence[AskedAt], found: Sequence[Any]) -> dict[str, float]:
    """hit@5 and nDCG@10 by document."""
    run = {
        one.id: list(dict.fromkeys(hit.document_id for hit in hits))[:RANKED_DOCUMENTS]
        for one, hits in zip(asked, found, strict=True)
    }
    qrels = {one.id: dict.fromkeys(one.relevant, 1) for one in asked}
    values = list(ranking(qrels, {}, run).values())
    return {
        "hit": mean([value["hit@5"] for value in values]),
        "ndcg": mean([value["ndcg@10"] for value in values]),
    }


def named(asked: Sequence[AskedAt], found: Sequence[Any], most: int) -> dict[str, list[str]]:
    """Chunks by question, best first."""
    return {
        one.id: [hit.chunk_id for hit in hits[:most]]
        for one, hits in zip(asked, found, strict=True)
    }


def overlap(found: dict[str, list[str]], exact: dict[str, list[str]]) -> float:
    """The share of what exact search finds that is found too."""
    return mean([
        len({*found[key]} & {*wanted}) / len(wanted) for key, wanted in exact.items() if wanted
    ])  # fmt: skip


def kept(client: EdgeClient, dates: Filters) -> float:
    """The share of all points that a filter lets through."""
    chosen = points.visible(Audience.STAFF, dates)
    return client.count(COLLECTION, chosen).count / client.count(COLLECTION).count


def shares(times: Sequence[float]) -> tuple[float, ...]:
    """Percentiles."""
    return tuple(percentile(times, share) for share in SHARES)


def sampled(asked: Sequence[AskedAt], most: int, seed: int) -> list[AskedAt]:
    """At most so many questions, the same for the same seed."""
    chosen = np.random.default_rng(seed).permutation(len(asked))[:most]
    return [asked[place] for place in sorted(chosen)]
