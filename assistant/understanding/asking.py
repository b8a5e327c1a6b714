"""Which sentences of a message ask, and how many questions there are in them."""

import re
from collections.abc import Sequence

from vigie.assistant.question_kinds import QuestionKind, kind_of
from vigie.assistant.understanding.courtesies import LEAD, without_leads
from vigie.assistant.understanding.focus import focus_terms
from vigie.ingest.folding import fold

# Beyond this many words a question is a story: its own interrogative sentence says what is asked.
STORY_WORDS = 30
# More questions than this in a message are details of one.
QUESTIONS = 3
# A question that has a subject of its own has at least this many words for it.
OWN_TERMS = 2

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
NUMBERED = re.compile(
    r"(?:(?<=^)|(?<=\s))\d\s?[)°]\s+(?=\w)|(?:(?<=^)|(?<=\n))(?:\d\s?\.|[-•*])\s+(?=\w)"
)
_ASKING = (
    r"(?:(?:a|de|d'|pour|par|avec|depuis|jusqu'a|en|dans|sur) ?)?"
    r"(?:qu(?:i|oi|and)\b|que (?:faire|faut|dois|doi[st]|doivent|peut|puis|se passe\w*|devien\w+|"
    r"deviendr\w+|signifie\w*|veut|risque\w*|finance\w*|sont|propose\w*|prevoi\w*)\b|"
    r"quel(?:le)?s?\b|combien|comment|pourquoi|ou (?:est|sont|se|puis|peut|"
    r"trouver|aller)\b|est-ce|qu'est-ce|c'est quoi|(?:les|la|le)quel\w*|"
    r"(?:peut|faut|doit|dois|puis|y a|existe|fallait)[ -](?:t-)?(?:on|il|je)\b|"
    r"what\b|when\b|where\b|who\b|why\b|how\b|which\b|can\b|does\b|do\b|is\b|are\b)"
)
ASKING = re.compile(_ASKING)
# Between two questions of one sentence: « …, et combien… ? », « … ainsi que … ».
BETWEEN = re.compile(
    r"\s*[,;:]?\s+(?:et aussi|et sinon|et par ailleurs|et egalement|ainsi que|mais aussi|et puis|et|"
    rf"and also|and)\s*[,:]?\s+(?={_ASKING})"
)
# « … et qui … » after another « qui »: a second relative clause.
RELATIVE = re.compile(r"\bqu(?:i|e)\b")
# « … et sinon … », « … ainsi que … »: another matter follows even without a question word.
ANOTHER = re.compile(r"\s*[,;]?\s+(?:et sinon|et aussi,|et par ailleurs,?|ainsi que)\s+")
OPENING = re.compile(
    r"^(?:(?:et|mais|puis|sinon|and|also)\b[ ,]*|(?:aussi|par ailleurs|d'autre part|egalement|"
    r"deuxieme(?:ment)?|seconde?(?:ment)?|premier(?:ement)?|autre question|autre chose)\b[ ,:]*)+"
)
# A word that points to what was said before: such a question is not another one. After a noun of
# its own it points to that: « les bénévoles ont-ils quitté leurs postes ».
POINTING = re.compile(
    r"\b(?:il|elle|ils|elles|celui|celle|ceux|celles|celui-ci|lui|leur|leurs|son|sa|ses|y|en|cela|ca|"
    r"ce|cet|cette|ces|it|its|they|them|their|this|that|these|those)\b"
    r"|^(?:\w+ )?(?:quel(?:le)?s?|combien d[e'])(?: ?[\w']+){1,2} [\w']+[- ]+(?:t-)?(?:il|elle)s?\b"
)
# Pronouns that point to nothing: impersonal turns, complements of time, place and manner.
NOT_POINTING = re.compile(
    r"\b(?:il (?:faut|existe|y a)|(?:faut|existe|fallait|y a)[ -](?:t[ -])?il|est-ce|qu'est-ce|c'est|"
    r"s'agit-il|est-il possible|en (?:\d{4}|[a-z]+ \d{4}|[a-z]+))\b"
)


