"""Chunks as points and points as hits: the one module that knows the keys of a payload.

Beside its chunks a document has one point of its own, whose id is the document's: its words taken
together and its title, under vectors of their own names, so that no search of chunks meets it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from qdrant_client import models

from vigie.index.embedders import Vectors
from vigie.index.hits import Filters, Hit
from vigie.index.lexical import SparseVector
from vigie.ingest.documents import Audience, Chunk, Document, Kind, Place, PlaceKind

DENSE = "dense"
LEXICAL = "lexical"
DOCUMENT = "document"
TITLE = "title"
OF_CHUNKS = (LEXICAL, DENSE)
OF_DOCUMENTS = (DOCUMENT, TITLE)

# What tells the point of a document from those of its chunks, which have no such key.
DOCUMENT_ID = "document_id"
LEVEL = "level"
WHOLE = "document"
ACRONYMS = "acronyms"
WORDS = "words"

# Fields that filters read; without an index a filter walks every payload.
INDEXED = {
    "document_id": models.PayloadSchemaType.KEYWORD,
    "audience": models.PayloadSchemaType.KEYWORD,
    "kind": models.PayloadSchemaType.KEYWORD,
    "source": models.PayloadSchemaType.KEYWORD,
    "publisher": models.PayloadSchemaType.KEYWORD,
    "published": models.PayloadSchemaType.DATETIME,
    LEVEL: models.PayloadSchemaType.KEYWORD,
    ACRONYMS: models.PayloadSchemaType.KEYWORD,
    WORDS: models.PayloadSchemaType.KEYWORD,
}


class Point(Protocol):
    """What is read of a point found, whichever engine found it."""

    @property
    def id(self) -> Any: ...
    @property
    def score(self) -> float: ...
    @property
    def payload(self) -> dict[str, Any] | None: ...


class Answer(Protocol):
    """Points found by one query, best first."""

    @property
    def points(self) -> Sequence[Point]: ...


def point(
    document: Document, chunk: Chunk, dense: Vectors, lexical: SparseVector
) -> models.PointStruct:
    """A chunk with what is needed to cite it without reading its document."""
    return models.PointStruct(
        id=chunk.id,
        vector={DENSE: dense.tolist(), LEXICAL: sparse(lexical)},
        payload=payload(document, chunk),
    )


def whole(
    document: Document,
    title: Vectors,
    terms: SparseVector,
    *,
    acronyms: Sequence[str],
    words: Sequence[str],
) -> models.PointStruct:
    """The point of a document: what filters read of it, and what it teaches about its words."""
    return models.PointStruct(
        id=document.id,
        vector={TITLE: title.tolist(), DOCUMENT: sparse(terms)},
        payload=described(document) | {LEVEL: WHOLE, ACRONYMS: list(acronyms), WORDS: list(words)},
    )


def sparse(vector: SparseVector) -> models.SparseVector:
    """The same weights as the engine takes them."""
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def payload(document: Document, chunk: Chunk) -> dict[str, Any]:
    """Dates as ISO 8601; what a document does not say is left out."""
    place = chunk.place
    told = {
        "ordinal": chunk.ordinal,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "headings": list(chunk.heading_path),
        "place": place and {"start": place.start, "kind": str(place.kind), "label": place.label},
        "title": document.title,
        "modified": document.modified and document.modified.isoformat(),
        "url": document.url,
    }
    return described(document) | {key: value for key, value in told.items() if value is not None}


def described(document: Document) -> dict[str, Any]:
    """What filters read, of a chunk and of its document alike."""
    told = {
        "document_id": document.id,
        "kind": str(document.kind),
        "audience": str(document.audience),
        "source": document.source,
        "publisher": document.publisher,
        "published": document.published and document.published.isoformat(),
    }
    return {key: value for key, value in told.items() if value is not None}


def hit(point: Point, score: float, found: Mapping[str, float]) -> Hit:
    """A hit from its point and from the scores of the sides that found it."""
    told = point.payload or {}
    place = told.get("place")
    return Hit(
        chunk_id=str(point.id),
        document_id=told["document_id"],
        ordinal=told["ordinal"],
        start=told["start"],
        end=told["end"],
        text=told["text"],
        heading_path=tuple(told["headings"]),
        place=place and Place(place["start"], PlaceKind(place["kind"]), place["label"]),
        title=told["title"],
        kind=Kind(told["kind"]),
        audience=Audience(told["audience"]),
        source=told["source"],
        publisher=told.get("publisher"),
        published=day(told.get("published")),
        modified=day(told.get("modified")),
        url=told.get("url"),
        score=score,
        dense=found.get(DENSE),
        lexical=found.get(LEXICAL),
    )


def day(text: str | None) -> date | None:
    """A date from a payload."""
    return None if text is None else date.fromisoformat(text)


def visible(audience: Audience, filters: Filters) -> models.Filter:
    """What a caller may see and asked for; a chunk without a date never meets a bound of dates."""
    anyof = {
        "kind": filters.kinds,
        "publisher": filters.publishers,
        "source": filters.sources,
        "document_id": filters.documents,
    }
    conditions = levels_of(audience)
    conditions += [
        models.FieldCondition(key=key, match=models.MatchAny(any=[str(item) for item in wanted]))
        for key, wanted in anyof.items()
        if wanted
    ]
    if filters.published_from or filters.published_to:
        bounds = models.DatetimeRange(gte=filters.published_from, lte=filters.published_to)
        conditions.append(models.FieldCondition(key="published", range=bounds))
    return models.Filter(must=conditions)


def levels_of(audience: Audience) -> list[models.Condition]:
    """One condition, or none for who sees all: asked of 20,000 points, it takes half a millisecond.

    One value at a time: every point is checked, and `MatchAny` takes 1.4 ms more for 20,000.
    """
    if set(audience.sees) == set(Audience):
        return []
    levels: list[models.Condition] = [
        models.FieldCondition(key="audience", match=models.MatchValue(value=str(level)))
        for level in audience.sees
    ]
    return [models.Filter(should=levels)]


def chunks_only() -> models.Filter:
    """Every chunk of every audience, and no point of a document."""
    match = models.MatchValue(value=WHOLE)
    return models.Filter(must_not=[models.FieldCondition(key=LEVEL, match=match)])


def among(chosen: models.Filter, ids: Sequence[str]) -> models.Filter:
    """The same filter over these points alone."""
    return models.Filter(must=chosen.must, should=[models.HasIdCondition(has_id=list(ids))])


def document_id(point: Point) -> str:
    """Of a point that was asked for with that key."""
    return str((point.payload or {})[DOCUMENT_ID])


def seen_by(audience: Audience) -> models.Filter:
    """Whatever a caller may see."""
    return visible(audience, Filters())


def of_document(document_id: str) -> models.Filter:
    """Every point of a document."""
    match = models.MatchValue(value=document_id)
    return models.Filter(must=[models.FieldCondition(key="document_id", match=match)])


def former_versions(current: Mapping[str, Sequence[str]]) -> models.Filter | None:
    """Points of these documents that are not among their current ones; None for no document.

    A document that has chunks keeps its own point, one that has none loses it.
    """
    if not current:
        return None
    return models.Filter(
        should=[
            models.Filter(
                must=[of_document(document_id)],
                must_not=[models.HasIdCondition(has_id=[*ids, document_id])] if ids else None,
            )
            for document_id, ids in current.items()
        ]
    )
