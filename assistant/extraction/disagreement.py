"""Dated documents that give different figures for the same thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from vigie.assistant.extraction.answer_types import Figure, figures
from vigie.assistant.extraction.sentence_features import Scored
from vigie.assistant.question_kinds import QuestionKind
from vigie.assistant.questions import Question

# A rival must score within this many log-odds of the best sentence: further down, figures are of
# other things. Chosen by reading one case, not measured: in the shipped corpus the newer count of a
# network's members stands 3.0 below the older one.
RIVAL_MARGIN = 3.5
# It must also hold this share of what the best sentence itself holds of the question: all of it for
# a date, since an article gives the dates of many events.
RIVAL_COVERAGE = 0.75
# Figures shown of one thing: beyond, the reader wants the documents.
RIVALS = 3
COMPARABLE = frozenset(
    {QuestionKind.HOW_MANY, QuestionKind.HOW_MUCH, QuestionKind.WHEN, QuestionKind.DURATION}
)


@dataclass(frozen=True, slots=True)
class Rivalry:
    """Sentences that give different figures, newest document first.

    `same_time`: they speak of the same year, so that they contradict each other; otherwise each
    was true in its time.
    """

    sentences: tuple[Scored, ...]
    same_time: bool


def rivalry(question: Question, ranked: Sequence[Scored]) -> Rivalry | None:
    """The best sentence and those of other dated documents that give another figure.

    None when the figures agree, or when the question names the year and the sentences another.
    """
    best = ranked[0]
    if question.kind not in COMPARABLE or dated(best) is None:
        return None
    found = [best]
    same_time = True
    for scored in _closest_of_each_document(ranked):
        if len(found) == RIVALS:
            break
        if not _same_subject(question, best, scored) or not _differ(question, found, scored):
            continue
        apart = question.kind is not QuestionKind.WHEN and _years(best) != _years(scored)
        if apart and _years_asked(question):
            continue
        same_time = same_time and not apart
        found.append(scored)
    if len(found) < 2:
        return None
    newest_first = sorted(found, key=lambda s: dated(s) or date.min, reverse=True)
    return Rivalry(tuple(newest_first), same_time)


def _closest_of_each_document(ranked: Sequence[Scored]) -> list[Scored]:
    """For each other dated document, its sentence nearest to the question's own words."""
    best = ranked[0]
    closest: dict[str, Scored] = {}
    for scored in ranked:
        document = scored.evidence.passage.document
        near = scored.score >= best.score - RIVAL_MARGIN and not scored.features["dangling"]
        if not near or dated(scored) is None or document == best.evidence.passage.document:
            continue
        known = closest.get(document.id)
        if known is None or scored.features["coverage"] > known.features["coverage"]:
            closest[document.id] = scored
    return sorted(closest.values(), key=lambda scored: scored.score, reverse=True)


def dated(scored: Scored) -> date | None:
    """The day to show beside a figure: when its document was last changed, else published."""
    document = scored.evidence.passage.document
    return document.modified or document.published


def _same_subject(question: Question, best: Scored, other: Scored) -> bool:
    matter = {term.stem for term in question.focus_terms if term.weight == 1.0}
    share = 1.0 if question.kind is QuestionKind.WHEN else RIVAL_COVERAGE
    if other.features["coverage"] < share * best.features["coverage"]:
        return False
    if question.kind is QuestionKind.WHEN and other.features["pairs"] < best.features["pairs"]:
        return False
    return best.nearby & matter <= other.nearby and bool(best.covered & other.covered & matter)


def _differ(question: Question, found: Sequence[Scored], other: Scored) -> bool:
    """Whether a sentence counts the same thing as the best one and agrees with none."""
    theirs = _answers(question, other)
    units = {figure.unit for figure in _answers(question, found[0])}
    values = {figure.value for scored in found for figure in _answers(question, scored)}
    shared = [figure for figure in theirs if figure.unit in units]
    return bool(shared) and not values & {figure.value for figure in theirs}


def _answers(question: Question, scored: Scored) -> list[Figure]:
    """Figures of the sentence that may answer: dates for "when", anything else otherwise."""
    when = question.kind is QuestionKind.WHEN
    return [
        figure
        for figure in figures(scored.evidence.text)
        if (figure.unit == "date") == when
        and any(start < figure.end and figure.start < end for start, end in scored.answers)
    ]


def _years(scored: Scored) -> frozenset[str]:
    return frozenset(
        figure.value[-4:]
        for figure in figures(scored.evidence.text)
        if figure.unit == "date" and figure.value[-4:].isdigit()
    )


def _years_asked(question: Question) -> bool:
    return any(figure.unit == "date" for figure in figures(question.asked))
