"""The words that say what a question is about, with those that may stand for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from vigie.assistant.understanding import english
from vigie.assistant.understanding.data import table
from vigie.assistant.understanding.language import WORD
from vigie.index.lexical import families

# Weight of a word such as "montant" or "date": it names the sort of answer, which seldom repeats it.
SOFT_WEIGHT = 0.3
SOFT_WORDS = (
    "nombre montant date année nom jour mois lieu endroit durée délai personne pays ville chose "
    "exemple partie début fin type sorte rôle raison cause but pourcentage temps adresse moment"
)
QUESTION_WORDS = (
    "combien quel quelle quels quelles qui quand comment pourquoi où quoi lequel laquelle lesquels "
    "lesquelles jusque depuis est-ce peut pouvoir puis dois devoir doit faut falloir faire fait "
    "font "
    "existe exister appelle appeler savoir sais voudrais souhaite souhaiter voulais aimerais veux "
    "connaître dire dit signifie signifier désigne citer citez liste actuellement svp merci "
    "bonjour "
    "sert trouve situe situer s'agit également aussi s'élève élever concerne"
)
# Longest acronym: a longer word in capitals is one that its writer insists on.
ACRONYM_LETTERS = 6


@dataclass(frozen=True, slots=True)
class FocusTerm:
    """A word that the answer should be about: its stem, others that may stand for it, its weight.

    `name` marks proper names, acronyms and numbers: nothing else can stand for them.
    """

    stem: str
    alternatives: tuple[str, ...] = ()
    weight: float = 1.0
    name: bool = False


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(families(words))


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """For each stem, the stems that the sector uses for it."""
    found: dict[str, set[str]] = {}
    groups: list[list[str]] = table("synonyms")["groups"]
    for group in groups:
        stems = {stem for word in group for stem in families(word)}
        for stem in stems:
            found.setdefault(stem, set()).update(stems - {stem})
    return {stem: tuple(sorted(others)) for stem, others in found.items()}


def focus_terms(asked: str, language: str | None) -> tuple[FocusTerm, ...]:
    """Words that say what a text asks about, in order, question words left out."""
    found: dict[str, FocusTerm] = {}
    previous_end = 0
    for word, start, french in _units(asked, language):
        between = asked[previous_end:start].strip()
        opens_sentence = not between and previous_end == 0
        opens_sentence |= between.endswith(("?", ".", "!"))
        previous_end = start + len(word)
        if language == "en" and english.carries_nothing(word):
            continue
        terms = _translated(word, french) if french else _french(word, opens_sentence)
        for term in terms:
            found.setdefault(term.stem, term)
    return tuple(found.values())


def _units(asked: str, language: str | None) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    if language == "en":
        yield from english.units(asked)
        return
    for match in WORD.finditer(asked):
        yield match[0], match.start(), ()


def _translated(word: str, french: tuple[str, ...]) -> Iterator[FocusTerm]:
    stems = dict.fromkeys(stem for form in french for stem in families(form))
    soft = all(stem in _stems(SOFT_WORDS) for stem in stems)
    if not stems or all(stem in _stems(QUESTION_WORDS) for stem in stems):
        return
    first, *others = stems
    own = (*others, *synonyms().get(first, ()), *families(word))
    yield FocusTerm(first, tuple(dict.fromkeys(own)), SOFT_WEIGHT if soft else 1.0)


def _french(word: str, opens_sentence: bool) -> Iterator[FocusTerm]:
    core = re.split(r"['’]", word)[-1]
    acronym = core.isupper() and len(core) <= ACRONYM_LETTERS
    proper = core[:1].isupper() and not core.isupper() and not opens_sentence
    name = acronym or proper or core[:1].isdigit()
    stems = families(word)
    # A word in capitals gives its whole form and its stem: either will do.
    spellings = tuple(stems[:-1]) if core.isupper() else ()
    for stem in stems[len(spellings) :]:
        if stem in _stems(QUESTION_WORDS):
            continue
        soft = stem in _stems(SOFT_WORDS)
        yield FocusTerm(
            stem,
            spellings if name else (*spellings, *synonyms().get(stem, ())),
            SOFT_WEIGHT if soft else 1.0,
            name and len(core) > 1,
        )
