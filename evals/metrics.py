"""Measures of rankings, answers and refusals; pure functions over plain values.

Ranking measures are those of `ir_measures` (MacAvaney et al., ECIR 2022).
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, R, Rprec, Success, nDCG

RANKING = {
    "hit@1": Success @ 1,
    "hit@5": Success @ 5,
    "hit@10": Success @ 10,
    "recall@10": R @ 10,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
    "rprec": Rprec,
}
GRADED = "ndcg@10"
# Passages read to see whether the answer was in reach: what a reader or a prompt is given.
PASSAGES = 5


def ranking(
    qrels: Mapping[str, Mapping[str, int]],
    grades: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Sequence[str]],
) -> dict[str, dict[str, float]]:
    """Each measure of `RANKING` by question id; documents of `run` are given best first.

    `grades` replace `qrels` for nDCG where they are given. A question without a relevant document
    is left out, one for which nothing was found counts 0.
    """
    judged = {key: dict(documents) for key, documents in qrels.items() if documents}
    graded = {key: dict(grades.get(key) or documents) for key, documents in judged.items()}
    scored = {
        key: {document: 1.0 / rank for rank, document in enumerate(documents, 1)}
        for key, documents in run.items()
        if key in judged
    }
    names = {measure: name for name, measure in RANKING.items()}
    binary = [measure for name, measure in RANKING.items() if name != GRADED]
    values = {key: dict.fromkeys(RANKING, 0.0) for key in judged}
    for measures, gold in ((binary, judged), ([RANKING[GRADED]], graded)):
        for metric in ir_measures.iter_calc(measures, gold, scored):
            values[metric.query_id][names[metric.measure]] = metric.value
    return values


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean, 0 for no value."""
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed; 0 for none."""
    rank = math.ceil(round(len(values) * share, 9))
    return sorted(values)[max(0, rank - 1)] if values else 0.0


def normalised(text: str) -> str:
    """Lower case, no accents, punctuation as blanks: how SQuAD compares answers, for French."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("’", "'"))
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w%€]+", " ", plain).split())


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the gold answers stands in `text`, both normalised, at word boundaries."""
    haystack = f" {normalised(text)} "
    return any(f" {normalised(answer)} " in haystack for answer in answers)


def f1(found: frozenset[str], relevant: frozenset[str]) -> float:
    """Harmonic mean of precision and recall of a set; 1 when both are empty."""
    return 2 * len(found & relevant) / (len(found) + len(relevant)) if found or relevant else 1.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """What refusing below `at` would have given; shares between 0 and 1.

    `refused` holds one share for each distance of unanswerable questions.
    """

    at: float
    false_refusals: float
    refused: dict[str, float]


def abstention_curve(
    outcomes: Sequence[tuple[str | None, float]], thresholds: Sequence[float]
) -> list[Threshold]:
    """Refusals at each threshold of (distance, probability) pairs, None = answerable."""
    groups: dict[str | None, list[float]] = {}
    for distance, probability in outcomes:
        groups.setdefault(distance, []).append(probability)
    answerable = groups.pop(None, [])

    def below(values: Sequence[float], threshold: float) -> float:
        return mean([float(value < threshold) for value in values])

    return [
        Threshold(
            at,
            below(answerable, at),
            {str(key): below(group, at) for key, group in sorted(groups.items(), key=str)},
        )
        for at in thresholds
    ]
