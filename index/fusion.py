"""One ranking out of several, by ranks alone: scores of different sides do not compare."""

from collections import defaultdict
from collections.abc import Sequence

# Cormack, Clarke and Büttcher (2009) chose 60 on TREC collections and found any near value as good.
RANK_OFFSET = 60


def fuse(
    rankings: Sequence[Sequence[str]], weights: Sequence[float], offset: int = RANK_OFFSET
) -> list[tuple[str, float]]:
    """Weighted reciprocal rank fusion: ids with their scores, best first.

    Equal scores keep the order of the first ranking that holds them, so that one question always
    gets the same list.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, found in enumerate(ranking, start=1):
            scores[found] += weight / (offset + rank)
    return sorted(scores.items(), key=lambda item: -item[1])
