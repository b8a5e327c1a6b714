"""What makes a sentence likely to answer: its words, its place, the sort of fact it holds."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vigie.assistant.extraction.answer_types import PRECISE, answers_of_kind, figures
from vigie.assistant.extraction.evidence import Evidence
from vigie.assistant.extraction.tables import header
from vigie.assistant.question_kinds import QuestionKind
from vigie.assistant.questions import FocusTerm, Question
from vigie.index.lexical import families
from vigie.ingest.folding import fold

# What a synonym counts for beside the word itself: enough to find a paraphrase, not enough to
# beat a sentence that uses the question's own words.
SYNONYM_CREDIT = 0.6
# Stems that share their first letters are mostly one word inflected past what stemming undoes.
FAMILY_CREDIT = 0.8
FAMILY_LETTERS = 5
FAMILY_ENDING = 3
# A lead says what the document is about in its first characters.
OPENING = 200
SUBJECT_WORDS = 12  # a definition opens with what it defines
SHORT_WORDS = 5
LONG_WORDS = 45
# "combien de lauréats", "how many members".
COUNTED = re.compile(
    r"\b(?:combien (?:de |d['’])|nombre (?:de |d['’]|des )|how many )([\w-]+)", re.IGNORECASE
)
# Two words of the question count as close when at most this many terms part them.
NEAR = 3

DANGLING = re.compile(
    r"^(?:il|elle|ils|elles|ce|cela|ca|ceci|cet|cette|ces|celui-ci|celle-ci|ceux-ci|ce dernier|"
    r"cette derniere|ces derniers|ces dernieres|leur|leurs|son|sa|ses|par ailleurs|en outre|"
    r"de plus|en effet|ainsi|toutefois|cependant|neanmoins|mais|or|donc|enfin|ensuite|puis|aussi|"
    r"c'est|d'ou|y|en revanche|au contraire|a l'inverse|de meme|egalement|notamment|"
    r"autrement dit|dans ce cadre|dans ce cas|a ce titre|pour cela|"
    r"it|they|this|these|that|he|she|however|moreover)\b"
)
DEFINING = re.compile(
    r"\b(?:est (?:un|une|le|la|l['’])|sont (?:des|les)|c['’]est|se définit|s['’]entend|means|is an?"
    r"|(?:désign|signifi|regroup|consist|constitu)e(?:nt)?|correspond(?:ent)? à)\b"
)
# "ce qui", "c'est pourquoi … que" and "il faut" hold on their own.
STANDING = re.compile(
    r"^(?:il (?:faut|existe|convient|est (?:possible|interdit|obligatoire))|en \d{4}|en [a-z]+ \d{4})"
)


FEATURES = (
    "coverage",
    "context",
    "previous",
    "sequel",
    "next",
    "chunk",
    "pairs",
    "names",
    "typed",
    "untyped",
    "defines",
    "rank",
    "lexical",
    "first",
    "dangling",
    "short",
    "long",
    "item",
    "row",
    "record",
    "listed",
    "led",
    "counted",
    "miscounted",
)


@dataclass(frozen=True, slots=True)
class Scored:
    """Evidence with its features; `covered` and `around` hold stems of the question's words.

    `around` adds the title and the headings to the sentence, `nearby` the rest of the chunk too.
    """

    evidence: Evidence
    features: Mapping[str, float]
    covered: frozenset[str]
    around: frozenset[str]
    nearby: frozenset[str]
    answers: tuple[tuple[int, int], ...]
    score: float = 0.0


def is_dangling(text: str) -> bool:
    """Whether a sentence opens with a word that points to the one before it."""
    head = fold(text[:60]).lstrip("«\"'( ")
    return DANGLING.match(head) is not None and STANDING.match(head) is None


def rarity(found: Sequence[frozenset[str]], focus: Sequence[FocusTerm]) -> dict[str, float]:
    """Weight of each focus term: rarer in the candidates, heavier; absent ones are the heaviest."""
    total = len(found)
    return {
        term.stem: term.weight
        * math.log(1.0 + (total + 1) / (1 + sum(term.stem in stems for stems in found)))
        for term in focus
    }


def measured(question: Question, candidates: Sequence[Evidence]) -> list[Scored]:
    """Candidates with their features, in the same order."""
    sequences = [families(evidence.text) for evidence in candidates]
    stems = [frozenset(sequence) for sequence in sequences]
    context = [_context_stems(evidence) for evidence in candidates]
    weights = rarity([a | b for a, b in zip(stems, context, strict=True)], question.focus_terms)
    best = max((e.hit.lexical or 0.0 for e in candidates), default=0.0) or 1.0
    result = []
    for index, evidence in enumerate(candidates):
        own, near = stems[index], context[index]
        answers = answers_of_kind(question.kind, evidence.text, question.asked)
        features = {
            "coverage": covering(question.focus_terms, weights, own),
            "pairs": _pairs(question.focus_terms, sequences[index]),
            "rank": 1.0 / (1.0 + evidence.passage.rank),
            "lexical": (evidence.hit.lexical or 0.0) / best,
            **_type_features(question, evidence.text, bool(answers)),
            **_form_features(evidence),
            "listed": float(question.wants_list and evidence.unit.form == "item"),
            "led": _led(question, weights, evidence),
            **_count_features(question, evidence.text),
        }
        chunk = near | _chunk_stems(evidence.hit.text)
        features |= _surroundings(question, weights, evidence, own, near)
        features["context"] -= features["coverage"]
        features["sequel"] = features["dangling"] * features["previous"]
        result.append(
            Scored(
                evidence,
                features,
                _met(question.focus_terms, own),
                _met(question.focus_terms, own | near),
                _met(question.focus_terms, chunk),
                tuple(answers),
            )
        )
    return result


def _surroundings(
    question: Question,
    weights: Mapping[str, float],
    evidence: Evidence,
    own: frozenset[str],
    near: frozenset[str],
) -> dict[str, float]:
    """What title, headings, neighbours, chunk and opening add; `context` still counts `own`."""
    focus = question.focus_terms
    chunk = near | _chunk_stems(evidence.hit.text)
    opening = _chunk_stems(evidence.passage.document.text[:OPENING])
    whole = covering(focus, weights, own | near)
    before, after = (_neighbour_stems(evidence, step) for step in (-1, 1))
    return {
        "context": whole,
        "previous": covering(focus, weights, own | near | before) - whole,
        "next": covering(focus, weights, own | near | after) - whole,
        "chunk": covering(focus, weights, chunk),
        "names": _names(question, own | chunk | opening),
    }


def covering(
    focus: Sequence[FocusTerm], weights: Mapping[str, float], stems: frozenset[str]
) -> float:
    """Weighted share of the question's words found in `stems`, from 0 to 1; 0 without any word."""
    total = sum(weights[term.stem] for term in focus)
    if not total:
        return 0.0
    return sum(weights[term.stem] * _credit(term, stems) for term in focus) / total


