"""Points for measuring at a size: those of real corpora, and made-up ones around them.

A made-up document is a real one displaced: as many chunks, as long, about something near. It knows
no question. Dense vectors lie between two real ones, with noise of the real covariance; half of
the terms of a chunk stay, the others are drawn as often as real chunks hold them, and some are new,
as often as a further real chunk would bring some (Good and Turing's estimate).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from qdrant_client import models

from vigie.index.edge import EdgeClient

SEED = 20_261_124
READ_AT_ONCE = 256
# Share of the first of the two real vectors: a displaced chunk is nearest to the one it comes from.
NEAR = (0.5, 0.9)
# Of the noise, in standard deviations of the real vectors.
NOISE = 0.3
TERMS_KEPT = 0.5
# Who may see made-up documents: most, as in a base that is open to the public.
AUDIENCES = {"public": 0.8, "partner": 0.15, "staff": 0.05}
# Made-up dates: real ones moved by about two years; without any, around the middle of these.
UNDATED, MOVED_DAYS = 0.2, 700
MIDDLE = date(2021, 7, 1)

Floats = NDArray[np.float32]
Terms = tuple[NDArray[np.uint32], Floats]


@dataclass(frozen=True, slots=True)
class Real:
    """A point of a real corpus with its vectors."""

    id: str
    payload: dict[str, Any]
    dense: dict[str, Floats]
    sparse: dict[str, Terms]

    def as_point(self) -> "Made":
        """As the index stores it."""
        return point(self.id, self.payload, self.dense, self.sparse)


RealDocument = list[Real]


@dataclass(frozen=True, slots=True)
class Made:
    """A point to be stored: what the index gives to the engine, with a payload at hand."""

    id: str
    payload: dict[str, Any]
    vector: dict[str, Any]

    def as_struct(self) -> models.PointStruct:
        """Unchecked: the engine's client checks what it is given."""
        return models.PointStruct.model_construct(
            id=self.id, vector=self.vector, payload=self.payload
        )


def read(client: EdgeClient, collection: str) -> Iterator[RealDocument]:
    """Every document with all its points, its own point included where it has one."""
    by_document: dict[str, RealDocument] = {}
    offset: int | str | UUID | None = None
    while True:
        page, offset = client.scroll(
            collection, limit=READ_AT_ONCE, offset=offset, with_vectors=True
        )
        for record in page:
            found = real(record)
            by_document.setdefault(found.payload["document_id"], []).append(found)
        if offset is None:
            break
    yield from by_document.values()


def real(record: models.Record) -> Real:
    """A point that was read with its vectors."""
    dense, sparse = {}, {}
    vectors: Any = record.vector
    for name, vector in vectors.items():
        if isinstance(vector, models.SparseVector):
            values = np.asarray(vector.values, dtype=np.float32)
            sparse[name] = (np.asarray(vector.indices, dtype=np.uint32), values)
        else:
            dense[name] = np.asarray(vector, dtype=np.float32)
    return Real(str(record.id), record.payload or {}, dense, sparse)


def point(
    id_: str,
    payload: dict[str, Any],
    dense: Mapping[str, Floats],
    sparse: Mapping[str, Terms],
) -> Made:
    """A point whose vectors are as the engine's client takes them."""
    vectors: dict[str, Any] = {name: vector.tolist() for name, vector in dense.items()}
    for name, (indices, values) in sparse.items():
        vectors[name] = models.SparseVector.model_construct(
            indices=indices.tolist(), values=values.tolist()
        )
    return Made(id_, payload, vectors)


