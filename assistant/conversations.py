"""Follow-up questions made whole with the words of the question before, without any model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.assistant.question_kinds import QuestionKind, kind_of, plain_question
from vigie.assistant.questions import (
    QUESTION_LIMIT,
    WORD,
    FocusTerm,
    Question,
    completed,
    understand,
)
from vigie.index.lexical import families
from vigie.ingest.errors import InputError
from vigie.ingest.folding import fold
from vigie.ingest.territories import mentions

# Turns read back: an ellipsis seldom refers further than this.
MEMORY = 4
# A question with at most this many words of its own leans on what came before, unless it is whole.
OWN_TERMS = 2
SHORT_WORDS = 8

OPENING = re.compile(r"^(?:et|mais|ou alors|sinon|and|but|what about|how about)\b[ ,]*")
# A pronoun or a demonstrative without its noun: who or what is meant was said before.
ANAPHORA = re.compile(
    r"\b(?:ce|cet|cette|ces) (?:programme|dispositif|fonds|aide|association|fondation|structure|"
    r"reseau|rapport|etude|projet|organisme|article|personne)s?\b"
    r"|\b(?:il|elle|ils|elles|celui|celle|ceux|celles|lui|leur|leurs|son|sa|ses|y|en|cela|ca)\b"
    r"|\bl'(?:a|ont|avait|est)\b|\b(?:it|its|he|she|they|them|their|this|that|these|those)\b"
)
# Impersonal turns whose pronoun refers to nothing.
IMPERSONAL = re.compile(
    r"\b(?:il (?:faut|existe|y a|est possible)|faut[- ]il|y a[- ]t[- ]il|existe[- ]t[- ]il|s'agit[- ]il|"
    r"est[- ]il possible|qu'est[- ]ce que c'est|is (?:it|there)|are there)\b"
)
# An inverted pronoun that repeats its own noun: "quand la Fondation Clairval a-t-elle été créée".
REPEATED_SUBJECT = re.compile(
    r"\b(?:l[ae]s? |l'|un |une |mon |ma |mes |notre |nos |votre |vos |ce |cette |ces )(?:[\w']+ ){1,4}?"
    r"[\w']+[- ](?:t-)?(?:il|elle|ils|elles)\b"
)
LOCATIVE = re.compile(
    r"(?:\s+(?:en|dans|à|au|aux|de|du|des|la|le|les|l['’]|région|département|in|the))+\s*$", re.I
)
PURPOSE = re.compile(
    r"\s(?:pour|aux|for)\s+(?:les |la |le |l['’]|des |une? |the )?[^\s?,]+"
    r"(?: (?:culturelles?|sportives?|employeuses?))?"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange already had, oldest first in a conversation."""

    question: str
    answer_text: str = ""


def resolved(text: str, conversation: Sequence[Turn] = ()) -> Question:
    """The question as asked, completed when it leans on earlier ones; raises as `understand`."""
    question = understand(text)
    previous: Question | None = None
    for turn in conversation[-MEMORY:]:
        try:
            asked = understand(turn.question)
        except InputError:
            continue
        previous = _joined(asked, previous) if previous else asked
    return _joined(question, previous) if previous else question


def _joined(question: Question, previous: Question) -> Question:
    if not leans_on(question, previous):
        return question
    opened = OPENING.match(fold(question.asked))
    asked = question.asked[opened.end() if opened else 0 :].strip(" ?.,!")
    kind, whole, attribute = question.kind, "", False
    if kind is QuestionKind.OTHER:
        kind, attribute = kind_of(f"quel est {asked}"), True
        if kind in (QuestionKind.OTHER, QuestionKind.LIST):
            # A new complement or a new subject in the earlier question.
            kind, whole = previous.kind, _substituted(previous.asked.rstrip(" ?.!"), asked)
    if not whole:
        whole = f"{asked} {_context(question, previous, attribute)}".strip()
    return completed(question, f"{whole} ?"[-QUESTION_LIMIT:], kind, previous.language)


def _own_terms(question: Question) -> list[FocusTerm]:
    return [term for term in question.focus_terms if term.weight == 1.0]


def leans_on(question: Question, previous: Question) -> bool:
    """Whether a question needs the one before: an ellipsis, a pronoun, or hardly any own word."""
    plain = plain_question(question.asked)
    own = _own_terms(question)
    if OPENING.match(plain):
        return len(own) <= OWN_TERMS or question.kind is QuestionKind.OTHER
    said = {term.stem for term in previous.focus_terms}
    if any(term.name and not term.stem[0].isdigit() and term.stem not in said for term in own):
        return False  # it names its own subject
    bare = REPEATED_SUBJECT.sub(" ", IMPERSONAL.sub(" ", plain))
    if ANAPHORA.search(bare):
        return len(own) <= 2 * OWN_TERMS
    short = len(question.asked.split()) <= SHORT_WORDS
    return short and not own and question.kind is not QuestionKind.OTHER


def _substituted(base: str, complement: str) -> str:
    """The earlier question with the new complement in the place of the old one of the same sort."""
    places = list(mentions(base))
    if places and list(mentions(complement)):
        for place in reversed(places):
            head = LOCATIVE.sub("", base[: place.start])
            base = f"{head} {base[place.end :].strip()}".strip()
        return f"{base} {complement}"
    subject = re.sub(r"^(?:pour|for)\s+|^(?:l[ae]s?\s+|l['’])", "", complement, flags=re.IGNORECASE)
    named = any(term.name for term in understand(complement).focus_terms) and subject[:1].isupper()
    if named and (spans := _names(base)):
        start, end = spans[-1]
        return f"{base[:start]}{subject}{base[end:]}"
    if match := PURPOSE.search(base) if PURPOSE.match(f" {complement}") else None:
        base = base[: match.start()] + base[match.end() :]
    return f"{base} {complement}"


def _names(text: str) -> list[tuple[int, int]]:
    """Spans of proper names; words in lower case that end the text belong to the last name."""
    spans: list[tuple[int, int]] = []
    for match in WORD.finditer(text):
        core = re.split(r"['’]", match.group())[-1]
        start = match.end() - len(core)
        joins = bool(spans) and not text[spans[-1][1] : start].strip()
        if core[:1].isupper() and match.start() > 0:
            spans[-1:] = (
                [(spans[-1][0], match.end())] if joins else [*spans[-1:], (start, match.end())]
            )
    if spans and all(understand(word).focus_terms for word in WORD.findall(text[spans[-1][1] :])):
        spans[-1] = (spans[-1][0], len(text))
    return spans


def _context(question: Question, previous: Question, attribute: bool) -> str:
    """What the earlier question was about: all its words when the follow-up has none of its own.

    Its names alone when the follow-up says what it asks of them (an `attribute`, or words); nothing
    when the follow-up names its own subject.
    """
    if any(term.name and not term.stem[0].isdigit() for term in question.focus_terms):
        return ""
    text = previous.asked.rstrip(" ?.!")
    if (attribute or _own_terms(question)) and (spans := _names(text)):
        return " ".join(text[start:end] for start, end in spans)
    stems = {term.stem for term in previous.focus_terms}
    words = [word for word in WORD.findall(text) if stems & set(families(word))]
    return " ".join(re.split(r"['’]", word)[-1] for word in words)
