"""Intervals of averages and of paired differences by resampling questions.

Percentile bootstrap (Efron and Tibshirani, 1993); the paired form for comparing two systems over
the same questions follows Sakai (SIGIR 2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20260
CONFIDENCE = 0.95
# Standard deviations of a normal law that hold as much.
Z = 1.96
# Fewest units that can tell a difference from chance: of five that all go one way, a sign test
# still gives p = .06.
TELLING = 6
# Resamples drawn at once: 1,000 of 10,000 questions take 80 MB.
BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Interval:
    """An average over `units` questions or groups, between its bounds; all 0 over none."""

    mean: float
    low: float
    high: float
    units: int

    @property
    def apart_from_zero(self) -> bool:
        """Whether zero is outside the bounds: for a difference, that it is not chance."""
        return self.units >= TELLING and (self.low > 0 or self.high < 0)


def interval(values: Sequence[float]) -> Interval:
    """The mean of shares with its 95 % bounds; the same values always give the same bounds.

    Where every value is 0 or every value is 1, resampling would claim certainty, even of three
    questions: the bound is then that of Wilson (1927).
    """
    found = _bootstrap(values)
    if not values or len(set(values)) > 1 or values[0] not in (0.0, 1.0):
        return found
    beyond = Z**2 / (len(values) + Z**2)
    return (
        replace(found, low=0.0, high=beyond) if not found.mean else replace(found, low=1 - beyond)
    )


def difference(first: Mapping[str, float], second: Mapping[str, float]) -> Interval:
    """`second` minus `first` over the units that both hold."""
    return _bootstrap([second[key] - first[key] for key in first if key in second])


def _bootstrap(values: Sequence[float]) -> Interval:
    if not values:
        return Interval(0.0, 0.0, 0.0, 0)
    array = np.asarray(values, dtype=np.float64)
    means = _resampled_means(array)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(array.mean()), float(low), float(high), len(array))


def _resampled_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    generator = np.random.default_rng(SEED)
    size = len(values)
    blocks = []
    for start in range(0, RESAMPLES, BLOCK):
        rows = min(BLOCK, RESAMPLES - start)
        blocks.append(values[generator.integers(0, size, (rows, size))].mean(axis=1))
    return np.concatenate(blocks)
