"""Which pairs are learnt from together: in a batch, each passage is wrong for every other anchor.

So no batch holds two passages of one document, of one title, or of nearly the same words.
"""

import random
import zlib
from collections import deque
from collections.abc import Iterator, Sequence

from vigie.index.lexical import fold
from vigie.index.tuning.pairs import Pair

# A passage is known by its runs of so many words, of which those with the least checksums are
# kept (bottom-k sketch: Broder, 1997).
RUN, MARKS = 4, 8
# Passages that share as many of their marks are near copies: about a quarter of their words runs.
SHARED = 2
# A last batch below this share of the others teaches less than its step costs.
LEAST_SHARE = 0.5


def batches(pairs: Sequence[Pair], size: int, seed: int) -> Iterator[list[int]]:
    """Positions of `pairs`, pass after pass over all of them in new orders, for ever.

    Raises ValueError below two pairs that may stand together: nothing could be learnt from them.
    """
    labels = [_labels(pair) for pair in pairs]
    marks = [_marks(pair.passage) for pair in pairs]
    dice = random.Random(seed)
    while True:
        order = list(range(len(pairs)))
        dice.shuffle(order)
        waiting, first = deque(order), True
        while waiting:
            batch = _batch(waiting, size, labels, marks)
            if len(batch) < 2 and first:
                raise ValueError("no two pairs may stand together")
            if not first and len(batch) < max(2, size * LEAST_SHARE):
                break
            first = False
            yield batch


def _batch(
    waiting: deque[int], size: int, labels: Sequence[set[str]], marks: Sequence[set[int]]
) -> list[int]:
    """Takes from `waiting` what may stand together; what may not keeps its place before the rest."""
    batch: list[int] = []
    named: set[str] = set()
    marked: set[int] = set()
    passed: list[int] = []
    while waiting and len(batch) < size:
        place = waiting.popleft()
        if labels[place] & named or len(marks[place] & marked) >= SHARED:
            passed.append(place)
            continue
        batch.append(place)
        named |= labels[place]
        marked |= marks[place]
    waiting.extendleft(reversed(passed))
    return batch


def _labels(pair: Pair) -> set[str]:
    """What two pairs of one batch may not share."""
    return {f"document {pair.document}", f"words {fold(pair.title)}", f"words {fold(pair.anchor)}"}


def _marks(passage: str) -> set[int]:
    words = fold(passage).split()
    runs = (" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1)))
    return set(sorted({zlib.crc32(run.encode()) for run in runs})[:MARKS])
