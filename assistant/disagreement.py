"""Dated documents that give different figures for the same thing."""

from collections.abc import Sequence
from datetime import date

from vigie.assistant.answer_types import Figure, figures
from vigie.assistant.question_kinds import QuestionKind
from vigie.assistant.questions import Question
from vigie.assistant.sentence_features import Scored

# A rival must score within this many log-odds of the best sentence and cover this share of what
# the best one covers: less would oppose figures of two different things.
RIVAL_MARGIN = 2.0
RIVAL_COVER = 0.99
COMPARABLE = frozenset(
    {QuestionKind.HOW_MANY, QuestionKind.HOW_MUCH, QuestionKind.WHEN, QuestionKind.DURATION}
)


def rivals(question: Question, best: Scored, ranked: Sequence[Scored]) -> list[Scored]:
    """The best sentence and those that contradict it, newest document first; else empty.

    Both documents must be dated, and neither sentence may speak of a year that the other and the
    question leave out: figures of two years do not disagree.
    """
    if question.kind not in COMPARABLE or dated(best) is None:
        return []
    found = [best]
    for scored in ranked:
        known = {s.evidence.passage.document.id for s in found}
        if scored.evidence.passage.document.id in known or dated(scored) is None:
            continue
        if scored.score < best.score - RIVAL_MARGIN or not _same_subject(best, scored):
            continue
        if _contradict(question, best, scored):
            found.append(scored)
    if len(found) < 2:
        return []
    return sorted(found, key=lambda s: dated(s) or date.min, reverse=True)


def dated(scored: Scored) -> date | None:
    """The day to show beside a figure: when its document was last changed, else published."""
    document = scored.evidence.passage.document
    return document.modified or document.published


def _same_subject(best: Scored, other: Scored) -> bool:
    shared = len(best.around & other.around)
    return shared >= RIVAL_COVER * len(best.around) and bool(best.covered & other.covered)


def _contradict(question: Question, best: Scored, other: Scored) -> bool:
    mine, theirs = _answers(question, best), _answers(question, other)
    if not mine or not theirs:
        return False
    if question.kind is not QuestionKind.WHEN and _years(best) ^ _years(other):
        return False
    by_unit = {figure.unit: figure.value for figure in reversed(mine)}
    shared = [f for f in theirs if f.unit in by_unit]
    if not shared or {f.value for f in mine} & {f.value for f in theirs}:
        return False
    return any(by_unit[f.unit] != f.value for f in shared)


def _answers(question: Question, scored: Scored) -> list[Figure]:
    """Figures of the sentence that may answer: dates for "when", anything else otherwise."""
    when = question.kind is QuestionKind.WHEN
    spans = scored.answers
    return [
        figure
        for figure in figures(scored.evidence.text)
        if (figure.unit == "date") == when
        and any(start < figure.end and figure.start < end for start, end in spans)
    ]


def _years(scored: Scored) -> frozenset[str]:
    return frozenset(
        figure.value[-4:]
        for figure in figures(scored.evidence.text)
        if figure.unit == "date" and figure.value[-4:].isdigit()
    )
