"""The ingredients of the search, each with what the search becomes without it, or otherwise.

Three sorts: of the words as they are indexed (the index is made again), of the weights of what is
summed, and of what is made of the question before it is searched.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, Literal

from vigie.index import lexical, search
from vigie.index.acronyms import mined
from vigie.index.lexical import SparseVector
from vigie.index.ranking import RANKING
from vigie.index.spelling import noted
from vigie.index.stopwords import STOPWORDS
from vigie.ingest.documents import Document

NEVER = re.compile(r"(?!)")
# Words as they stand between blanks and signs: « l'association » and « porte-à-porte » stay whole.
WITH_APOSTROPHES = re.compile(r"\d+[.,]\d+(?!\w)|[^\W_]+(?:['’][^\W_]+)*")
WITH_HYPHENS = re.compile(r"\d+[.,]\d+(?!\w)|[^\W_]+(?:-[^\W_]+)*")
# Values around those in force, to show how flat the ground is.
OTHER_K1 = (1.2, 2.4)
OTHER_B = (0.3, 0.75)
OTHER_WEIGHTS = (0.5, 2.0)
OTHER_CAPS = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Variant:
    """One change; `name` is its key in the catalogue, `value` what the ingredient is instead.

    `words` replaces attributes of `index.lexical`, `encoded` what is encoded of a passage,
    `weights` multiplies, and `set_to` replaces, fields of the ranking; `question` is what the
    assistant no longer does: "collapse" of what was published twice, "facets", or "understanding"
    the question at all.
    """

    name: str
    value: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    encoded: Callable[..., str] | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    set_to: Mapping[str, float] = field(default_factory=dict)
    question: Literal["", "collapse", "facets", "understanding"] = ""

    @property
    def reindexed(self) -> bool:
        """Whether an index has to be made for it."""
        return bool(self.words or self.encoded)


def variants(encoding: bool) -> list[Variant]:
    """Every change, in the order of the table; those that encode the corpus anew when asked."""
    found = [*_analysis(), *_fields(), *_weights(), *_question()]
    return [*found, *_encoded()] if encoding else found


def _analysis() -> Iterator[Variant]:
    stemmed = {"lightly_stemmed": _last_part_stemmed}
    yield Variant("elision", words={"TOKEN": WITH_APOSTROPHES} | stemmed)
    yield Variant("hyphens", words={"TOKEN": WITH_HYPHENS} | stemmed)
    yield Variant("folding", words={"fold": str.lower, "STOPWORDS": _Folded(STOPWORDS)})
    yield Variant("stopwords", words={"STOPWORDS": frozenset()})
    yield Variant("stemmer", words={"lightly_stemmed": _whole})
    yield Variant("stemmer_snowball", words={"_light": _snowball})
    yield Variant("acronyms_whole", words={"normalise": _lowered})
    yield Variant("dotted", words={"DOTTED_ACRONYM": NEVER})
    yield Variant("numbers", words={"GROUPED": NEVER})
    yield Variant("inclusive", words={"INCLUSIVE": NEVER})
    yield Variant("ligatures", words={"LIGATURES": {}})


def _fields() -> Iterator[Variant]:
    yield Variant("title_field", words={"sparse_document": _title_among_headings})
    yield Variant("headings", words={"sparse_document": _without_headings})
    for k1 in OTHER_K1:
        yield Variant("k1", f"{k1:g}", words={"K1": k1})
    for b in OTHER_B:
        yield Variant("b", f"{b:g}", words={"B": b})


def _weights() -> Iterator[Variant]:
    for name in ("lexical", "document", "dense", "titles"):
        yield Variant(name, set_to={name: 0.0})
    yield Variant("meaning", set_to={"dense": 0.0, "titles": 0.0})
    for name in ("document", "dense", "titles"):
        for times in OTHER_WEIGHTS:
            yield Variant(f"{name}_weight", f"× {times:g}", weights={name: times})
    yield Variant("expansion", set_to={"expansion": 0.0, "contraction": 0.0})
    yield Variant("typos", set_to={"typos": 0.0})
    yield Variant("spread", set_to={"spread": 0.0})
    for times in OTHER_WEIGHTS:
        yield Variant("candidates", f"× {times:g}", weights={"candidates": times})
    for most in OTHER_CAPS:
        if most != RANKING.per_document:
            yield Variant("per_document", str(most or "∞"), set_to={"per_document": most})


def _question() -> Iterator[Variant]:
    yield Variant("collapse", question="collapse")
    yield Variant("facets", question="facets")
    yield Variant("understanding", question="understanding")


def _encoded() -> Iterator[Variant]:
    yield Variant("encoded_title", encoded=_encoded_without_title)
    yield Variant("encoded_context", encoded=_encoded_alone)


class _Folded(frozenset[str]):
    """Holds a word with its accents when it holds it without."""

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and super().__contains__(_fold(word))


# The product's own functions, as they are before anything is replaced.
_fold, _normalise, _sparse = lexical.fold, lexical.normalise, lexical.sparse_document
_stemmed = lexical.lightly_stemmed


def _whole(word: str) -> str:
    return word


def _last_part_stemmed(word: str) -> str:
    """Of a word with signs inside, the last part bears the ending."""
    parts = re.split(r"(['’-])", word)
    return "".join([*parts[:-1], _stemmed(parts[-1])])


def _snowball(word: str) -> str:
    return _fold(lexical.stemmed(word.lower()))


def _lowered(text: str) -> str:
    return _normalise(text).lower()


def _title_among_headings(
    text: str, average_length: float, *, title: str = "", headings: Iterable[str] = ()
) -> SparseVector:
    """Its words count once, as those of a heading do."""
    return _sparse(text, average_length, headings=(title, *headings))


def _without_headings(
    text: str, average_length: float, *, title: str = "", headings: Iterable[str] = ()
) -> SparseVector:
    return _sparse(text, average_length, title=title)


def _encoded_without_title(document: Document, headings: Iterable[str], text: str) -> str:
    return "\n".join((*headings, text))


def _encoded_alone(document: Document, headings: Iterable[str], text: str) -> str:
    return text


# What decides on the spelling that texts are read in: variants that leave it alone share one reading.
SPELLING = frozenset({"normalise", "LIGATURES", "INCLUSIVE", "DOTTED_ACRONYM", "GROUPED"})


@contextmanager
def changed(variant: Variant) -> Iterator[None]:
    """The product with one of its parts replaced; as it was afterwards.

    What would be computed again of the same words is remembered meanwhile, which halves the making
    of an index. Raises AttributeError when a part is no longer there to be replaced.
    """
    with ExitStack() as restoring:
        for name, value in variant.words.items():
            restoring.enter_context(_replaced(lexical, name, value))
        if variant.encoded:
            restoring.enter_context(_replaced(search, "embedded_text", variant.encoded))
        if not SPELLING & variant.words.keys():
            restoring.enter_context(_replaced(lexical, "normalise", _remembered[0]))
        for name in ("fold", "_light"):
            restoring.enter_context(_replaced(lexical, name, cache(getattr(lexical, name))))
        for name, known in zip(("mined", "noted"), _remembered[1:], strict=True):
            restoring.enter_context(_replaced(search, name, known))
        yield


_remembered = (cache(lexical.normalise), cache(mined), cache(noted))


@contextmanager
def _replaced(module: ModuleType, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
