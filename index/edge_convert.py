"""Between the models of qdrant-client and those of Qdrant Edge, for what the index uses.

Anything else raises NotImplementedError, so that nothing is ever silently left out of a query.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import qdrant_edge as edge
from qdrant_client import models

DISTANCES = {
    models.Distance.COSINE: edge.Distance.Cosine,
    models.Distance.DOT: edge.Distance.Dot,
    models.Distance.EUCLID: edge.Distance.Euclid,
}
SCHEMAS = {
    models.PayloadSchemaType.KEYWORD: edge.PayloadSchemaType.Keyword,
    models.PayloadSchemaType.INTEGER: edge.PayloadSchemaType.Integer,
    models.PayloadSchemaType.DATETIME: edge.PayloadSchemaType.Datetime,
    models.PayloadSchemaType.BOOL: edge.PayloadSchemaType.Bool,
}
# Exact search is fast enough up to 200,000 chunks, and building a graph would hold Python still.
NEVER = 10**9


def config(
    vectors: Mapping[str, models.VectorParams], sparse: Mapping[str, models.SparseVectorParams]
) -> edge.EdgeConfig:
    """Named vectors only; the write-ahead log stays on, or a killed process would lose all."""
    return edge.EdgeConfig(
        vectors={
            name: edge.EdgeVectorParams(size=params.size, distance=DISTANCES[params.distance])
            for name, params in vectors.items()
        },
        sparse_vectors={
            name: edge.EdgeSparseVectorParams(
                modifier=edge.Modifier.Idf if params.modifier == models.Modifier.IDF else None
            )
            for name, params in sparse.items()
        },
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=NEVER),
        wal_enabled=True,
    )


def point(source: models.PointStruct) -> edge.Point:
    """A point whose vectors are named."""
    if not isinstance(source.vector, Mapping):
        raise NotImplementedError("a vector without a name")
    vectors: dict[str, Any] = {name: vector(value) for name, value in source.vector.items()}
    return edge.Point(source.id, vectors, source.payload)


def vector(source: object) -> list[float] | edge.SparseVector:
    """A dense vector as a list, or a sparse one."""
    if isinstance(source, models.SparseVector):
        return edge.SparseVector(source.indices, source.values)
    if isinstance(source, list):
        return source
    raise NotImplementedError(f"a vector given as {type(source).__name__}")


def request(source: models.QueryRequest) -> edge.QueryRequest:
    """A query with its prefetches; ten points when it names no limit, as the server gives."""
    return edge.QueryRequest(
        limit=source.limit or 10,
        offset=source.offset,
        query=query(source.query, source.using),
        prefetches=[prefetch(item) for item in listed(source.prefetch)],
        filter=filter_(source.filter),
        score_threshold=source.score_threshold,
        with_payload=source.with_payload,  # type: ignore[arg-type]
    )


def prefetch(source: models.Prefetch) -> edge.Prefetch:
    """One stage, with the stages below it."""
    return edge.Prefetch(
        limit=source.limit or 10,
        query=query(source.query, source.using),
        prefetches=[prefetch(item) for item in listed(source.prefetch)],
        filter=filter_(source.filter),
        score_threshold=source.score_threshold,
    )


def listed(source: Sequence[models.Prefetch] | models.Prefetch | None) -> list[models.Prefetch]:
    """None and a single stage as lists."""
    if source is None:
        return []
    return [source] if isinstance(source, models.Prefetch) else list(source)


def query(source: object, using: str | None) -> Any:
    """A nearest query or a fusion; None asks for points in no order."""
    match source:
        case None:
            return None
        case models.NearestQuery():
            return edge.Query.Nearest(vector(source.nearest), using)
        case models.RrfQuery(rrf=rrf):
            return edge.Fusion.Rrf(rrf.k or 2, rrf.weights)
        case _:
            return edge.Query.Nearest(vector(source), using)


def filter_(source: models.Filter | None) -> edge.Filter | None:
    """All three clauses; each condition by `condition`."""
    if source is None:
        return None
    if source.min_should is not None:
        raise NotImplementedError("min_should")
    return edge.Filter(
        must=conditions(source.must),
        should=conditions(source.should),
        must_not=conditions(source.must_not),
    )


def conditions(source: object) -> list[Any] | None:
    """One condition may stand alone or in a list."""
    if source is None:
        return None
    return [condition(item) for item in (source if isinstance(source, list) else [source])]


def condition(source: object) -> Any:
    """A match, a range, a set of ids, emptiness, or a filter inside a filter."""
    match source:
        case models.Filter():
            return filter_(source)
        case models.HasIdCondition(has_id=ids):
            return edge.HasIdCondition(set(ids))
        case models.IsEmptyCondition(is_empty=field):
            return edge.IsEmptyCondition(field.key)
        case models.FieldCondition(key=key, match=match_, range=None) if match_ is not None:
            return edge.FieldCondition(key, match=matching(match_))
        case models.FieldCondition(key=key, match=None, range=range_) if range_ is not None:
            return edge.FieldCondition(key, range=ranging(range_))
    raise NotImplementedError(f"the condition {source!r}")


def matching(source: models.Match) -> Any:
    """Equality, one of, or none of."""
    match source:
        case models.MatchValue(value=value):
            return edge.MatchValue(value)
        case models.MatchAny():
            return edge.MatchAny(source.any)
        case models.MatchExcept():
            return edge.MatchExcept(source.except_)
    raise NotImplementedError(f"the match {source!r}")


def ranging(source: models.Range | models.DatetimeRange) -> Any:
    """Bounds of numbers or of moments."""
    if isinstance(source, models.Range):
        return edge.RangeFloat(gte=source.gte, gt=source.gt, lte=source.lte, lt=source.lt)
    return edge.RangeDateTime(
        gte=moment(source.gte), gt=moment(source.gt), lte=moment(source.lte), lt=moment(source.lt)
    )


def moment(source: date | None) -> str | None:
    """RFC 3339, or a date alone, which the engine takes as its midnight UTC."""
    return source.isoformat() if source is not None else None


def scored(source: edge.ScoredPoint) -> models.ScoredPoint:
    """A point found, its id as text as the server gives it; unchecked, which halves the time."""
    return models.ScoredPoint.model_construct(
        id=identifier(source.id), version=source.version, score=source.score, payload=source.payload
    )


def record(source: edge.Record) -> models.Record:
    """A point read, without its vectors."""
    return models.Record(id=identifier(source.id), payload=source.payload)


def identifier(source: object) -> int | str:
    """UUIDs as text, numbers as they are."""
    return source if isinstance(source, int) else str(source)


def info(
    shard: edge.EdgeShard,
    vectors: dict[str, models.VectorParams],
    sparse: dict[str, models.SparseVectorParams],
    metadata: dict[str, Any],
) -> models.CollectionInfo:
    """What a server tells of a collection; the figures that Edge does not have are its defaults."""
    told = shard.info()
    return models.CollectionInfo(
        status=models.CollectionStatus.GREEN,
        optimizer_status=models.OptimizersStatusOneOf.OK,
        points_count=told.points_count,
        indexed_vectors_count=told.indexed_vectors_count,
        segments_count=told.segments_count,
        payload_schema={},
        config=models.CollectionConfig(
            params=models.CollectionParams(vectors=vectors, sparse_vectors=sparse),
            hnsw_config=models.HnswConfig(m=16, ef_construct=100, full_scan_threshold=10_000),
            optimizer_config=models.OptimizersConfig(
                default_segment_number=0, indexing_threshold=NEVER, flush_interval_sec=0
            ),
            metadata=metadata,
        ),
    )
