"""A hit read unit by unit: the words, figures, names and polarity that it can bear out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from vigie.assistant.support.facts import Wording
from vigie.assistant.support.polarity import Polarity, polarity
from vigie.assistant.support.quantities import Day, Quantity, figures, rates
from vigie.index.hits import Hit
from vigie.index.lexical import families
from vigie.ingest.folding import fold
from vigie.ingest.sentences import Unit, units

# Hits whose reading is kept: a question's hits are read again for every generated sentence.
SOURCES_KEPT = 256

# Words that speak to a model and not to a reader: they bear nothing out.
COMMAND = re.compile(
    r"\b(?:ignor|oubli|disregard|forget)\w*\b[^.]{0,40}\b(?:instruction|consigne|prompt)"
    r"|\bsystem prompt\b|\b(?:tu es|vous etes|you are) (?:desormais |maintenant |now )?"
    r"(?:un|une|an?) (?:assistant|ia\b|ai\b|chatbot|modele)"
)
CELL = re.compile(r"[^|]+")
# Where a sentence turns from one figure to the next.
SEGMENT = re.compile(r"[,;:]\s|\b(?:et|mais|puis|contre|tandis que|alors que|and|but|while)\b")
HEADER_UNITS = (("€", re.compile(r"€|\beuros?\b")), ("%", re.compile(r"%|\bpourcentage\b")))


# Letters that two words of one family share at their beginning: « candidat », « candidature ».
FAMILY_LETTERS = 5
# Shortest stem of which a longer one by a letter is the same word: « dot » and « dote ».
TRIMMED_LETTERS = 3


class Words:
    """Stems of a stretch of text, arranged so that words of one family are found at once."""

    __slots__ = ("_longer", "_openings", "stems")

    def __init__(self, stems: Iterable[str]) -> None:
        self.stems = frozenset(stems)
        self._openings = {stem[:FAMILY_LETTERS] for stem in self.stems}
        self._longer = {stem[:-1] for stem in self.stems if len(stem) > TRIMMED_LETTERS}

    def akin(self, stem: str) -> bool:
        """True for a word of the same family, and for stems that differ by their last letter."""
        if len(stem) >= FAMILY_LETTERS and stem[:FAMILY_LETTERS] in self._openings:
            return True
        trimmed = len(stem) > TRIMMED_LETTERS and stem[:-1] in self.stems
        return trimmed or stem in self._longer


@dataclass(frozen=True, slots=True)
class Segment:
    """The words and numbers between two commas or conjunctions."""

    words: Words
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class SourceUnit:
    """A sentence, item or row; `start` and `end` are offsets into the hit's text."""

    start: int
    end: int
    words: Words
    quantities: tuple[Quantity, ...]
    days: tuple[Day, ...]
    rates: frozenset[str]
    polarity: Polarity
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A hit's units, and the words around them: title, headings and publisher tell the subject."""

    units: tuple[SourceUnit, ...]
    wording: Wording
    words: Words
    context_days: tuple[Day, ...]


def read(hit: Hit) -> Source:
    """The source that a hit is."""
    context = "\n".join((hit.title, *hit.heading_path, hit.publisher or ""))
    return _read(hit.text, context)


@lru_cache(maxsize=SOURCES_KEPT)
def _read(text: str, context: str) -> Source:
    found: list[SourceUnit] = []
    header = ""
    headings = [context]
    for unit in units(text):
        words = text[unit.start : unit.end]
        if COMMAND.search(fold(words)):
            continue
        if unit.form == "heading" or words.endswith("?"):  # a question tells the subject only
            headings.append(words)
        elif unit.form == "row":
            header = header or words
            found.append(_row(unit, words, header))
            continue
        else:
            found.append(_unit(unit, words))
        header = ""
    around = "\n".join(headings)
    return Source(
        units=tuple(found),
        wording=Wording(f"{around}\n{text}"),
        words=Words([*families(around), *families(text)]),
        context_days=figures(around).days,
    )


def _unit(unit: Unit, text: str) -> SourceUnit:
    read_figures = figures(text)
    words = Words(families(text))
    whole = Segment(words, read_figures.quantities)
    parted = len(whole.quantities) > 1  # one figure alone cannot be mixed up
    return SourceUnit(
        start=unit.start,
        end=unit.end,
        words=words,
        quantities=read_figures.quantities,
        days=read_figures.days,
        rates=rates(text),
        polarity=polarity(text),
        segments=tuple(_segments(text, whole.quantities)) if parted else (whole,),
    )


def _segments(text: str, quantities: Sequence[Quantity]) -> Iterator[Segment]:
    edges = [0, *(match.start() for match in SEGMENT.finditer(fold(text))), len(text)]
    for start, end in pairwise(edges):
        inside = tuple(q for q in quantities if start <= q.start < end)
        yield Segment(Words(families(text[start:end])), inside)


def _row(unit: Unit, words: str, header: str) -> SourceUnit:
    """A number in a cell counts what the head of its column names."""
    titles = [match[0] for match in CELL.finditer(header)]
    quantities: list[Quantity] = []
    for position, match in enumerate(CELL.finditer(words)):
        title = titles[position] if position < len(titles) else ""
        quantities.extend(_in_column(figures(match[0]).quantities, title))
    plain = _unit(unit, words)
    stems = Words([*plain.words.stems, *families(header)])
    segment = Segment(stems, tuple(quantities))
    return replace(plain, quantities=tuple(quantities), words=stems, segments=(segment,))


def _in_column(found: Sequence[Quantity], title: str) -> list[Quantity]:
    folded = fold(title)
    unit = next((unit for unit, pattern in HEADER_UNITS if pattern.search(folded)), "")
    return [
        quantity
        if quantity.unit or quantity.nouns
        else replace(quantity, unit=unit, nouns=() if unit else tuple(families(title)))
        for quantity in found
    ]
