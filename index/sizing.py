"""How an index of a size is kept, and from which size the embedded engine is not enough.

The figures are those of `vigie eval scale` with vectors of 384 dimensions; `evals/README.md` has
them all.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qdrant_client import QdrantClient, models

from vigie.ingest.errors import Reason

# Points from which dense vectors get codes of one byte a dimension: the search reads the codes and
# weighs the best again by the vectors themselves. The dense side of a search over 10,000 chunks
# takes 3.7 ms of processor instead of 4.1, over 17,000 (development sets, `vigie eval`) 2.4 by the
# clock instead of 5.3; putting in order takes 3 s.
QUANTISED_FROM = 10_000
# Points from which a graph (HNSW) is built over the codes. At 100,000 chunks a whole search takes
# 9.6 ms of processor instead of 16.5, of the hundred nearest 96 are found, and the same documents
# come first (hit@5 .533 for both); it takes 46 s to build instead of 22, by another process.
GRAPH_FROM = 100_000
# Chunks from which a server is advised: one question is answered at a time, and putting an index in
# order takes 2.9 GB of memory at 100,000 chunks and 24.6 at 1,000,000. The size itself is a choice:
# twice the memory that was measured is what a small machine still has.
SERVER_FROM = 200_000

# Candidates read by their codes for each one asked for: with 3, int8 lost none of the hundred best
# of exact search at 10,000 and 100,000 chunks (2.5 % without), binary codes lost a third of them.
OVERSAMPLING = 3.0
# The share of values that int8 spreads its 256 steps over; the engine's advice.
QUANTILE = 0.99

# What may change before an index is put in order again, as a share of its points, and never less
# than a segment needs; until then, what came since is searched exactly.
CHANGED_SHARE = 0.1


class Codes(StrEnum):
    """Short forms of the dense vectors, beside them."""

    INT8 = "int8"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Layout:
    """What dense vectors are searched by: codes, a graph (HNSW), both, or nothing but themselves.

    `since` is how many points a segment holds before it gets them.
    """

    codes: Codes | None = None
    graph: bool = False
    since: int = QUANTISED_FROM

    @property
    def plain(self) -> bool:
        """Whether every search of it is exact."""
        return self.codes is None and not self.graph


def layout(points: int) -> Layout:
    """What an embedded index of that size is kept as; codes come when a segment is large enough."""
    return Layout(Codes.INT8, graph=points >= GRAPH_FROM)


@dataclass(frozen=True, slots=True)
class Order:
    """How an index was when it was last put in order: zeros and None before the first time.

    `changed` counts points written since.
    """

    points: int = 0
    graph: bool | None = None
    changed: int = 0


def due(order: Order, wanted: Layout, points: int, changed: int) -> bool:
    """Whether putting an index in order again would pay; `changed` counts points since then."""
    if points < wanted.since:
        return False
    if order.graph != wanted.graph:
        return True
    return max(changed, abs(points - order.points)) >= max(wanted.since, points * CHANGED_SHARE)


def advice(chunks: int) -> Reason | None:
    """What to tell whoever runs an embedded index of that many chunks; None when it is well."""
    if chunks < SERVER_FROM:
        return None
    return Reason("sizing.server_advised", {"chunks": chunks, "most": SERVER_FROM})


# A server builds its graph by itself, in the background, from 10 MB of vectors on.
SERVER_CODES = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(
        type=models.ScalarType.INT8, quantile=QUANTILE, always_ram=True
    )
)
# What a query is sent with; the engine's own default is to trust the codes of int8.
SEARCH = models.SearchParams(
    quantization=models.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
)


def of_server(client: object) -> dict[str, Any]:
    """What a new collection of a server is made with; nothing for the embedded engine."""
    return {"quantization_config": SERVER_CODES} if isinstance(client, QdrantClient) else {}


def bring(client: QdrantClient, collection: str) -> bool:
    """Gives an older collection of a server its codes; False when it has them.

    It answers meanwhile: the server makes them in the background.
    """
    if client.get_collection(collection).config.quantization_config is not None:
        return False
    return client.update_collection(collection, quantization_config=SERVER_CODES)
