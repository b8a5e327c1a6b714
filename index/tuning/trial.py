"""Whether a model finds better than another: ranks over held-out pairs, and over questions given.

The passages sought stand among many: those of the other pairs, and others of the corpus.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigie.index.embedders import Embedder, Vectors
from vigie.index.tuning.pairs import Pair

Encode = Callable[[Sequence[str]], Vectors]
Ranks = NDArray[np.int64]

# Percentile bootstrap of paired differences over documents (Sakai, SIGIR 2006).
RESAMPLES, SEED, TAIL = 2_000, 20260, 2.5
FIRST = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A text asked, and the ids of the documents that answer it; `group` counts once."""

    text: str
    documents: frozenset[str]
    group: str


@dataclass(frozen=True, slots=True)
class Encoder:
    """Texts to rows of length 1, each side with the prefix that the model wants."""

    queries: Encode
    documents: Encode

    @classmethod
    def of(cls, embedder: Embedder) -> "Encoder":
        """As the index will use it."""

        def queries(texts: Sequence[str]) -> Vectors:
            return np.vstack([embedder.embed_query(text) for text in texts])

        return cls(queries, embedder.embed_documents)


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages to find among, with their documents."""

    passages: Sequence[str]
    documents: Sequence[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Over `count` units: the share found first, in the first five, and mean reciprocal rank."""

    count: int
    first: float
    five: float
    mrr: float


@dataclass(frozen=True, slots=True)
class Gain:
    """A mean difference of reciprocal ranks between its 95 % bounds."""

    mean: float
    low: float
    high: float


def pair_ranks(encoder: Encoder, pairs: Sequence[Pair], pool: Pool) -> Ranks:
    """Where each pair's passage stands for its anchor, from 1; its own document's others apart."""
    anchors = encoder.queries([pair.anchor for pair in pairs])
    own = encoder.documents([pair.passage for pair in pairs])
    others = encoder.documents(pool.passages)
    right = (anchors * own).sum(axis=1, keepdims=True)
    documents = np.array([pair.document for pair in pairs])
    apart = documents[:, None] == np.array([*documents, *pool.documents])[None]
    better = (anchors @ np.vstack([own, others]).T >= right) & ~apart
    ranks: Ranks = 1 + better.sum(axis=1)
    return ranks


def question_ranks(encoder: Encoder, questions: Sequence[Question], pool: Pool) -> Ranks:
    """Where the first right document stands, from 1; a document counts by its best passage."""
    asked = encoder.queries([question.text for question in questions])
    found = asked @ encoder.documents(pool.passages).T
    names = sorted(set(pool.documents))
    columns = {name: place for place, name in enumerate(names)}
    best = np.full((len(questions), len(names)), -np.inf, dtype=np.float32)
    for place, document in enumerate(pool.documents):
        column = columns[document]
        best[:, column] = np.maximum(best[:, column], found[:, place])
    ranks = []
    for scores, question in zip(best, questions, strict=True):
        right = [scores[columns[name]] for name in question.documents if name in columns]
        ranks.append(1 + int((scores > max(right)).sum()) if right else len(names) + 1)
    return np.array(ranks, dtype=np.int64)


def score(ranks: Ranks) -> Score:
    """All 0 over none."""
    if not len(ranks):
        return Score(0, 0.0, 0.0, 0.0)
    means = (ranks == 1).mean(), (ranks <= FIRST).mean(), (1 / ranks).mean()
    return Score(len(ranks), *map(float, means))


def gain(before: Ranks, after: Ranks, units: Sequence[str]) -> Gain:
    """By how much reciprocal ranks rise; `units` name what is drawn as one in the bootstrap."""
    names, of = np.unique(np.array(units), return_inverse=True)
    rises = np.bincount(of, 1 / after - 1 / before)
    sizes = np.bincount(of)
    drawn = np.random.default_rng(SEED).integers(0, len(names), (RESAMPLES, len(names)))
    means = rises[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [TAIL, 100 - TAIL])
    return Gain(float(rises.sum() / sizes.sum()), float(low), float(high))


def as_json(scores: Mapping[str, Score | Gain]) -> dict[str, dict[str, float]]:
    """Figures as they are written beside a model, to three decimals."""
    return {
        name: {key: round(getattr(value, key), 3) for key in value.__dataclass_fields__}
        for name, value in scores.items()
    }
