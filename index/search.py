"""The index: chunks in, hits out, whatever engine and embedder are behind."""

import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from qdrant_client import models

from vigie.index import lexical, points
from vigie.index.collection import COLLECTION, ensure
from vigie.index.edge import EdgeClient
from vigie.index.embedders import Embedder
from vigie.index.fusion import fuse
from vigie.index.hits import Hit, Query
from vigie.index.stores import Client, answering
from vigie.ingest.chunking import embedded_text
from vigie.ingest.documents import Chunk, Document

logger = logging.getLogger(__name__)

# How far each side is read before fusion: of 60 documents found that way, 89 to 97 % of French
# questions have theirs; 100 chunks are about 60 documents.
CANDIDATES = 100
# What a cosine of 1 counts beside the best lexical score: anything from .3 to .8 scored the same
# for the packaged model over 213 French questions. Models that know French are not measured yet.
DENSE_WEIGHT = 0.5

# Terms in an average chunk for each token of the budget: 51 for 254 over 2,034 French chunks of the
# packaged model. BM25 only needs the order of it, and it may not change under stored chunks.
TERMS_PER_TOKEN = 0.2

# About 10 kB a point in JSON, and a server refuses bodies above 32 MB.
UPSERT_BATCH = 256
# The engine takes 1 s for 10,000 chunks and 60 s for 200,000.
TIDY_CHUNKS = 20_000
QUERIES_KEPT = 256

Entry = tuple[Document, Sequence[Chunk]]


class Index:
    """Chunks of documents, found by meaning and by words.

    `collection` is an alias of the collection in use, so that another can be built beside it;
    both are made at the first opening. Raises IndexMismatch when the embedder is not the one that
    the index was built with.
    """

    def __init__(self, client: Client, embedder: Embedder, collection: str = COLLECTION) -> None:
        self.client = client
        self.embedder = embedder
        self.collection = collection
        self._query_vector = lru_cache(maxsize=QUERIES_KEPT)(self._encode)
        with answering():
            ensure(client, embedder, collection)

    def add(self, document: Document, chunks: Sequence[Chunk]) -> None:
        """Puts a document in place of its former version, which stays until this one is whole."""
        self.add_all([(document, chunks)])

    def add_all(self, entries: Sequence[Entry]) -> None:
        """Several documents at once: their chunks are encoded together, which is faster."""
        fresh = list(self._points(entries))
        former = points.former_versions(
            {document.id: [chunk.id for chunk in chunks] for document, chunks in entries}
        )
        with answering():
            for start in range(0, len(fresh), UPSERT_BATCH):
                self.client.upsert(self.collection, fresh[start : start + UPSERT_BATCH])
            if former is not None:
                self.client.delete(self.collection, models.FilterSelector(filter=former))
        self._flush()

    def remove(self, document_id: str) -> None:
        """Forgets a document; nothing happens when it is not there."""
        chosen = models.FilterSelector(filter=points.of_document(document_id))
        with answering():
            self.client.delete(self.collection, chosen)
        self._flush()

    def tidy(self) -> None:
        """Gives back the room of deleted chunks, where that takes a second or two at most.

        The embedded engine holds all threads still meanwhile; a server tidies by itself.
        """
        if isinstance(self.client, EdgeClient) and self.count() <= TIDY_CHUNKS:
            self.client.optimize(self.collection)

    def count(self) -> int:
        """Chunks, for all audiences."""
        with answering():
            return self.client.count(self.collection).count

    def search(self, query: Query) -> list[Hit]:
        """Hits of both sides fused, best first; none for a blank text."""
        found = self._ask(query, self._sides(query))
        scores = {
            side: {id_: point.score for id_, point in ranking.items()}
            for side, ranking in found.items()
        }
        fused = fuse(scores.get(points.LEXICAL, {}), scores.get(points.DENSE, {}), DENSE_WEIGHT)
        return allowed(
            (
                points.hit({side: ranking.get(id_) for side, ranking in found.items()}, score)
                for id_, score in fused[: query.limit]
            ),
            query,
        )

    def dense_search(self, query: Query) -> list[Hit]:
        """By meaning alone; `score` is the cosine."""
        return self._one_side(query, points.DENSE)

    def lexical_search(self, query: Query) -> list[Hit]:
        """By words alone; `score` is BM25. None for a text of function words."""
        return self._one_side(query, points.LEXICAL)

    def _one_side(self, query: Query, side: str) -> list[Hit]:
        sides = {name: vector for name, vector in self._sides(query).items() if name == side}
        ranking = self._ask(query, sides).get(side, {})
        hits = (points.hit({side: found}, found.score) for found in ranking.values())
        return allowed(hits, query)[: query.limit]

    def _sides(self, query: Query) -> dict[str, Any]:
        if not query.text.strip():
            return {}
        sides: dict[str, Any] = {points.DENSE: self._query_vector(query.text)}
        words = lexical.sparse_query(query.text)
        if words.indices:
            sides[points.LEXICAL] = points.sparse(words)
        return sides

    def _ask(self, query: Query, sides: dict[str, Any]) -> dict[str, dict[str, models.ScoredPoint]]:
        """Points by id, best first, for each side: all in one round trip.

        The audience narrows each side, so that hidden chunks take nobody's place.
        """
        if not sides:
            return {}
        chosen = points.visible(query.audience, query.filters)
        depth = max(CANDIDATES, query.limit)
        requests = [
            models.QueryRequest(
                query=vector, using=side, filter=chosen, limit=depth, with_payload=True
            )
            for side, vector in sides.items()
        ]
        with answering():
            answers = self.client.query_batch_points(self.collection, requests)
        return {
            side: {str(point.id): point for point in answer.points}
            for side, answer in zip(sides, answers, strict=True)
        }

    def _flush(self) -> None:
        """A server sees to this itself."""
        if isinstance(self.client, EdgeClient):
            self.client.flush(self.collection)

    def _encode(self, text: str) -> list[float]:
        vector: list[float] = self.embedder.embed_query(text).tolist()
        return vector

    def _points(self, entries: Sequence[Entry]) -> Iterator[models.PointStruct]:
        pairs = [(document, chunk) for document, chunks in entries for chunk in chunks]
        dense = self.embedder.embed_documents(
            [embedded_text(document, chunk.heading_path, chunk.text) for document, chunk in pairs]
        )
        for (document, chunk), vector in zip(pairs, dense, strict=True):
            words = lexical.sparse_document(
                chunk.text,
                self.embedder.budget * TERMS_PER_TOKEN,
                title=document.title,
                headings=chunk.heading_path,
            )
            yield points.point(document, chunk, vector, words)


def allowed(hits: Iterator[Hit], query: Query) -> list[Hit]:
    """Checks again what the engine was asked for: a hit that the caller may not see stops here."""
    kept = []
    for found in hits:
        if found.audience in query.audience.sees:
            kept.append(found)
        else:
            logger.error("chunk %s reached a caller of %s", found.chunk_id, query.audience)
    return kept
