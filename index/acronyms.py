"""Acronyms that documents spell out, mined from them, and what they add to a question.

Schwartz and Hearst (2003): a form in brackets beside the words whose initials it is made of, here
with French function words and elisions. Both orders are read: « économie sociale et solidaire
(ESS) » and « ESS (économie sociale et solidaire) ».
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from vigie.index.lexical import CAPITAL, TOKEN, fold, lightly_stemmed, normalise, terms

# One document may be wrong, or speak of itself: two that agree are a usage. Pairs seen once were
# not better over 213 French questions.
SEEN_IN = 2
# Long forms of one acronym that are kept: the usual ones, each with its share of the documents.
FORMS_KEPT = 2
LEAST_SHARE = 0.2
# Words that may stand inside a long form that is asked, beyond its own.
SLACK = 2

FUNCTION_WORDS = frozenset(
    "a and au aux d dans de des du en et l la le les of ou par pour sur the un une".split()
)
# Acronyms too, but words of every day when they are not in capitals: « un ami » asks for no AMI.
EVERYDAY = frozenset(
    """
    abri accord acte age agir aide aile air aire ami an ancre anime appel appui arbre arc art as
    asile atlas atout bac bail bal ban bar bas beau bel bien bise blanc bloc bon bord bourse bus but
    cap cape car cas case caves cercle chef ciel cible cite clair clef cor corps cote coup cour
    cours court cri dame danse date depart des dire doc don dos droit duo eau ecart eco egal elan
    elle en entre envie epi ere essai est etat ete etc etude eveil face fait fer feu fil file fin
    foi fois fonds force fort foyer futur gage gain gare gens gaz grand grue ici idee ile impact
    isole jeu jeune jour juge jus lac lait large lieu lien lion lit livre loi loin lot lune mai
    main mal mais mars mer mere mi mode mois monde mot mur net nid nom nord note nous nu ocre oeil
    oral ordre os oser oui ours page pain paix par parc part pas passe patio peau pere petit peu
    pied plan plein pli plus point pont port pour pre pres prime prise prix pro pur quai rang rat
    relais repas repere reseau rex rire rive roi rue sac sain sans sel sens sept serre si signe site
    six soin sol son sport stade sud suite sur tact taxe temps terre tir toit ton top tour train tri
    trio troc tu un union usage vals vent vert via vie vif ville vin vis vital vite voie voir voix
    vol vote zone
    """.split()
)
BRACKETED = re.compile(
    r"\(\s*(?:(?:dite?s?|ou|appelée?s?|ci-après)\s+)?[«\"“]?\s*"
    rf"([{CAPITAL}][\w&/-]{{1,11}})\s*[»\"”]?\s*\)"
)
SPELT_OUT = re.compile(rf"\b([{CAPITAL}]{{2,10}}s?)\s*\(([^()]{{8,110}})\)")
CLAUSE_END = re.compile(r"[.;:!?()\n]")
WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# How far before its bracket a long form may begin, in characters.
LONGEST = 140
SEPARATOR = " = "
# A corpus is read anew after each change of it; its long forms mostly stay the same.
FORMS_ANALYSED = 1 << 14

Terms = tuple[str, ...]


def mined(text: str) -> list[str]:
    """Pairs written « ess = économie sociale et solidaire », each once, in alphabetical order.

    Forms that differ only by their endings count as one, so that pairs count documents.
    """
    found: dict[tuple[str, Terms], str] = {}
    for acronym, words in _pairs(text):
        form = " ".join(words).lower()
        found.setdefault((acronym, tuple(terms(form))), f"{acronym}{SEPARATOR}{form}")
    return sorted(found.values())


def _pairs(text: str) -> Iterator[tuple[str, Sequence[str]]]:
    for match in BRACKETED.finditer(text):
        before = text[max(0, match.start() - LONGEST) : match.start()]
        words = WORD.findall(CLAUSE_END.split(before)[-1])
        longest = min(len(words), 2 * len(_letters(match[1])) + 3)
        endings = [words[-count:] for count in range(2, longest + 1)]
        forms = [form for form in endings if stands_for(match[1], form)]
        if forms:
            exact = [form for form in forms if _initials(form) == _letters(match[1])]
            yield _letters(match[1]), (exact or forms)[0]
    for match in SPELT_OUT.finditer(text):
        form = WORD.findall(match[2])
        if stands_for(match[1], form):
            yield _letters(match[1]), form


def stands_for(acronym: str, words: Sequence[str]) -> bool:
    """Whether the initials of these words make the acronym, in order.

    A word may give more than its initial (« Unédic »), a function word may give its own (« SMIC »);
    never more than two letters go without a word of their own.
    """
    letters, parts = _letters(acronym), _parts(words)
    initials = _initials(words)
    if len(initials) < 2 or parts[0] in FUNCTION_WORDS or letters[0] != initials[0]:
        return False
    if initials == letters:
        return True
    if _within(initials, letters) and len(letters) <= len(initials) + 2:
        return _within(letters, "".join(part for part in parts if part not in FUNCTION_WORDS))
    ends_alike = letters[-1] == initials[-1] and len(initials) <= len(letters) + 1
    return ends_alike and _within(letters, "".join(part[0] for part in parts))


def _parts(words: Sequence[str]) -> list[str]:
    """Folded, cut at hyphens."""
    return [fold(part) for word in words for part in word.split("-")]


def _initials(words: Sequence[str]) -> str:
    """Of the words that are not function words."""
    return "".join(part[0] for part in _parts(words) if part not in FUNCTION_WORDS)


def _letters(acronym: str) -> str:
    """Folded, without the s of a plural (« EPCIs ») and without signs."""
    stem = acronym[:-1] if acronym[-1] == "s" and acronym[:-1].isupper() else acronym
    return "".join(letter for letter in fold(stem) if letter.isalnum())


def _within(letters: str, text: str) -> bool:
    """Whether the letters occur in the text in their order."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


