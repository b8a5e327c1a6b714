"""The index: chunks in, hits out, whatever engine and embedder are behind."""

import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from qdrant_client import QdrantClient, models

from vigie.index import lexical, points, sizing
from vigie.index.acronyms import mined
from vigie.index.candidates import candidates, propose
from vigie.index.collection import COLLECTION, ensure
from vigie.index.edge import EdgeClient
from vigie.index.embedders import Embedder
from vigie.index.fusion import capped, fuse, spread
from vigie.index.glossary import Glossary
from vigie.index.hits import Hit, Query
from vigie.index.ranking import RANKING, Ranking
from vigie.index.spelling import noted
from vigie.index.stores import Client, answering
from vigie.ingest.chunking import embedded_text
from vigie.ingest.documents import Audience, Chunk, Document

logger = logging.getLogger(__name__)

# Terms in an average chunk for each token of the budget: 51 for 254 over 2,034 French chunks of the
# packaged model. BM25 only needs the order of it, and it may not change under stored chunks.
TERMS_PER_TOKEN = 0.2

# About 10 kB a point in JSON, and a server refuses bodies above 32 MB.
UPSERT_BATCH = 256
QUERIES_KEPT = 256

Entry = tuple[Document, Sequence[Chunk]]


class Index:
    """Chunks of documents, found by meaning and by words.

    `collection` is an alias of the collection in use, so that another can be built beside it;
    both are made at the first opening. Raises IndexMismatch when the embedder is not the one that
    the index was built with.
    """

    def __init__(
        self,
        client: Client,
        embedder: Embedder,
        collection: str = COLLECTION,
        ranking: Ranking = RANKING,
    ) -> None:
        self.client = client
        self.embedder = embedder
        self.collection = collection
        self.ranking = ranking
        self._glossary = Glossary(client, collection)
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
        self._settle()

    def remove(self, document_id: str) -> None:
        """Forgets a document; nothing happens when it is not there."""
        chosen = models.FilterSelector(filter=points.of_document(document_id))
        with answering():
            self.client.delete(self.collection, chosen)
        self._settle()

    def tidy(self) -> None:
        """Gives the collection what its size calls for, and back the room of deleted chunks.

        For the end of a run that changed it: questions go on, writes wait for seconds to minutes.
        """
        with answering():
            if isinstance(self.client, EdgeClient):
                self.client.optimize(self.collection)
            elif isinstance(self.client, QdrantClient):
                sizing.bring(self.client, self.collection)

    def count(self) -> int:
        """Chunks, for all audiences."""
        with answering():
            return self.client.count(self.collection, points.chunks_only()).count

    def search(self, query: Query) -> list[Hit]:
        """Hits of all sides fused, best first; none for a blank text."""
        chosen = points.visible(query.audience, query.filters)
        depth = max(self.ranking.candidates, query.limit)
        sides = self._sides(query)
        found = candidates(self.client, self.collection, sides, chosen, depth)
        documents, weights = found.scored.documents, self.ranking
        ranked = capped(fuse(found.scored, weights), documents, weights.per_document)
        kept = spread(ranked, documents, query.limit, weights.spread)
        hits = (points.hit(found.point(id_), score, found.scores(id_)) for id_, score in kept)
        return allowed(hits, query)

    def dense_search(self, query: Query) -> list[Hit]:
        """By meaning alone; `score` is the cosine."""
        return self._one_side(query, points.DENSE)

    def lexical_search(self, query: Query) -> list[Hit]:
        """By words alone; `score` is BM25. None for a text of function words."""
        return self._one_side(query, points.LEXICAL)

    def _one_side(self, query: Query, side: str) -> list[Hit]:
        sides = {name: vector for name, vector in self._vectors(query).items() if name == side}
        chosen = points.visible(query.audience, query.filters)
        found = propose(self.client, self.collection, sides, chosen, query.limit).get(side, {})
        hits = (points.hit(point, point.score, {side: point.score}) for point in found.values())
        return allowed(hits, query)

    def _sides(self, query: Query) -> dict[str, Any]:
        """Those that count."""
        weights = {
            points.LEXICAL: self.ranking.lexical,
            points.DENSE: self.ranking.dense,
            points.DOCUMENT: self.ranking.document,
            points.TITLE: self.ranking.titles,
        }
        return {side: vector for side, vector in self._vectors(query).items() if weights[side]}

    def _vectors(self, query: Query) -> dict[str, Any]:
        """What each side is asked; nothing for a blank text."""
        if not query.text.strip():
            return {}
        meaning = self._query_vector(query.text)
        sides: dict[str, Any] = {points.DENSE: meaning, points.TITLE: meaning}
        words = lexical.sparse_query(query.text, self._meant(query))
        if words.indices:
            asked = points.sparse(words)
            sides |= {points.LEXICAL: asked, points.DOCUMENT: asked}
        return sides

    def corrections(self, text: str, audience: Audience) -> dict[str, str]:
        """Words of a question, folded, that nothing the caller sees holds, with what was meant."""
        return self._glossary.corrections(text, audience)

    def _meant(self, query: Query) -> dict[str, float]:
        """Terms that a question means without holding them, with what each counts."""
        weights = self.ranking
        meant: dict[str, float] = {}
        if weights.typos:
            words = " ".join(self.corrections(query.text, query.audience).values())
            meant |= dict.fromkeys(lexical.terms(words), weights.typos)
        if weights.expansion or weights.contraction:
            known = self._glossary.acronyms(query.audience)
            meant |= known.added(query.text, weights.expansion, weights.contraction)
        return meant

    def _settle(self) -> None:
        """What was written outlives a power cut; a server sees to that itself."""
        self._glossary.changed()
        if isinstance(self.client, EdgeClient):
            self.client.flush(self.collection)

    def _encode(self, text: str) -> list[float]:
        vector: list[float] = self.embedder.embed_query(text).tolist()
        return vector

    def _points(self, entries: Sequence[Entry]) -> Iterator[models.PointStruct]:
        """The chunks, then the documents that have any: what they add is of no use before."""
        pairs = [(document, chunk) for document, chunks in entries for chunk in chunks]
        whole = [document for document, chunks in entries if chunks]
        vectors = self.embedder.embed_documents(
            [
                *(
                    embedded_text(document, chunk.heading_path, chunk.text)
                    for document, chunk in pairs
                ),
                *(document.title for document in whole),
            ]
        )
        for (document, chunk), vector in zip(pairs, vectors, strict=False):
            words = lexical.sparse_document(
                chunk.text,
                self.embedder.budget * TERMS_PER_TOKEN,
                title=document.title,
                headings=chunk.heading_path,
            )
            yield points.point(document, chunk, vector, words)
        for document, vector in zip(whole, vectors[len(pairs) :], strict=True):
            yield points.whole(
                document,
                vector,
                lexical.sparse_whole(document.text, document.title),
                acronyms=mined(document.text),
                words=noted(document.title, document.text),
            )


def allowed(hits: Iterator[Hit], query: Query) -> list[Hit]:
    """Checks again what the engine was asked for: a hit that the caller may not see stops here."""
    kept = []
    for found in hits:
        if found.audience in query.audience.sees:
            kept.append(found)
        else:
            logger.error("chunk %s reached a caller of %s", found.chunk_id, query.audience)
    return kept
