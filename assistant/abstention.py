"""Whether to answer at all: a measured probability that the chosen sentences answer.

The coefficients stand in `data/abstention_model.json` with the command that fits them. A wrong
answer costs its readers more than none, so the threshold was chosen where false answers are rare.
"""

from collections.abc import Mapping, Sequence

from vigie.assistant.answers import Confidence
from vigie.assistant.extraction.answer_types import PRECISE
from vigie.assistant.extraction.extractive import Choice
from vigie.assistant.logistic import Logistic, load
from vigie.assistant.questions import Question
from vigie.index.hits import Hit

# `python -m vigie.evals.calibrate` prints the curve, each half of the questions by a model of the
# other half: with the packaged embedder, over 580 questions that have an answer and 271 that have
# none (encyclopaedia, sample corpus), .4 answers 80 % of those whose right sentence was chosen and
# 57 % of the others; it refuses 10 of 11 questions on other subjects, 92 % of those whose article
# was withheld and 7 of 11 near ones. At .35: 84 % and 65 %; 10, 88 % and 6. At .5: 70 % and 40 %.
ABSTAIN_BELOW = 0.4
# In words: above .7, five answers in six were right; from .55 to .7, two in three.
MEDIUM_FROM = 0.55
HIGH_FROM = 0.7
# The model for embedders whose cosines were not measured: it looks at words only.
ANY_EMBEDDER = "any"

FEATURES = (
    "whole",
    "union",
    "absent",
    "names",
    "pairs",
    "dense",
    "both",
    "margin",
    "answered",
    "unanswered",
    "few_terms",
    "defines",
    "miscounted",
)


def features(question: Question, hits: Sequence[Hit], choice: Choice) -> dict[str, float]:
    """What tells an answered question from another; all zero when nothing was chosen.

    BM25 is left out: its IDF grows with the corpus, and the same model must serve ten documents
    and ten thousand.
    """
    if not choice.chosen or not hits:
        return dict.fromkeys(FEATURES, 0.0)
    best = choice.chosen[0]
    focus = question.focus_terms
    total = sum(term.weight for term in focus) or 1.0
    around = frozenset[str]().union(*(item.around for item in choice.chosen))
    anywhere = frozenset[str]().union(*(item.around for item in choice.ranked))
    precise = question.kind in PRECISE
    answered = any(item.answers for item in choice.chosen)
    next_scores = [item.score for item in choice.ranked if item not in choice.chosen]
    return {
        "whole": best.features["coverage"] + best.features["context"],
        "union": sum(term.weight for term in focus if term.stem in around) / total,
        "absent": sum(term.weight for term in focus if term.stem not in anywhere) / total,
        "names": best.features["names"],
        "pairs": best.features["pairs"],
        "dense": max((hit.dense or 0.0 for hit in hits), default=0.0),
        "both": float(hits[0].dense is not None and hits[0].lexical is not None),
        "margin": best.score - next_scores[0] if next_scores else 0.0,
        "answered": float(precise and answered),
        "unanswered": float(precise and not answered),
        "few_terms": float(len(focus) <= 1),
        "defines": best.features["defines"],
        "miscounted": best.features["miscounted"],
    }


def score(found: Mapping[str, float], embedder: str) -> float:
    """Probability that the chosen sentences answer, with the model fitted for this embedder."""
    if not found["names"]:
        # What it asks about is named nowhere near: 1 in 8 of such answers was right.
        return 0.0
    models = load("abstention_model")
    model: Logistic = models.get(embedder) or models[ANY_EMBEDDER]
    return model.probability(found)


def abstains(probability: float) -> bool:
    """Whether the answer is withheld."""
    return probability < ABSTAIN_BELOW


def confidence(probability: float) -> Confidence:
    """The probability in words."""
    if probability >= HIGH_FROM:
        return Confidence.HIGH
    return Confidence.MEDIUM if probability >= MEDIUM_FROM else Confidence.LOW
