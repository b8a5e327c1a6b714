"""A claim laid beside a source: the stretches that share its words, and what they do not say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from vigie.assistant.questions import synonyms
from vigie.assistant.support.claims import Claim
from vigie.assistant.support.facts import missing
from vigie.assistant.support.figure_patterns import HIGH, LOW
from vigie.assistant.support.polarity import contrary, denial_differs, joined
from vigie.assistant.support.quantities import Day, Quantity
from vigie.assistant.support.source_units import Segment, Source, SourceUnit, Words
from vigie.index.hits import Hit

# What a synonym, a word of the same family, and a word of the title or of the rest of the hit
# count for.
SYNONYM, FAMILY, AROUND = 0.9, 0.8, 0.6
# Units in a row read together: an answer often joins two sentences.
WINDOW = 3
# Each more unit must bring this much coverage.
UNIT_COST = 0.04
# A rival figure stands in words closer to the sentence by this much: the sentence mixes them up.
RIVAL = 0.24
# There, a name tells two figures apart better than a word does.
NAME_WEIGHT = 3


class Reason(StrEnum):
    """Why a sentence was released or held back, in the order in which things are compared."""

    EMPTY = "empty"
    NAME = "name"
    DATE = "date"
    FIGURE = "figure"
    RATE = "rate"
    MEANING = "meaning"
    POLARITY = "polarity"
    SUPPORTED = "supported"


@dataclass(frozen=True, slots=True)
class Window:
    """Units in a row of one source, with the weight that each word of the claim finds there."""

    hit: Hit
    source: Source
    units: tuple[SourceUnit, ...]
    weights: tuple[float, ...]

    @property
    def coverage(self) -> float:
        """Mean weight of the claim's words; 1 when it has none of its own."""
        return sum(self.weights) / len(self.weights) if self.weights else 1.0

    @property
    def merit(self) -> float:
        """Coverage less what the length costs: the shortest sufficient stretch wins."""
        return self.coverage - UNIT_COST * (len(self.units) - 1)

    @property
    def text(self) -> str:
        return self.hit.text[self.units[0].start : self.units[-1].end]


def names_stand(claim: Claim, source: Source) -> bool:
    """True when every name and address of the claim stands somewhere in the source."""
    folded = source.wording.folded
    return not missing(claim.names, source.wording) and all(
        address in folded for address in claim.addresses
    )


def verbatim(claim: Claim, hit: Hit, source: Source) -> Window | None:
    """The unit that is the claim itself, its full stop apart."""
    for unit in source.units:
        if hit.text[unit.start : unit.end].rstrip(". ") == claim.text.rstrip(". "):
            return Window(hit, source, (unit,), (1.0,) * len(claim.content))
    return None


def windows(claim: Claim, hit: Hit, source: Source) -> Iterator[Window]:
    """Every stretch of one to WINDOW units."""
    fallback = [AROUND * _weight(stem, source.words) for stem in claim.content]
    table = [[_weight(stem, unit.words) for stem in claim.content] for unit in source.units]
    for first in range(len(source.units)):
        for last in range(first, min(first + WINDOW, len(source.units))):
            found = [max(column) for column in zip(*table[first : last + 1], strict=True)]
            yield Window(
                hit,
                source,
                source.units[first : last + 1],
                weights=tuple(map(max, fallback, found)),
            )


@lru_cache(maxsize=65536)
def _related(stem: str) -> frozenset[str]:
    return frozenset(synonyms().get(stem, ()))


def _weight(stem: str, words: Words) -> float:
    if stem in words.stems:
        return 1.0
    if _related(stem) & words.stems:
        return SYNONYM
    return FAMILY if words.akin(stem) else 0.0


def facts(claim: Claim, window: Window) -> Reason:
    """The first kind of fact that the window lacks, SUPPORTED when it holds them all."""
    days = [day for unit in window.units for day in unit.days]
    known = [*days, *window.source.context_days]
    quantities = [quantity for unit in window.units for quantity in unit.quantities]
    for day in claim.days:
        if not (any(day.within(other) for other in _completed(known)) or _as_year(day, quantities)):
            return Reason.DATE
    for quantity in claim.quantities:
        if not any(_same(quantity, other, window) for other in quantities):
            if not _as_day(quantity, known):
                return Reason.FIGURE
    if claim.rates - frozenset().union(*(unit.rates for unit in window.units)):
        return Reason.RATE
    return Reason.SUPPORTED