def _met(focus: Sequence[FocusTerm], stems: frozenset[str]) -> frozenset[str]:
    return frozenset(term.stem for term in focus if _credit(term, stems))


def _credit(term: FocusTerm, stems: frozenset[str]) -> float:
    if term.stem in stems:
        return 1.0
    if any(other in stems for other in term.alternatives):
        return SYNONYM_CREDIT
    if term.name or len(term.stem) < FAMILY_LETTERS:
        return 0.0
    return FAMILY_CREDIT if any(_family(term.stem, stem) for stem in stems) else 0.0


def _family(one: str, other: str) -> bool:
    """Whether two stems are of one family: "surnom" and "surnomm", "utilis" and "utilise"."""
    shortest = min(len(one), len(other))
    if shortest < FAMILY_LETTERS or abs(len(one) - len(other)) > FAMILY_ENDING:
        return False
    shared = max(FAMILY_LETTERS, shortest - 1)
    return one[:shared] == other[:shared]


def _neighbour_stems(evidence: Evidence, step: int) -> frozenset[str]:
    near = evidence.neighbour(step)
    return _chunk_stems(near.text) if near and near.unit.form != "heading" else frozenset()


@lru_cache(maxsize=2048)
def _chunk_stems(words: str) -> frozenset[str]:
    return frozenset(families(words))


