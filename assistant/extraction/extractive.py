"""The extractive answerer: the sentences that answer, word for word, in reading order.

Sentences are ranked by their words and their place. Comparing them by meaning too was tried: with
the packaged model it found the right sentence first for 2 more questions in 100, and took longer
than all the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from vigie.assistant.citations import Draft
from vigie.assistant.extraction.answer_types import PRECISE
from vigie.assistant.extraction.disagreement import Rivalry, dated, rivalry
from vigie.assistant.extraction.evidence import DocumentOf, Evidence, evidence, passages
from vigie.assistant.extraction.quoting import (
    draft,
    in_reading_order,
    quotable,
    with_context,
    words,
)
from vigie.assistant.extraction.sentence_features import OPENING, Scored, measured
from vigie.assistant.extraction.updates import correction
from vigie.assistant.logistic import load
from vigie.assistant.question_kinds import QuestionKind
from vigie.assistant.questions import Question
from vigie.assistant.wording import day, text
from vigie.index.hits import Hit
from vigie.index.lexical import families

# Words of an answer: three sentences of 30, what is read without scrolling on a telephone.
ANSWER_WORDS = 90
# A list asked for is given whole up to two screens.
LIST_WORDS = 250
SENTENCES = 3
# Hits read: beyond the tenth, the sentence that answers was never found on the development sets.
HITS_READ = 10
# A further sentence must score within MARGIN log-odds of the best one, and add something to it
# unless it is CLOSE behind. On 500 PIAF questions the answer then holds the right words for 70 %
# with 1.7 sentences; with the best sentence alone 61 %, with three 78 %.
MARGIN = 1.5
CLOSE = 0.5
# Sentences with this share of words in common say the same thing: republished articles.
SAME_WORDS = 0.8
# Kinds explained by the sentence that follows as much as by the one that matches.
EXPLAINED = frozenset({QuestionKind.WHY, QuestionKind.HOW, QuestionKind.DEFINITION})


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen to answer, best first, and the drafts to show, in reading order."""

    drafts: tuple[Draft, ...]
    chosen: tuple[Scored, ...]
    ranked: tuple[Scored, ...]


NOTHING = Choice((), (), ())


def choose(
    question: Question, hits: Sequence[Hit], document_of: DocumentOf, language: str
) -> Choice:
    """The sentences that answer; NOTHING when no hit holds one."""
    candidates = [
        item
        for passage in passages(hits[:HITS_READ], document_of)
        for item in evidence(passage)
        if quotable(item) and _speaks_of(item, question)
    ]
    ranked = told_first(question, ranked_by_score(question, candidates))
    if not ranked:
        return NOTHING
    if opposed := rivalry(question, ranked):
        return Choice(_opposed(opposed, language), opposed.sentences, tuple(ranked))
    chosen = select(question, ranked)
    whole = question.wants_list
    quoted = [item for scored in chosen for item in with_context(scored.evidence, whole)]
    quoted += correction(question, ranked[0])
    drafts = tuple(draft(item, language) for item in in_reading_order(quoted))
    return Choice(drafts, tuple(chosen), tuple(ranked))


def _speaks_of(item: Evidence, question: Question) -> bool:
    """A line of a programme's record says nothing to who did not name the programme."""
    record = item.passage.document.record
    return record is None or set(families(record.name)) <= set(families(question.query))


def ranked_by_score(question: Question, candidates: Sequence[Evidence]) -> list[Scored]:
    """Candidates with their scores, best first."""
    model = load("sentence_model")["words"]
    scored = [
        replace(item, score=model.logit(item.features)) for item in measured(question, candidates)
    ]
    return sorted(scored, key=lambda item: item.score, reverse=True)


def told_first(question: Question, ranked: list[Scored]) -> list[Scored]:
    """The same, led by a sentence that says what is asked, when the best one only names the subject.

    A document names its subject once, then says « elle » : the sentence that answers need not.
    """
    if not ranked or question.kind not in PRECISE:
        return ranked
    best = ranked[0]
    document = best.evidence.passage.document
    opening = document.text.partition("\n")[0][:OPENING]
    subject = set(families(f"{document.title} . {opening}"))
    asked = {t.stem for t in question.focus_terms if not t.name and t.stem not in subject}
    if not asked or asked & best.covered:
        return ranked
    for item in ranked[1:]:
        same = item.evidence.passage.document.id == document.id
        if same and item.answers and asked & item.covered:
            return [item, *(other for other in ranked if other is not item)]
    return ranked


def select(question: Question, ranked: Sequence[Scored]) -> list[Scored]:
    """The best sentence and those that add something to it, within the length of an answer."""
    best = ranked[0]
    chosen = [best]
    if question.wants_list and best.evidence.unit.form == "item":
        return chosen  # its whole list is quoted, and another list would be of something else
    limit = LIST_WORDS if question.wants_list else ANSWER_WORDS
    length = words(best.evidence)
    for item in ranked[1:]:
        if len(chosen) == SENTENCES or item.score < best.score - MARGIN:
            break
        more = words(item.evidence)
        if item.features["names"] < best.features["names"]:
            continue  # it speaks of another than whom the question names
        if length + more > limit or any(_same(item, other) for other in chosen):
            continue
        if item.score >= best.score - CLOSE or _adds(question, item, chosen):
            chosen.append(item)
            length += more
    return chosen


def _adds(question: Question, item: Scored, chosen: Sequence[Scored]) -> bool:
    """Whether a sentence brings a word of the question, an answer of its kind, or the sequel."""
    known = frozenset[str]().union(*(other.around for other in chosen))
    if item.covered - known:
        return True
    if question.kind in PRECISE:
        return bool(item.answers) and not any(other.answers for other in chosen)
    return question.wants_list or (
        question.kind in EXPLAINED and any(_follows(item, other) for other in chosen)
    )


def _follows(item: Scored, other: Scored) -> bool:
    mine, theirs = item.evidence, other.evidence
    return mine.passage is theirs.passage and mine.index == theirs.index + 1


def _same(item: Scored, other: Scored) -> bool:
    mine, theirs = set(families(item.evidence.text)), set(families(other.evidence.text))
    return len(mine & theirs) >= SAME_WORDS * min(len(mine), len(theirs))


def _opposed(opposed: Rivalry, language: str) -> tuple[Draft, ...]:
    """The figures that differ, each behind the date of its document."""
    lead = "disagreement" if opposed.same_time else "succession"
    drafts = [Draft(text(lead, language), ())]
    for scored in opposed.sentences:
        quoted = draft(scored.evidence, language)
        when = day(dated(scored) or date.min, language)
        said = text("dated_statement", language, day=when, text=quoted.text)
        drafts.append(replace(quoted, text=said, form="item"))
    return tuple(drafts)