def _completed(days: Sequence[Day]) -> Iterator[Day]:
    """« le 17 mars » where every dated word is of 2021 is the 17 March 2021."""
    years = {day.year for day in days if day.year is not None}
    only = years.pop() if len(years) == 1 else None
    for day in days:
        yield day if day.year is not None else Day(only, day.month, day.day, day.start, day.end)


def _as_year(day: Day, quantities: Sequence[Quantity]) -> bool:
    return day.month is None and any(q.value == day.year and not q.unit for q in quantities)


def _as_day(quantity: Quantity, days: Sequence[Day]) -> bool:
    return not quantity.unit and any(quantity.value == day.year for day in days)


def _same(quantity: Quantity, other: Quantity, window: Window) -> bool:
    if not quantity.same_value(other) or {quantity.bound, other.bound} == {LOW, HIGH}:
        return False
    if quantity.bound and not other.bound:
        return False
    if quantity.per and other.per and quantity.per != other.per:
        return False
    if quantity.unit or other.unit:
        return quantity.unit == other.unit or not (quantity.unit or quantity.nouns)
    if not quantity.nouns:
        return True
    if other.nouns:
        return _weight(quantity.nouns[0], Words(other.nouns)) > 0
    return any(_weight(quantity.nouns[0], unit.words) > 0 for unit in window.units)


def rivalled(claim: Claim, best: Window) -> bool:
    """True when another stretch says the claim better and gives other figures of the same kind.

    Compared between the sentences of the source, then between the parts of the passage.
    """
    parts = [segment for unit in best.units for segment in unit.segments]
    return any(
        _better_counted(quantity, best)
        or _outdone(quantity, claim, best.source.units)
        or _outdone(quantity, claim, parts)
        for quantity in claim.quantities
    )


def _outdone(quantity: Quantity, claim: Claim, stretches: Sequence[SourceUnit | Segment]) -> bool:
    bearing, rival = 0.0, 0.0
    for stretch in stretches:
        if any(quantity.same_value(other) for other in stretch.quantities):
            bearing = max(bearing, _nearness(claim, quantity, stretch))
        elif any(_rival(quantity, other, claim) for other in stretch.quantities):
            rival = max(rival, _nearness(claim, quantity, stretch))
    return rival > bearing + RIVAL


def _nearness(claim: Claim, quantity: Quantity, stretch: SourceUnit | Segment) -> float:
    """Share of the claim's words, names and other figures that stand in the stretch."""
    others = [stated for stated in claim.quantities if stated is not quantity]
    figures = sum(
        any(stated.same_value(other) for other in stretch.quantities) for stated in others
    )
    words = sum(_weight(stem, stretch.words) for stem in claim.content)
    names = NAME_WEIGHT * sum(stem in stretch.words.stems for stem in claim.name_stems)
    size = len(claim.content) + NAME_WEIGHT * len(claim.name_stems) + len(others)
    return (words + names + figures) / size if size else 0.0


def _better_counted(quantity: Quantity, window: Window) -> bool:
    """True when another number of the same passage counts what the claim says, word for word."""
    fits: dict[bool, int] = {True: 0, False: 0}
    for unit in window.units:
        for other in unit.quantities:
            same = quantity.same_value(other)
            fits[same] = max(fits[same], len({*quantity.nouns} & {*other.nouns}))
    return fits[False] > fits[True] > 0


def _rival(quantity: Quantity, other: Quantity, claim: Claim) -> bool:
    """True for a figure of the same kind that the claim does not give too."""
    if any(stated.same_value(other) for stated in claim.quantities):
        return False
    if quantity.unit or other.unit:
        return quantity.unit == other.unit
    return bool(quantity.nouns and other.nouns and quantity.nouns[0] in other.nouns)


def longest_run(weights: Sequence[float]) -> int:
    """Longest run of words that are found nowhere."""
    longest = run = 0
    for weight in weights:
        run = run + 1 if weight == 0 else 0
        longest = max(longest, run)
    return longest


def contradicts(claim: Claim, window: Window) -> bool:
    """True when the window denies what the claim affirms, or takes the other side."""
    source = joined(unit.polarity for unit in window.units)
    return contrary(claim.polarity, source, frozenset(claim.content)) or denial_differs(
        claim.polarity, source
    )