@dataclass(frozen=True, slots=True)
class Acronyms:
    """Acronyms with their long forms as terms, both ways."""

    forms: Mapping[str, Sequence[Terms]] = field(default_factory=dict)
    by_first: Mapping[str, Sequence[tuple[Terms, str]]] = field(default_factory=dict)

    def added(self, text: str, expansion: float, contraction: float) -> dict[str, float]:
        """Terms that a question means without naming them, with what each counts."""
        asked, capitals = terms(text), _capitals(text)
        weights: dict[str, float] = {}
        for term in asked if expansion else ():
            meant = term not in EVERYDAY or term in capitals
            for form in self.forms.get(term, ()) if meant else ():
                weights |= {other: max(weights.get(other, 0), expansion) for other in form}
        for place, term in enumerate(asked if contraction else ()):
            for form, acronym in self.by_first.get(term, ()):
                if set(form) <= set(asked[place : place + len(form) + SLACK]):
                    weights[acronym] = max(weights.get(acronym, 0), contraction)
        return weights


def acronyms(pairs: Iterable[tuple[str, int]]) -> Acronyms:
    """From pairs as `mined` writes them, each with how many documents hold it."""
    counts: defaultdict[str, Counter[Terms]] = defaultdict(Counter)
    for pair, documents in pairs:
        acronym, _, spelt = pair.partition(SEPARATOR)
        counts[acronym][_analysed(spelt)] += documents
    forms: dict[str, list[Terms]] = {}
    by_first: defaultdict[str, list[tuple[Terms, str]]] = defaultdict(list)
    for acronym, found in counts.items():
        least = max(SEEN_IN, LEAST_SHARE * found.total())
        kept = [form for form, seen in found.most_common(FORMS_KEPT) if seen >= least]
        for form in (form for form in kept if len(form) > 1):
            # A question in small letters reaches the stem, one in capitals the whole.
            for key in {acronym, lightly_stemmed(acronym)}:
                if key == acronym or key not in counts:
                    forms.setdefault(key, []).append(form)
            by_first[form[0]].append((form, acronym))
    return Acronyms(forms, dict(by_first))


@lru_cache(maxsize=FORMS_ANALYSED)
def _analysed(form: str) -> Terms:
    return tuple(terms(form))


def _capitals(text: str) -> frozenset[str]:
    """Words in capitals, folded; none where everything is."""
    if text.isupper():
        return frozenset()
    return frozenset(fold(word) for word in TOKEN.findall(normalise(text)) if word.isupper())
