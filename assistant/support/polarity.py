"""Words that turn a statement into its contrary: negations, and opposites such as rise and fall."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vigie.assistant.support.quantities import TEXTS_KEPT, figures
from vigie.index.lexical import families
from vigie.ingest.folding import fold

# Opposites, folded; each side is a pattern. In a `STATED` group the side must be said by the
# source, for the figures alone do not say it.
OPPOSITES: tuple[tuple[str, str, str], ...] = (
    (
        "change",
        r"augment\w*|hausse\w*|progress\w+|croissance|croit|accr\w+|grimp\w+|bondi\w*|doubl\w+|tripl\w+"
        r"|increas\w+|r[io]se\b|rising|grew|grow\w*",
        r"diminu\w*|baiss\w*|recul\w*|chut\w*|redui\w*|decroi\w*|regress\w*|decreas\w+|fell|fall\w*"
        r"|drop\w*|declin\w+",
    ),
    (
        "opening",
        r"ouvr\w*|ouvert\w*|rouvr\w*|rouvert\w*|reouv\w*|open\w*",
        r"fermer\w*|fermes?\b|fermee?s?|fermet\w*|clos\w*|clotur\w*|clor\w+|clos(?:e|ed|ing)|shut\w*",
    ),
    ("before", r"avant|before", r"apres|after"),
    (
        "price",
        r"gratui\w*|free\b",
        r"payant\w*|pay(?:er|e|ee)\b(?! par)|facture\w*",
    ),
    (
        "duty",
        r"oblig\w+|exige\w*|requis\w*|imperatif\w*|mandatory|required|compulsory",
        r"facultati\w*|optionnel\w*|optional\w*",
    ),
    ("level", r"superieur\w*|au-dessus|above|higher", r"inferieur\w*|en dessous|below|lower"),
    ("extreme", r"maxim\w+|plafon\w+", r"minim\w+|plancher"),
    ("order", r"premiere?s?\b", r"derniere?s?\b"),
    ("moment", r"commence\w*|debut\w*|demarr\w*", r"termin\w+|acheve\w*|finit|finissent"),
    ("verdict", r"accept\w+|approuv\w+|adopt\w+|valid\w+", r"refus\w*|rejet\w*"),
    ("place", r"inclu\w+", r"exclu\w+"),
    ("right", r"autoris\w+|permis\w*|allowed", r"interdi\w+|prohib\w+|forbidden"),
    ("fitness", r"eligib\w+", r"ineligib\w+"),
    ("result", r"excedent\w*|benefices\b|surplus", r"deficit\w*|pertes?\b"),
    ("gain", r"gagn\w+", r"perd\w*|perte?s?\b"),
    ("sign", r"positi[fv]\w*|favorable\w*", r"negati[fv]\w*|defavorable\w*"),
    ("undoing", r"cree\w*|creer\w*|retabli\w*|maint\w+", r"supprim\w+"),
    ("share", r"majorit\w+", r"minorit\w+"),
    ("form", r"individuel\w*", r"collecti[fv]e?s?\b"),
    ("sector", r"publics?\b|publiques?\b", r"prive\w*"),
    ("rank", r"(?:les?|la) plus\b(?! d)|most\b", r"(?:les?|la) moins\b(?! d)|least\b"),
    ("count", r"plus d(?:e\b|')|more than", r"moins d(?:e\b|')|less than|fewer than"),
    ("duration", r"permanent\w*", r"temporaire\w*|provisoire\w*|ponctuel\w*"),
)  # fmt: skip
# Where denying one side is taking the other.
TWO_STATES = frozenset({"opening", "price", "duty", "right", "fitness", "place", "sign", "verdict"})
# What these words of a source also bear out: « doivent » says that it is compulsory.
IMPLIED = (
    ("level", True, re.compile(r"\bplus d(?:e\b|')|\bau-dela\b|\bdepass\w+")),
    ("level", False, re.compile(r"\bmoins d(?:e\b|')|\bjusqu'a\b")),
    ("duty", True, re.compile(r"\b(?:doi(?:t|vent)|devr(?:a|ont)|faut|tenue?s? d[e']|must)\b")),
)
STATED = frozenset({"change", "price", "duty", "level"})
_SIDES = tuple(
    (group, re.compile(rf"\b(?:{first})"), re.compile(rf"\b(?:{second})"))
    for group, first, second in OPPOSITES
)
FROM_TO = re.compile(
    r"\b(?:pass\w+|evolu\w+|went|grew|fell)\b[^.;]{0,30}\b(?:de|d'|from)\b"
    r"|\b(?:de|d'|from) ?\d[^.;]{0,50}\bpass\w+ a\b"
)
AGAINST = re.compile(r"\b(?:contre|against|compared with)\b")

_NOT = r"pas|plus|jamais|aucune?s?|rien|personne|guere|nulle?s?|ni"
# « ne … que » restricts and does not deny; « non lucratif » and « non seulement » deny nothing.
DENIAL = re.compile(
    rf"\b(?:ne |n')(?P<verb>(?:(?! qu[e'])[^.;:,]){{0,45}}?)(?<=[ '])(?:{_NOT})\b"
    r"(?! seulement)(?P<after>[^.;:,]*)"
    r"|\b(?:ne |n')(?P<bare>(?:peu\w+|saur\w+|os\w+|cess\w+) \w+)(?P<rest>(?! (?:que|qu'))[^.;:,]*)"
    r"|\b(?P<none>aucune?|nulle?) (?P<noun>\w+[^.;:]*?) n(?:e |')(?P<said>[^.;:,]*)"
    r"|\b(?:sans|without)\b(?! but lucratif) ?(?P<lacking>[^.;:,]*)"
    r"|\bnon[ -](?!lucrati|seulement|plus)(?P<non>\w+)"
    r"|\b(?:is|are|was|were|do|does|did|can|will|has|have)(?: not|n't|not)\b(?P<english>[^.;:]*)"
)
# Verbs and adjectives that deny by themselves; they bear on their whole clause.
REFUSAL = re.compile(
    r"\b(?:exclu\w*|ineligib\w*|interdi\w*|impossib\w*|incompatib\w*|inaccessib\w*|refus\w*"
    r"|not eligible|excluded|forbidden)\b"
)
# « ne pourront pas quêter » denies « quêter ».
MODAL = re.compile(r"\b(?:peu(?:t|vent)|pourr\w+|pouvo\w+|doi\w+|devr\w+|devoir|reste\w*)\b")
CLAUSE = re.compile(
    r"[;:()«»,.]|\bet (?=n(?:e |'))"
    r"|\b(?:mais|tandis que|alors que|or|cependant|toutefois|en revanche|puis|but|while)\b"
)


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a text denies and the sides it takes; all words are stems.

    `heads` are the words next to the negation, `denied` all those that it bears on, `affirmed` the
    others; `refuses` is true for words such as « exclu », which deny a whole clause. `implied`
    sides are taken without their words. `course` is True where figures rise (« de 12 à 15 »), False
    where they fall, None where they tell neither.
    """

    denies: bool
    refuses: bool
    heads: frozenset[str]
    denied: frozenset[str]
    affirmed: frozenset[str]
    sides: frozenset[tuple[str, bool]]
    implied: frozenset[tuple[str, bool]]
    course: bool | None
    clauses: tuple[tuple[frozenset[str], frozenset[tuple[str, bool]]], ...]