class Padding:
    """Made-up documents around real ones, the same ones for the same seed."""

    def __init__(self, documents: Sequence[RealDocument], seed: int = SEED) -> None:
        self._documents = documents
        self._dice = np.random.default_rng(seed)
        points = [one for document in documents for one in document]
        self._dense = {
            name: np.stack([one.dense[name] for one in points if name in one.dense])
            for name in {name for one in points for name in one.dense}
        }
        self._spread = {name: spread(matrix) for name, matrix in self._dense.items()}
        self._terms = {
            name: pooled([one.sparse[name] for one in points if name in one.sparse])
            for name in sorted({name for one in points for name in one.sparse})
        }
        self._new = {name: unseen(terms[0]) for name, terms in self._terms.items()}
        told = (one.payload.get("published") for one in points)
        self._dates = [date.fromisoformat(day) for day in told if day] or [MIDDLE]

    def documents(self) -> Iterator[list[Made]]:
        """Without end."""
        while True:
            yield self._displaced(self._documents[int(self._dice.integers(len(self._documents)))])

    def _displaced(self, source: RealDocument) -> list[Made]:
        id_, payload = self._id(), self._payload()
        made = []
        for one in source:
            own = one.id == one.payload["document_id"]
            told = {key: value for key, value in one.payload.items() if key != "published"}
            made.append(
                point(
                    id_ if own else self._id(),
                    told | payload | {"document_id": id_},
                    {name: self._moved(name, vector) for name, vector in one.dense.items()},
                    {name: self._mixed(name, terms) for name, terms in one.sparse.items()},
                )
            )
        return made

    def _id(self) -> str:
        return str(UUID(bytes=self._dice.bytes(16), version=4))

    def _payload(self) -> dict[str, Any]:
        told = {"audience": str(self._dice.choice(list(AUDIENCES), p=list(AUDIENCES.values())))}
        if self._dice.random() >= UNDATED:
            day = self._dates[self._dice.integers(len(self._dates))]
            moved = day + timedelta(days=int(self._dice.normal(0, MOVED_DAYS)))
            told["published"] = moved.isoformat()
        return told

    def _moved(self, name: str, vector: Floats) -> Floats:
        """As long as the first of the two."""
        matrix = self._dense[name]
        share = np.float32(self._dice.uniform(*NEAR))
        other = matrix[self._dice.integers(len(matrix))]
        drawn = self._dice.standard_normal(len(vector), dtype=np.float32)
        moved = share * vector + (1 - share) * other + NOISE * (self._spread[name] @ drawn)
        scaled: Floats = moved * np.float32(np.linalg.norm(vector) / np.linalg.norm(moved))
        return scaled

    def _mixed(self, name: str, terms: Terms) -> Terms:
        """About as many terms as there were, each once."""
        indices, values = terms
        kept = self._dice.random(len(indices)) < TERMS_KEPT
        pool = self._terms[name]
        drawn = self._dice.integers(len(pool[0]), size=len(indices) - kept.sum())
        added = pool[0][drawn]
        new = self._dice.random(len(added)) < self._new[name]
        added[new] = self._dice.integers(2**32, size=new.sum(), dtype=np.uint32)
        found, places = np.unique(np.concatenate([indices[kept], added]), return_index=True)
        return found, np.concatenate([values[kept], pool[1][drawn]])[places]


def spread(matrix: Floats) -> Floats:
    """A factor of the covariance: what turns independent noise into noise like the vectors.

    Zeros for a single vector, which has no neighbours to say how it may vary.
    """
    if len(matrix) < 2:
        return np.zeros((matrix.shape[1], matrix.shape[1]), dtype=np.float32)
    covariance = np.cov(matrix.T) + 1e-9 * np.eye(matrix.shape[1])
    factor: Floats = np.linalg.cholesky(covariance).astype(np.float32)
    return factor


def pooled(found: Sequence[Terms]) -> Terms:
    """All the terms of all the points: one drawn from them comes as often as points hold it."""
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


def unseen(indices: NDArray[np.uint32]) -> float:
    """The probability that one more term is a new one: the share of those seen once."""
    _, counts = np.unique(indices, return_counts=True)
    return float((counts == 1).sum() / max(1, len(indices)))
