"""Averages of a run: over all its questions, by set and by kind, each need counting once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from vigie.evals.bootstrap import Interval, difference, interval
from vigie.evals.dataset import KINDS_APART
from vigie.evals.metrics import (
    PASSAGES,
    RANKING,
    Threshold,
    abstention_curve,
    mean,
    percentile,
)
from vigie.evals.record import Asked
from vigie.evals.stopwatch import COSTLY, ENCODING, SEARCHING, TIMED
from vigie.evals.systems import OURS

RETRIEVAL = (*RANKING, f"passage@{PASSAGES}")
ANSWERS = (
    "answer_recall",
    "span_recall",
    "list_f1",
    "citation_exactness",
    "citation_precision",
    "statements_cited",
    "statements",
    "answered",
    "false_refusals",
    "refused_near",
    "refused_far",
    "refused_other",
    "failed",
)
SHARES = (0.5, 0.9, 0.95, 0.99)
# Every twentieth: finer steps hold no more than a few questions each.
THRESHOLDS = tuple(step / 20 for step in range(21))


@dataclass(frozen=True, slots=True)
class Slice:
    """Questions looked at together; `name` is empty for the whole run."""

    by: Literal["all", "set", "kind"]
    name: str
    questions: tuple[Asked, ...]


def slices(questions: Sequence[Asked]) -> list[Slice]:
    """The whole run without the kinds told apart, then each set and each kind, in order met."""
    whole = tuple(one for one in questions if one.kind not in KINDS_APART) or tuple(questions)
    return [
        Slice("all", "", whole),
        *_split("set", questions, lambda one: one.set),
        *_split("kind", questions, lambda one: one.kind),
    ]


def _split(
    by: Literal["set", "kind"], questions: Iterable[Asked], name: Callable[[Asked], str]
) -> list[Slice]:
    found: dict[str, list[Asked]] = {}
    for one in questions:
        found.setdefault(name(one), []).append(one)
    return [Slice(by, key, tuple(group)) for key, group in found.items()]


def values(question: Asked, system: str) -> Mapping[str, float]:
    """Every measure of one question; those of the answer go with our own system."""
    found = question.found[system].values if system in question.found else {}
    if system == OURS and question.answer:
        return {**found, **question.answer.values}
    return found


def units(questions: Iterable[Asked], measure: str, system: str = OURS) -> dict[str, float]:
    """One value for each need: the average of its wordings; those without the measure left out."""
    groups: dict[str, list[float]] = {}
    for one in questions:
        if measure in (found := values(one, system)):
            groups.setdefault(one.unit, []).append(found[measure])
    return {key: mean(group) for key, group in groups.items()}


def measured(questions: Iterable[Asked], measure: str, system: str = OURS) -> Interval:
    """The average of a measure with its bounds."""
    return interval(list(units(questions, measure, system).values()))


def margin(questions: Sequence[Asked], measure: str, other: str) -> Interval:
    """By how much our own system is above another on the same questions."""
    return difference(units(questions, measure, other), units(questions, measure))


def systems(questions: Sequence[Asked]) -> tuple[str, ...]:
    """Names of what was compared, our own first."""
    return tuple(dict.fromkeys(name for one in questions for name in one.found))


def flat(questions: Sequence[Asked]) -> dict[str, float]:
    """Our own averages by name; those of a set are called `set/measure`."""
    found = {}
    for part in slices(questions):
        if part.by == "kind":
            continue
        prefix = f"{part.name}/" if part.name else ""
        for measure in (*RETRIEVAL, *ANSWERS):
            if of_units := units(part.questions, measure):
                found[prefix + measure] = mean(list(of_units.values()))
    return {"questions": float(len(questions)), **found, **_times(questions)}


def _times(questions: Sequence[Asked]) -> dict[str, float]:
    found = {}
    for stage in TIMED:
        if of_stage := times(questions, stage):
            found[f"{stage}_ms_p50"] = percentile(of_stage, 0.5)
            found[f"{stage}_ms_p95"] = percentile(of_stage, 0.95)
    costs = {f"{stage}_cpu_s": cpu(questions, stage) for stage in COSTLY}
    return found | {name: found.mean for name, found in costs.items() if found.units}


def cpu(questions: Iterable[Asked], stage: str) -> Interval:
    """Seconds of processor for a question, on average."""
    return interval([one.cpu[stage] for one in questions if stage in one.cpu])


def over_encoding(questions: Sequence[Asked]) -> float:
    """The median of a whole search over that of the encoding of the question alone; 0 unknown."""
    encoding, searching = (times(questions, stage) for stage in (ENCODING, SEARCHING))
    alone = percentile(encoding, 0.5)
    return percentile(searching, 0.5) / alone if alone else 0.0


def times(questions: Iterable[Asked], stage: str) -> list[float]:
    """Milliseconds of one stage; a question that did not reach it is left out."""
    return [one.times[stage] for one in questions if stage in one.times]


def curve(questions: Iterable[Asked]) -> list[Threshold]:
    """What other thresholds of abstention would have given; nothing without probabilities."""
    outcomes = [
        (one.distance, one.answer.probability)
        for one in questions
        if one.answer and one.answer.probability is not None
    ]
    return abstention_curve(outcomes, THRESHOLDS) if outcomes else []


def rank(question: Asked, system: str = OURS) -> int | None:
    """Where the first expected document stands, counted from 1; None when it was not found."""
    documents = question.found[system].documents if system in question.found else ()
    places = (place for place, name in enumerate(documents, 1) if name in question.relevant)
    return next(places, None)


def misses(questions: Iterable[Asked]) -> list[Asked]:
    """Answerable questions whose document is not the first, worst first.

    Among equals, those that more of the other systems got right come first: they can be mended.
    """
    missed = [one for one in questions if one.answerable and rank(one) != 1]

    def badness(one: Asked) -> tuple[float, float]:
        others = [1.0 / place for name in one.found if name != OURS and (place := rank(one, name))]
        return (1.0 / (rank(one) or float("inf")), -mean(others))

    return sorted(missed, key=badness)


def wrong_answers(questions: Iterable[Asked]) -> list[Asked]:
    """Answers to what has none, refusals of what has one, answers without the expected words."""
    wrong = []
    for one in questions:
        if one.answer is None:
            continue
        if one.answer.abstained == one.answerable or one.answer.values.get("answer_recall") == 0:
            wrong.append(one)
    return sorted(wrong, key=lambda one: -(one.answer and one.answer.probability or 0.0))