@lru_cache(maxsize=TEXTS_KEPT)
def polarity(text: str) -> Polarity:
    """Read clause by clause: each has its words and its sides."""
    folded = fold(text)
    course = _course(folded)
    sides = _sides(folded)
    denies, refuses = DENIAL.search(folded) is not None, REFUSAL.search(folded) is not None
    parts = clauses(folded)
    heads, denied, affirmed = _denials(parts if denies or refuses else [folded])
    return Polarity(
        denies=denies,
        refuses=refuses,
        heads=heads,
        denied=denied,
        affirmed=affirmed,
        sides=sides,
        implied=_implied(folded, course),
        course=course,
        clauses=tuple((_roots(part), _sides(part)) for part in parts) if sides else (),
    )


def _denials(parts: Sequence[str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Heads of the negations, words denied, words affirmed."""
    heads: set[str] = set()
    denied: set[str] = set()
    affirmed: set[str] = set()
    for part in parts:
        denials = list(DENIAL.finditer(part))
        local = [match["lacking"] or match["non"] for match in denials]
        lacking = {root for words in local for root in _roots(words or "")}
        for match in denials:
            heads |= _heads(match)
        denies = not all(local) or REFUSAL.search(part)
        roots = _roots(REFUSAL.sub(" ", part))
        (denied if denies else affirmed).update(roots - lacking)
        denied |= lacking
    return frozenset(heads), frozenset(denied), frozenset(affirmed)


def _roots(text: str) -> frozenset[str]:
    """Stems without the « e » that participles keep: « encaissée » is « encaisse »."""
    return frozenset(term.rstrip("e") for term in families(MODAL.sub(" ", text)))


def joined(parts: Iterable[Polarity]) -> Polarity:
    """The polarity of several sentences read together."""
    every = list(parts)
    courses = [part.course for part in every if part.course is not None]
    return Polarity(
        denies=any(part.denies for part in every),
        refuses=any(part.refuses for part in every),
        heads=frozenset().union(*(part.heads for part in every)),
        denied=frozenset().union(*(part.denied for part in every)),
        affirmed=frozenset().union(*(part.affirmed for part in every)),
        sides=frozenset().union(*(part.sides for part in every)),
        implied=frozenset().union(*(part.implied for part in every)),
        course=courses[0] if courses else None,
        clauses=tuple(clause for part in every for clause in part.clauses),
    )


def clauses(text: str) -> list[str]:
    """Stretches between commas, colons and the conjunctions that oppose."""
    return [part.strip() for part in CLAUSE.split(text) if part and part.strip()]


def _heads(match: re.Match[str]) -> set[str]:
    """Verbs that a negation bears on, and the first word after it."""
    heads = {
        root for name in ("verb", "bare", "noun", "said") for root in _roots(match[name] or "")
    }
    for name in ("after", "rest", "lacking", "non", "english"):
        objects = families(MODAL.sub(" ", match[name] or ""))
        heads.update(term.rstrip("e") for term in objects[:1])
    return heads


def _sides(folded: str) -> frozenset[tuple[str, bool]]:
    """« n’est pas payant » is free; « n’a pas augmenté » takes no side."""
    denials = [match.span() for match in DENIAL.finditer(folded)]
    found = set()
    for group, first, second in _SIDES:
        for side, pattern in ((True, first), (False, second)):
            for match in pattern.finditer(folded):
                denied = any(start <= match.start() < end for start, end in denials)
                if not denied:
                    found.add((group, side))
                elif group in TWO_STATES:
                    found.add((group, not side))
    return frozenset(found)


def stated_spans(text: str) -> list[tuple[int, int]]:
    """Where a text takes sides that its source must state: they are verified here, not as words."""
    folded = fold(text)
    return [
        match.span()
        for group, *patterns in _SIDES
        if group in STATED
        for pattern in patterns
        for match in pattern.finditer(folded)
    ]


def _implied(folded: str, course: bool | None) -> frozenset[tuple[str, bool]]:
    found = {(group, side) for group, side, pattern in IMPLIED if pattern.search(folded)}
    return frozenset(found if course is None else {*found, ("change", course)})


def _course(folded: str) -> bool | None:
    from_to, against = FROM_TO.search(folded), AGAINST.search(folded)
    if not (from_to or against):
        return None
    numbers = figures(folded).quantities
    for first, second in zip(numbers, numbers[1:], strict=False):
        if first.unit == second.unit and first.value != second.value:
            rises = second.value > first.value
            return rises if from_to else not rises
    return None


def contrary(claim: Polarity, source: Polarity, subject: frozenset[str]) -> bool:
    """True when the source takes the other side of an opposition, or does not take a side at all
    where the claim's must be stated; `subject` are the claim's words.
    """
    stated = source.sides | source.implied
    roots = frozenset(stem.rstrip("e") for stem in subject)
    if claim.course is not None and ("change", not claim.course) in claim.sides:
        return True
    for group, side in claim.sides:
        mine, other = (group, side), (group, not side)
        if mine not in stated:
            alone = other not in claim.sides and other in stated
            if alone or group in STATED:
                return True
        elif other in stated and other not in claim.sides:
            if _nearest(other, source, roots) > _nearest(mine, source, roots):
                return True
    return False


def _nearest(side: tuple[str, bool], source: Polarity, subject: frozenset[str]) -> int:
    """Words of the claim in the clause that takes this side and shares most with it."""
    return max(
        (len(words & subject) for words, sides in source.clauses if side in sides), default=0
    )


def denial_differs(claim: Polarity, source: Polarity) -> bool:
    """True when one denies what the other affirms."""
    if claim.denies or claim.refuses:
        if not (source.denies or source.refuses):
            return True
        heads = claim.heads or claim.denied
        if heads & source.denied:
            return False
        related = claim.denied & source.denied or claim.refuses or source.refuses
        return bool(heads & source.affirmed) or not related
    turned = (source.denied if source.refuses else source.heads) & claim.affirmed
    return bool(turned - source.affirmed)
