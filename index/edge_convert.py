"""Between the models of qdrant-client and those of Qdrant Edge, for what the index uses.

Anything else raises NotImplementedError, so that nothing is ever silently left out of a query.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import qdrant_edge as edge
from qdrant_client import models

from vigie.index.sizing import QUANTILE, SEARCH, Codes, Layout

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
# Above any segment: what a plain index is told instead of a size.
NEVER = 10**9
KILOBYTE, FLOAT = 1024, 4
# The engine's own defaults of a graph, except that none is built when its nodes have no edges.
EDGES, EF_CONSTRUCT, FULL_SCAN_KB = 16, 100, 10_000
# A search goes through each segment's terms, codes and graph: one is fastest.
SEGMENTS = 1


def config(
    vectors: Mapping[str, models.VectorParams],
    sparse: Mapping[str, models.SparseVectorParams],
    layout: Layout,
) -> edge.EdgeConfig:
    """Named vectors only; the write-ahead log stays on, or a killed process would lose all.

    A segment keeps what it was made with until the engine's `optimize` makes it again; a plain
    layout asks for nothing.
    """
    widest = max((params.size for params in vectors.values()), default=1)
    since = layout.since * widest * FLOAT // KILOBYTE
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
        hnsw_config=graph(layout),
        quantization_config=codes(layout.codes),
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=NEVER if layout.plain else max(1, since),
            default_segment_number=None if layout.plain else SEGMENTS,
        ),
        wal_enabled=True,
    )


def graph(layout: Layout) -> edge.HnswIndexConfig | None:
    """Without edges there is none; None leaves a shard as it is."""
    if layout.plain:
        return None
    return edge.HnswIndexConfig(
        m=EDGES if layout.graph else 0,
        ef_construct=EF_CONSTRUCT,
        full_scan_threshold=FULL_SCAN_KB,
    )


def codes(source: Codes | None) -> Any:
    """Kept in memory: they are what every search reads."""
    match source:
        case None:
            return None
        case Codes.INT8:
            return edge.ScalarQuantizationConfig(
                edge.ScalarType.Int8, quantile=QUANTILE, memory=edge.Memory.Pinned
            )
        case Codes.BINARY:
            return edge.BinaryQuantizationConfig(memory=edge.Memory.Pinned)


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
        params=parameters(source.params),
    )


def prefetch(source: models.Prefetch) -> edge.Prefetch:
    """One stage, with the stages below it."""
    return edge.Prefetch(
        limit=source.limit or 10,
        query=query(source.query, source.using),
        prefetches=[prefetch(item) for item in listed(source.prefetch)],
        filter=filter_(source.filter),
        score_threshold=source.score_threshold,
        params=parameters(source.params),
    )


def parameters(source: models.SearchParams | None) -> edge.SearchParams:
    """Codes propose and vectors decide, unless the query says otherwise.

    The engine's own default is to trust the codes.
    """
    asked = source or SEARCH
    codes = asked.quantization or SEARCH.quantization
    return edge.SearchParams(
        hnsw_ef=asked.hnsw_ef,
        exact=bool(asked.exact),
        quantization=edge.QuantizationSearchParams(
            ignore=bool(codes.ignore), rescore=codes.rescore, oversampling=codes.oversampling
        )
        if codes
        else None,
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


@dataclass(slots=True)
class ScoredPoint:
    """What is read of the server's model of that name, which takes twenty times as long to make: half
    a millisecond for the 155 points of a question."""

    id: int | str
    score: float
    payload: dict[str, Any] | None


@dataclass(slots=True)
class Answer:
    """Points found by one query, best first."""

    points: list[ScoredPoint]


def answer(found: Sequence[edge.ScoredPoint]) -> Answer:
    """Ids as text, as the server gives them."""
    return Answer([ScoredPoint(identifier(p.id), p.score, p.payload) for p in found])


def record(source: edge.Record) -> models.Record:
    """A point read, with its vectors by name where they were asked for."""
    vectors: Any = source.vector  # named, as this index has no others
    read: Any = {name: value(vector) for name, vector in vectors.items()} if vectors else None
    return models.Record.model_construct(
        id=identifier(source.id), payload=source.payload, vector=read
    )


def value(source: Any) -> list[float] | models.SparseVector:
    """A dense vector as a list, or a sparse one."""
    if isinstance(source, edge.SparseVector):
        return models.SparseVector(indices=source.indices, values=source.values)
    return list(source)


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
