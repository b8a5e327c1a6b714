"""Vectors spread evenly over their directions, for a model that crowds a language into a corner.

The packaged model is English: two French passages with nothing in common have cosine .39 in it,
.01 once whitened (1,000 × 1,000 passages). Removing the mean and part of what varies most (Su and
others, "Whitening sentence representations", 2021) needs no question and no label. Fitted on other
French texts than those searched, it raised nDCG@10 of the dense side alone from .474 to .527 over
213 questions (each question's set of documents left out of the fit), and from .670 to .760 over 500
questions on Wikipedia; fitting on the very corpus that is searched gave .513 and .749. Titles among
the texts fitted are worth .01.

Fused with words, at weights .3 and .2, little of it is left: over the 206 of these questions that
were asked of the index, hit@5 +.005 [-.024, +.033] and hit@1 -.010 [-.029, +.009]. So `whitened` is
offered, and not the default.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigie.index.embedders import Vectors

# In the folder of a model, the file that says how its vectors are whitened.
FILE = "whitening.npz"
# How much of the spread is evened out: 0 none, 1 all. From .25 to .75 the same within .015 of
# nDCG@10 on held-out sets; at 1 directions that hold noise alone count as much as the others.
EXPONENT = 0.5
# Of the widest direction's spread; a direction in which the texts do not differ stays small.
FLOOR = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """The mean that is taken away and the square matrix that follows, kept in half precision."""

    mean: Vectors
    matrix: Vectors

    def apply(self, rows: Vectors) -> Vectors:
        """Rows of length 1, comparable only with others that went through the same."""
        moved = (rows - self.mean) @ self.matrix
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        unit: Vectors = moved / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit

    def digest(self) -> bytes:
        """Changes with the numbers and with nothing else."""
        return hashlib.sha256(self.mean.tobytes() + self.matrix.tobytes()).digest()

    def write(self, path: Path) -> None:
        """About 300 kB for 384 dimensions."""
        mean, matrix = self.mean.astype(np.float16), self.matrix.astype(np.float16)
        with path.open("wb") as file:
            np.savez(file, mean=mean, matrix=matrix)


def read(path: Path) -> Whitening:
    """What `write` wrote; raises ValueError for a file of another kind."""
    with np.load(path, allow_pickle=False) as file:
        missing = {"mean", "matrix"} - set(file)
        if missing:
            raise ValueError(f"{path}: {sorted(missing)}")
        return Whitening(file["mean"].astype(np.float32), file["matrix"].astype(np.float32))


def fit(rows: Vectors) -> Whitening:
    """From some thousands of vectors of length 1; the axes stay where they were (ZCA).

    Turning them back leaves every cosine as it is, and each dimension with about as much to say as
    the others, which quantisation needs.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    spread, axes = np.linalg.eigh(np.cov(rows.astype(np.float64) - mean, rowvar=False))
    widths = np.sqrt(np.maximum(spread, 0.0) / spread[-1])
    matrix = (axes / (widths + FLOOR) ** EXPONENT) @ axes.T
    return Whitening(_halved(mean), _halved(matrix))


def _halved(values: NDArray[np.float64]) -> Vectors:
    """As it will be read back, so that what was just fitted and what is stored are the same."""
    kept: Vectors = values.astype(np.float16).astype(np.float32)
    return kept
