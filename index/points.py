"""Chunks as points and points as hits: the one module that knows the keys of a payload."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from qdrant_client import models

from vigie.index.embedders import Vectors
from vigie.index.hits import Filters, Hit
from vigie.index.lexical import SparseVector
from vigie.ingest.documents import Audience, Chunk, Document, Kind, Place, PlaceKind

DENSE = "dense"
LEXICAL = "lexical"

# Fields that filters read; without an index a filter walks every payload.
INDEXED = {
    "document_id": models.PayloadSchemaType.KEYWORD,
    "audience": models.PayloadSchemaType.KEYWORD,
    "kind": models.PayloadSchemaType.KEYWORD,
    "source": models.PayloadSchemaType.KEYWORD,
    "publisher": models.PayloadSchemaType.KEYWORD,
    "published": models.PayloadSchemaType.DATETIME,
}


def point(
    document: Document, chunk: Chunk, dense: Vectors, lexical: SparseVector
) -> models.PointStruct:
    """A chunk with what is needed to cite it without reading its document."""
    return models.PointStruct(
        id=chunk.id,
        vector={DENSE: dense.tolist(), LEXICAL: sparse(lexical)},
        payload=payload(document, chunk),
    )


def sparse(vector: SparseVector) -> models.SparseVector:
    """The same weights as the engine takes them."""
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def payload(document: Document, chunk: Chunk) -> dict[str, Any]:
    """Dates as ISO 8601; what a document does not say is left out."""
    place = chunk.place
    told = {
        "document_id": document.id,
        "ordinal": chunk.ordinal,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "headings": list(chunk.heading_path),
        "place": place and {"start": place.start, "kind": str(place.kind), "label": place.label},
        "title": document.title,
        "kind": str(document.kind),
        "audience": str(document.audience),
        "source": document.source,
        "publisher": document.publisher,
        "published": document.published and document.published.isoformat(),
        "modified": document.modified and document.modified.isoformat(),
        "url": document.url,
    }
    return {key: value for key, value in told.items() if value is not None}


def hit(found: Mapping[str, models.ScoredPoint | None], score: float) -> Hit:
    """A hit from what each side found of one chunk; at least one side did."""
    point = next(point for point in found.values() if point is not None)
    told = point.payload or {}
    raw = {side: point.score for side, point in found.items() if point is not None}
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
        dense=raw.get(DENSE),
        lexical=raw.get(LEXICAL),
    )


def day(text: str | None) -> date | None:
    """A date from a payload."""
    return None if text is None else date.fromisoformat(text)


def visible(audience: Audience, filters: Filters) -> models.Filter:
    """What a caller may see and asked for; a chunk without a date never meets a bound of dates."""
    anyof = {
        "audience": audience.sees,
        "kind": filters.kinds,
        "publisher": filters.publishers,
        "source": filters.sources,
        "document_id": filters.documents,
    }
    conditions: list[models.Condition] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=[str(item) for item in wanted]))
        for key, wanted in anyof.items()
        if wanted
    ]
    if filters.published_from or filters.published_to:
        bounds = models.DatetimeRange(gte=filters.published_from, lte=filters.published_to)
        conditions.append(models.FieldCondition(key="published", range=bounds))
    return models.Filter(must=conditions)


def of_document(document_id: str) -> models.Filter:
    """Every point of a document."""
    match = models.MatchValue(value=document_id)
    return models.Filter(must=[models.FieldCondition(key="document_id", match=match)])


def former_versions(current: Mapping[str, Sequence[str]]) -> models.Filter | None:
    """Points of these documents that are not among their current ones; None for no document."""
    if not current:
        return None
    return models.Filter(
        should=[
            models.Filter(
                must=[of_document(document_id)],
                must_not=[models.HasIdCondition(has_id=list(ids))] if ids else None,
            )
            for document_id, ids in current.items()
        ]
    )