def _context_stems(evidence: Evidence) -> frozenset[str]:
    document = evidence.passage.document
    publisher = document.publisher or ""
    columns = header(evidence) if evidence.unit.form == "row" else ()
    words = (document.title, publisher, *evidence.headings, *columns)
    return _chunk_stems(" . ".join(words))


def _pairs(focus: Sequence[FocusTerm], sequence: Sequence[str]) -> float:
    """Share of the question's neighbouring words that are neighbours here too."""
    if len(focus) < 2:
        return 0.0
    places: dict[str, list[int]] = {}
    for place, stem in enumerate(sequence):
        places.setdefault(stem, []).append(place)
    close = sum(
        any(0 < b - a <= NEAR for a in places.get(x.stem, ()) for b in places.get(y.stem, ()))
        for x, y in zip(focus, focus[1:], strict=False)
    )
    return close / (len(focus) - 1)


def _names(question: Question, stems: frozenset[str]) -> float:
    """Share of the question's names and numbers found, 1 when it has none."""
    names = [term for term in question.focus_terms if term.name]
    return sum(bool(_credit(t, stems)) for t in names) / len(names) if names else 1.0


def _type_features(question: Question, text: str, answered: bool) -> dict[str, float]:
    precise = question.kind in PRECISE
    return {
        "typed": float(answered and question.kind is not QuestionKind.DEFINITION),
        "untyped": float(precise and not answered),
        "defines": float(question.kind is QuestionKind.DEFINITION and _defines(question, text)),
    }


def _defines(question: Question, text: str) -> bool:
    """Whether the defined word opens the sentence before a defining verb, or is spelt out."""
    stems = {term.stem for term in question.focus_terms}
    match = DEFINING.search(text)
    subject = text[: match.start()] if match else ""
    if subject and len(subject.split()) <= SUBJECT_WORDS and stems <= set(families(subject)):
        return True
    spelt = re.search(r"\(([A-ZÀ-Ý][\w-]{1,9})\)|\b([A-ZÀ-Ý]{2,9}) \([A-ZÀ-Ý]", text)
    return bool(spelt and stems & set(families(spelt.group(1) or spelt.group(2))))


def _led(question: Question, weights: Mapping[str, float], evidence: Evidence) -> float:
    """For an item of a list asked for: the share of the question in its heading and lead-in."""
    if not question.wants_list or evidence.unit.form != "item":
        return 0.0
    above: Evidence | None = evidence
    while above and above.unit.form == "item":
        above = above.neighbour(-1)
    lead = above.text if above else ""
    stems = _chunk_stems(" . ".join((lead, *evidence.headings[-1:])))
    return covering(question.focus_terms, weights, stems)


def _count_features(question: Question, text: str) -> dict[str, float]:
    """Whether a figure counts the very thing asked for ("combien de lauréats"), or other things."""
    counted = COUNTED.search(question.asked)
    wish = question.focus_terms and counted and families(counted.group(1))
    if not wish or question.kind is not QuestionKind.HOW_MANY:
        return {"counted": 0.0, "miscounted": 0.0}
    term = next((t for t in question.focus_terms if wish[0] in (t.stem, *t.alternatives)), None)
    found = [figure for figure in figures(text) if figure.unit != "date"]
    nouns = [frozenset(families(figure.unit)) for figure in found if figure.unit[0].isalpha()]
    right = term is not None and any(_credit(term, noun) for noun in nouns)
    return {"counted": float(right), "miscounted": float(bool(nouns) and not right)}


def _form_features(evidence: Evidence) -> dict[str, float]:
    words = len(evidence.text.split())
    return {
        "first": float(evidence.unit.start < OPENING),
        "dangling": float(is_dangling(evidence.text)),
        "short": float(words < SHORT_WORDS),
        "long": float(words > LONG_WORDS),
        "item": float(evidence.unit.form == "item"),
        "row": float(evidence.unit.form == "row"),
        "record": float(evidence.passage.document.record is not None),
    }
