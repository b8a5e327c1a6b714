"""Logistic models small enough to read: coefficients in a file, features by name."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

# Keeps coefficients of rare features small; the usual choice of unit-variance priors.
RIDGE = 1.0
NEWTON_STEPS = 25


@dataclass(frozen=True, slots=True)
class Logistic:
    """`probability` = 1 / (1 + exp(-(bias + Σ weight × feature))); unnamed features count for 0."""

    bias: float
    weights: Mapping[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        """Log-odds; orders like the probability and never saturates."""
        return self.bias + sum(w * features.get(name, 0.0) for name, w in self.weights.items())

    def probability(self, features: Mapping[str, float]) -> float:
        """Between 0 and 1."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.logit(features)))))


def fit(
    rows: Sequence[Mapping[str, float]], labels: Sequence[bool], names: Sequence[str]
) -> Logistic:
    """Ridge logistic regression by Newton's method; the bias is not penalised."""
    matrix = np.array([[1.0, *(row.get(name, 0.0) for name in names)] for row in rows])
    target = np.array(labels, dtype=float)
    penalty = np.diag([0.0, *([RIDGE] * len(names))])
    beta = np.zeros(len(names) + 1)
    for _ in range(NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(matrix @ beta, -30, 30)))
        gradient = matrix.T @ (p - target) + penalty @ beta
        hessian = matrix.T @ (matrix * (p * (1 - p))[:, None]) + penalty + 1e-9 * np.eye(len(beta))
        beta -= np.linalg.solve(hessian, gradient)
    return Logistic(float(beta[0]), dict(zip(names, map(float, beta[1:]), strict=True)))


@cache
def load(name: str) -> Mapping[str, Logistic]:
    """The models of `data/<name>.json`, by their names there."""
    path = files("vigie.assistant") / "data" / f"{name}.json"
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {key: Logistic(value["bias"], value["weights"]) for key, value in models.items()}
