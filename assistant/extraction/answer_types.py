"""Dates, amounts, counts, durations, names and places in a sentence, and what bears them."""

import re
from dataclasses import dataclass

from vigie.assistant.question_kinds import QuestionKind
from vigie.ingest.folding import fold

MONTHS = (
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre "
    "january february march april may june july august september october november december"
).split()
_MONTH = "|".join(MONTHS)
_NUMBER = r"\d{1,3}(?:[ .\u00a0]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_WRITTEN = (
    "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|"
    "trente|quarante|cinquante|soixante|cent|cents|mille|million|millions|milliard|milliards|demi|"
    "moitie|tiers|quart|quarts|dizaine|douzaine|vingtaine|centaine|millier"
)
_TIME_UNIT = (
    r"ans?|annees?|mois|semaines?|jours?|heures?|minutes?|years?|months?|weeks?|days?|hours?"
)

DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:er)? (?:{_MONTH})(?: \d{{4}})?|(?:{_MONTH}) \d{{4}}|"
    rf"\d{{1,2}}/\d{{1,2}}/\d{{2,4}}"
    rf"|(?:1\d|20)\d{{2}}(?!\s*(?:€|%|euros|\d))|(?:{_MONTH})\b|[xvi]+e siecle)"
)
AMOUNT = re.compile(
    rf"(?:{_NUMBER}|\b(?:{_WRITTEN}))\s?(?:m€|k€|md€|€|\$|euros?\b|dollars?\b|francs?\b|livres?\b"
    r"|(?:millions?|milliards?|milliers?)(?: (?:d'|de )(?:euros?|dollars?|francs?|livres))?\b)"
)
PERCENT = re.compile(rf"(?:{_NUMBER})\s?(?:%|pour cent)|\bpourcent\b")
DURATION = re.compile(rf"(?:{_NUMBER}|\b(?:un|une|{_WRITTEN}))[ -](?:{_TIME_UNIT})\b")
COUNT = re.compile(rf"{_NUMBER}|\b(?:{_WRITTEN})\b")
CAUSE = re.compile(
    r"\b(?:parce qu|car\b|afin|pour (?:que\b|\w+(?:er|ir|re)\b)|en raison|a cause|grace a|puisqu|"
    r"du fait|"
    r"faute de|c'est pourquoi|raison|motif|permet|because|in order)"
)
MANNER = re.compile(
    r"\b(?:en \w+ant\b|il (?:faut|suffit|convient)|vous (?:devez|pouvez)|doit|doivent|peut|"
    r"peuvent|par\b|grace|"
    r"a l'aide|au moyen|formulaire|demande|adress\w+|consiste|must|can\b)"
)
DEFINING = re.compile(
    r"\b(?:est|sont|etait|designe|designent|signifie|constitue|regroupe|consiste|correspond|"
    r"se definit|s'entend)"
    r"\b(?: (?:un|une|le|la|l'|les|des|de|d'|en|a))?"
)
# Two capitalised words in a row, or a capitalised word that does not open the sentence.
NAME = re.compile(
    r"(?:[A-ZÀ-Ý][\w’'-]+|[A-ZÀ-Ý]\.)(?:[  ](?:de|du|des|d’|d'|la|le|von|van|ben|el|"
    r"[A-ZÀ-Ý][\w’'-]+))*[  ][A-ZÀ-Ý][\w’'-]+"
    r"|(?<=[\w,;:»)][  ])[A-ZÀ-Ý][\w’'-]{2,}"
)
CAPITALISED_PLACE = re.compile(
    r"\b(?:à|au|aux|en|dans|de|du|d’|d'|près de|chez|sur)[  ]?(?:la |le |les |l’|"
    r"l')?[A-ZÀ-Ý][\w’'-]+|\d{1,3},? (?:rue|avenue|place|bd|boulevard)"
)

_PATTERNS: dict[QuestionKind, tuple[re.Pattern[str], ...]] = {
    QuestionKind.WHEN: (DATE,),
    QuestionKind.HOW_MUCH: (AMOUNT,),
    QuestionKind.HOW_MANY: (PERCENT, COUNT),
    QuestionKind.DURATION: (DURATION,),
    QuestionKind.WHY: (CAUSE,),
    QuestionKind.HOW: (MANNER,),
    QuestionKind.DEFINITION: (DEFINING,),
}
_CASED: dict[QuestionKind, re.Pattern[str]] = {
    QuestionKind.WHO: NAME,
    QuestionKind.WHERE: CAPITALISED_PLACE,
}
# Kinds whose answer is a precise value: an answer without one has probably missed.
PRECISE = frozenset(
    {
        QuestionKind.WHEN,
        QuestionKind.HOW_MUCH,
        QuestionKind.HOW_MANY,
        QuestionKind.DURATION,
        QuestionKind.WHO,
        QuestionKind.WHERE,
    }
)


def answers_of_kind(kind: QuestionKind, sentence: str, question: str) -> list[tuple[int, int]]:
    """Spans of `sentence` that could answer a question of this kind and are not already in it."""
    known = fold(question)
    if pattern := _CASED.get(kind):
        matches = [match.span() for match in pattern.finditer(sentence)]
        return [(start, end) for start, end in matches if fold(sentence[start:end]) not in known]
    folded = fold(sentence)
    spans = [m.span() for pattern in _PATTERNS.get(kind, ()) for m in pattern.finditer(folded)]
    return [(start, end) for start, end in spans if not _within(folded[start:end], known)]


def _within(value: str, known: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", known) is not None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts: `unit` is "€", "%", "date" or the folded noun that follows."""

    value: str
    unit: str
    start: int
    end: int


_FIGURE = re.compile(
    rf"(?P<date>{DATE.pattern})|(?P<value>{_NUMBER})\s?(?:(?P<mark>m€|k€|md€|€|%)"
    r"|(?P<noun>(?:millions? |milliards? )?(?:d'|de )?[a-z]{3,}))"
)


def figures(sentence: str) -> list[Figure]:
    """Figures of a sentence in order; a bare number that nothing follows is left out."""
    found = []
    for match in _FIGURE.finditer(fold(sentence)):
        if match["date"]:
            found.append(Figure(match["date"], "date", *match.span()))
        else:
            unit = match["mark"] or match["noun"].strip()
            value = re.sub(r"[ .\u00a0](?=\d{3})", "", match["value"])
            found.append(Figure(value, unit.removesuffix("s"), *match.span()))
    return found
