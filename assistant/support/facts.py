"""Proper names, acronyms and addresses: with figures, what must stand in a source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from vigie.assistant.support.figure_patterns import MONTHS
from vigie.assistant.support.quantities import TEXTS_KEPT
from vigie.index.lexical import normalise, stemmed
from vigie.index.stopwords import STOPWORDS
from vigie.ingest.folding import fold

# Words between the two halves of a name: « Hélène de Kerbrat » is still Hélène Kerbrat.
NAME_GAP = 2
# Below three letters initials match by chance: « AG » in « association gérante ».
INITIALS = 3

WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"»)\]]+|[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE)
ENDING = " .,;:)]»"
OPENING = re.compile(r"(?:^|[.!?…:;«»“”\"(\[|*•]|^[-–—])\s*[-–—]?\s*$")
TITLES = frozenset("m mm mme mmes mlle dr pr me mr mrs ms monsieur madame maitre".split())
# Words with which a sentence may open without naming anyone, besides stop words.
OPENERS = frozenset(
    """
    actuellement afin ailleurs ainsi apres aupres autant autrefois beaucoup bref chacun contre
    cote courant dedans dehors desormais dessous dessus deux trois quatre cinq six sept huit neuf
    dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent mille
    differents differentes diverses divers durant egalement enfin ensuite entretemps environ excepte
    face fin debut force faute faut grace hormis hors jadis jusque lors maintenant mais malgre mieux
    moyennant necessaire neanmoins oui outre parallelement parfois parmi pareillement peu pourtant
    premierement pres presque prochainement quant quasi quiconque quoique rien sans sauf seul seule
    seuls seules sinon sitot soit soudain surtout tantot toujours toutefois trop vis vu
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    the this that these those it its in on at by for from with without to of and or but a an as if
    when while who which what where how there they he she we you i their his her our your all each
    every some no not since after before until during about over under between two three four five
    six seven eight nine ten only both however also according
    """.split()
)
# Adverbs, infinitives and participles open sentences; none of them is a name.
OPENING_FORMS = re.compile(r".{3,}(?:ment|er|ir|oir|re|ant|ees?|es|is|ies?|us|ues?)$")


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name or acronym as folded parts in order; `certain` is False for an opening word
    that only its capital makes look like a name.
    """

    parts: tuple[str, ...]
    acronym: bool = False
    certain: bool = True


@lru_cache(maxsize=TEXTS_KEPT)
def names(text: str) -> tuple[Name, ...]:
    """Names of a text in order; titles, initials and months are none."""
    text = normalise(text)
    found: list[Name] = []
    run: list[str] = []
    previous_end = 0
    for match in WORD.finditer(text):
        word, folded = match[0], fold(match[0])
        opening = OPENING.search(text[: match.start()]) is not None
        gap = text[previous_end : match.start()]
        previous_end = match.end()
        if run and not (gap in (" ", "-") and _is_name(word, folded)):
            found.append(Name(tuple(run)))
            run = []
        if not _is_name(word, folded):
            continue
        if word.isupper() or _plural_acronym(word):
            found.extend([Name(tuple(run))] if run else [])
            run = []
            found.append(Name((fold(word.rstrip("s")),), acronym=True))
        elif opening and not run:
            followed = re.match(r"[ -][A-ZÀ-Ý]", text[match.end() :]) is not None
            if followed and folded not in OPENERS:
                run = [folded]
            elif not (folded in OPENERS or OPENING_FORMS.fullmatch(folded)):
                found.append(Name((folded,), certain=False))
        else:
            run.append(folded)
    return tuple([*found, Name(tuple(run))] if run else found)


def _is_name(word: str, folded: str) -> bool:
    if not word[0].isupper() or len(word) < 2:
        return False
    return folded not in STOPWORDS and folded not in TITLES and folded not in MONTHS


def _plural_acronym(word: str) -> bool:
    return len(word) > 2 and word[-1] == "s" and word[:-1].isupper()


def addresses(text: str) -> tuple[str, ...]:
    """Web and mail addresses, folded: they must stand in the source character for character."""
    return tuple(fold(match[0].rstrip(ENDING)) for match in ADDRESS.finditer(text))


class Wording:
    """The words of a source, arranged so that names can be looked up."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        self.words = [fold(word) for word in WORD.findall(normalise(text))]
        self.known = {
            form for word in self.words for form in (word, word.rstrip("sx"), stemmed(word))
        }
        letters = [word[0] for word in self.words if word not in STOPWORDS]
        self.initials = "".join(letters)

    def bears(self, name: Name) -> bool:
        """True when every part stands in the source, and neighbours in the name are near there."""
        if name.acronym:
            return name.parts[0] in self.known or self._spells_out(name.parts[0])
        if not all(part in self.known or stemmed(part) in self.known for part in name.parts):
            return False
        return all(self._near(*pair) for pair in zip(name.parts, name.parts[1:], strict=False))

    def _spells_out(self, acronym: str) -> bool:
        return len(acronym) >= INITIALS and acronym in self.initials

    def _near(self, first: str, second: str) -> bool:
        window = NAME_GAP + 1
        return any(
            _same(word, first)
            and any(_same(other, second) for other in self.words[at + 1 : at + 1 + window])
            for at, word in enumerate(self.words)
        )


def _same(word: str, other: str) -> bool:
    return word == other or stemmed(word) == stemmed(other)


def missing(found: Sequence[Name], wording: Wording) -> list[Name]:
    """Names that the source does not bear."""
    return [name for name in found if not wording.bears(name)]
