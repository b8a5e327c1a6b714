"""One ranking out of several, by scores: ranks would forget how much better the first is.

Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), the usual choice, lowered nDCG@10 from
.667 to .611 when a weak dense side had an equal say, over 213 French questions; a convex sum of
scores (Bruch, Gai and Ingber 2023) raised it to .676.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vigie.index.ranking import Ranking

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What each side scored: the first two by chunk, the others by document.

    `documents` names the document of each chunk; a chunk that is not in it is no candidate.
    """

    documents: Mapping[str, str]
    lexical: Scores = field(default_factory=dict)
    dense: Scores = field(default_factory=dict)
    document: Scores = field(default_factory=dict)
    title: Scores = field(default_factory=dict)


def fuse(found: Found, ranking: Ranking) -> list[tuple[str, float]]:
    """Chunks with their scores, best first: words over the best of all, plus weighted cosines.

    What a lexical side did not find has none of the words asked and counts 0 there; what a dense
    side did not find counts as its last, which is the most it can be. Equal scores go by the ids of
    the chunks: the engine gives them in any order, and one question always gets the same list.
    """
    words = {
        chunk: ranking.lexical * found.lexical.get(chunk, 0.0)
        + ranking.document * found.document.get(document, 0.0)
        for chunk, document in found.documents.items()
    }
    best = max(words.values(), default=0.0) or 1.0
    last, last_title = (min(side.values(), default=0.0) for side in (found.dense, found.title))
    scores = {
        chunk: words[chunk] / best
        + ranking.dense * found.dense.get(chunk, last)
        + ranking.titles * found.title.get(document, last_title)
        for chunk, document in found.documents.items()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def capped(
    ranked: Sequence[tuple[str, float]], documents: Mapping[str, str], most: int
) -> list[tuple[str, float]]:
    """The same ranking with what exceeds `most` chunks of one document at its end; 0 caps none."""
    if not most:
        return list(ranked)
    taken: dict[str, int] = {}
    first: list[tuple[str, float]] = []
    rest: list[tuple[str, float]] = []
    for chunk, score in ranked:
        document = documents[chunk]
        taken[document] = taken.get(document, 0) + 1
        (first if taken[document] <= most else rest).append((chunk, score))
    return first + rest


def spread(
    ranked: Sequence[tuple[str, float]], documents: Mapping[str, str], limit: int, share: float
) -> list[tuple[str, float]]:
    """The first `limit`, of which that share are first chunks of a document, if there are so many.

    They keep their order: the last places alone are held for documents that are not there yet.
    """
    firsts: dict[str, str] = {}
    for chunk, _ in ranked:
        firsts.setdefault(documents[chunk], chunk)
    held = set(list(firsts.values())[: round(limit * share)])
    free = limit - len(held)
    kept = []
    for chunk, score in ranked:
        if chunk in held:
            kept.append((chunk, score))
        elif free > 0:
            kept.append((chunk, score))
            free -= 1
    return kept[:limit]
