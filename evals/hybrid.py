"""The usual hybrid: BM25 and vectors over the same passages, merged by their ranks alone.

Reciprocal rank fusion with equal weights and k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009), as
vector databases and frameworks offer it by default.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from qdrant_client import models

from vigie.evals.bm25 import Bm25
from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.systems import Passage, depth
from vigie.index import points
from vigie.index.hits import Hit, Query

K = 60
PAGE = 1_000


class Hybrid:
    """Our passages and our vectors; the words of a passage are its title and its text."""

    def __init__(self, opened: Opened) -> None:
        self._dense = opened.index.dense_search
        self._locations = opened.locations
        hits = list(every_chunk(opened))
        self._ids = [hit.chunk_id for hit in hits]
        self._hits = {hit.chunk_id: hit for hit in hits}
        texts = [f"{hit.title}\n{hit.text}" for hit in hits]
        self._words = Bm25(texts, [hit.audience for hit in hits])

    def search(self, item: Item) -> list[Passage]:
        """Best first."""
        count = depth(item)
        by_meaning = self._dense(Query(item.question, item.audience, count))
        by_words = self._words.ranked(item.question, item.audience, count)
        merged = reciprocal(
            [[hit.chunk_id for hit in by_meaning], [self._ids[place] for place in by_words]]
        )
        found = (self._hits[name] for name in merged[:count])
        return [Passage(self._locations[hit.document_id], hit.text) for hit in found]


def reciprocal(rankings: Sequence[Sequence[str]]) -> list[str]:
    """Names of all the rankings, by the sum of 1 / (k + rank), ranks counted from 1."""
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, name in enumerate(ranking, 1):
            scores[name] += 1 / (K + rank)
    return sorted(scores, key=lambda name: -scores[name])


def every_chunk(opened: Opened) -> Iterator[Hit]:
    """Every passage of the index, for all audiences."""
    client, collection = opened.vigie.client, opened.vigie.index.collection
    offset = None
    while True:
        found, offset = client.scroll(
            collection, scroll_filter=points.chunks_only(), limit=PAGE, offset=offset
        )
        for record in found:
            yield points.hit(_scored(record), 0.0, {})
        if offset is None:
            return


def _scored(record: models.Record) -> models.ScoredPoint:
    """A record as if it had been found: what is read of a point is the same."""
    return models.ScoredPoint(id=record.id, version=0, score=0.0, payload=record.payload)


def hybrid(opened: Opened) -> Hybrid:
    """Built at each run, over the passages of the index."""
    return Hybrid(opened)