def sentences(text: str) -> list[str]:
    """Sentences and lines of a message, numbers of a list taken off."""
    found = (part.strip() for part in SENTENCE_END.split(NUMBERED.sub("\n", text)))
    return [part for part in found if any(map(str.isalnum, part))]


def asked_in(text: str) -> str:
    """What asks in a message; the whole when nothing in it does more than the rest."""
    parts = sentences(text)
    marked = [part for part in parts if part.endswith("?")]
    if not marked and (len(parts) > 1 or len(text.split()) > STORY_WORDS):
        marked = _announced(parts) or [part for part in parts if ASKING.match(fold(part))]
    if not marked:
        return without_leads(text)
    found = " ".join(_to_the_point(part) for part in marked)
    before = parts.index(marked[0]) - 1
    # « Comment faire ? » asks of what was just said.
    return found if _own(found) or before < 0 else f"{parts[before]} {found}"


def _announced(parts: Sequence[str]) -> list[str]:
    """The sentence that « ma question est : » or « je voudrais savoir » announces."""
    for at, part in enumerate(parts):
        if LEAD.search(fold(part)):
            rest = _to_the_point(part)
            # « J'ai une question. » says nothing else: the next sentence is the question.
            return [part] if _own(rest) and rest != part else list(parts[at + 1 : at + 2])
    return []


def _to_the_point(sentence: str) -> str:
    """From the words that announce the question on, when what they announce has a subject."""
    announced = [match.end() for match in LEAD.finditer(fold(sentence))]
    rest = sentence[announced[-1] :] if announced else ""
    return rest if len(_own(rest)) >= OWN_TERMS else without_leads(sentence)


def separate(text: str) -> tuple[str, ...]:
    """The questions of a message, each whole by itself; none when it asks one thing only."""
    parts = sentences(without_leads(text))
    asking = [part for part in parts if part.endswith("?")]
    if not asking and (len(parts) == 1 or all(map(_interrogative, parts))):
        asking = parts
    first, *others = [_opened(piece) for part in asking for piece in _pieces(part)] or [""]
    if not 1 <= len(others) < QUESTIONS or not _weighty(first):
        return ()
    return (first, *others) if all(map(stands_alone, others)) else ()


def narrates(text: str) -> bool:
    """Whether a message holds sentences beside those that ask."""
    parts = sentences(without_leads(text))
    return any(part.endswith("?") for part in parts) and not all(map(_interrogative, parts))


def _pieces(sentence: str) -> list[str]:
    """The sentence cut where another question begins, if both sides have a subject of their own."""
    folded = fold(sentence)
    for match in (*BETWEEN.finditer(folded), *ANOTHER.finditer(folded)):
        first, second = sentence[: match.start()], sentence[match.end() :]
        if RELATIVE.match(fold(second)) and RELATIVE.search(folded[: match.start()]):
            continue
        if _interrogative(first) and _weighty(first) and stands_alone(_opened(second)):
            return [first.rstrip(" ,;?.") + " ?", *_pieces(second)]
    return [sentence]


def _opened(piece: str) -> str:
    match = OPENING.match(fold(piece))
    rest = piece[match.end() :] if match else piece
    return rest if any(map(str.isalnum, rest)) else piece


def _interrogative(piece: str) -> bool:
    return (
        piece.rstrip().endswith("?")
        or ASKING.match(fold(piece)) is not None
        or kind_of(piece) is not QuestionKind.OTHER
    )


def stands_alone(piece: str) -> bool:
    """Whether a question needs no other: a subject of its own, nothing that points before it."""
    folded = NOT_POINTING.sub(lambda match: " " * len(match[0]), fold(piece))
    pointing = POINTING.search(folded)
    return _weighty(piece) and (pointing is None or bool(_own(piece[: pointing.start()])))


def _weighty(piece: str) -> bool:
    terms = [term for term in focus_terms(piece, None) if term.weight == 1.0]
    return len(terms) >= OWN_TERMS or any(term.name for term in terms)


def _own(piece: str) -> Sequence[str]:
    return [term.stem for term in focus_terms(piece, None) if term.weight == 1.0]
