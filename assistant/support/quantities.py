"""Numbers, amounts, shares and dates of a sentence, each reduced to one value and one unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import zip_longest

from vigie.assistant.support import number_words
from vigie.assistant.support.figure_patterns import (
    BOUND_AFTER,
    BOUND_BEFORE,
    BOUND_REACH,
    BREAKS,
    CURRENCIES,
    HIGH,
    JOINED,
    LINKS,
    LOW,
    MONTHS,
    PATTERNS,
    QUALIFIERS,
    RATE,
    RATE_REACH,
    SCALES,
    SHARES,
    TOKEN,
    UNITS,
    WORD,
    YEAR,
    YEAR_BEFORE,
)
from vigie.index.lexical import families
from vigie.index.stopwords import STOPWORDS
from vigie.ingest.folding import fold

# Content words read after a number to learn what it counts: « 418 petites associations ».
NOUNS_READ = 2
# Texts whose analysis is kept: a question's hits are read again for every generated sentence.
TEXTS_KEPT = 2048


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts; `unit` is "" when a noun tells it (`nouns`, stems).

    Shares are percentages: « deux tiers » is 200/3 %. `bound` is LOW, HIGH or "". `readings` are
    other values that the same words may have: "1,204" in English, « deux » in « deux sur trois ».
    `per` is the period in « 784 euros par mois ».
    """

    value: Fraction
    unit: str
    start: int
    end: int
    nouns: tuple[str, ...] = ()
    bound: str = ""
    readings: tuple[Fraction, ...] = ()
    per: str | None = None

    def same_value(self, other: "Quantity") -> bool:
        """True when a reading of `other` agrees; a share has one reading, its numbers none."""
        mine = {self.value} if self.unit == "%" else {self.value, *self.readings}
        return bool(mine & {other.value, *other.readings})


@dataclass(frozen=True, slots=True)
class Day:
    """A date as precise as the text says; None where it does not."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int

    def within(self, other: "Day") -> bool:
        """True when `other` says everything that this date says."""
        return all(
            mine is None or mine == theirs
            for mine, theirs in (
                (self.year, other.year),
                (self.month, other.month),
                (self.day, other.day),
            )
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one text, in order."""

    quantities: tuple[Quantity, ...]
    days: tuple[Day, ...]


@lru_cache(maxsize=TEXTS_KEPT)
def figures(text: str) -> Figures:
    """Every number and date of a text; « les deux » and articles are none."""
    folded = fold(text)
    quantities: list[Quantity] = []
    days: list[Day] = []
    for match in TOKEN.finditer(folded):
        for found in _read(match.lastgroup or "", match.start(), folded):
            if isinstance(found, Day):
                days.append(found)
            else:
                quantities.append(found)
    return Figures(tuple(_inherited(quantities, folded)), tuple(days))


def rates(text: str) -> frozenset[str]:
    """Rhythms that a text states: « par jour », « chaque jour » and « quotidien » are "jour"."""
    return frozenset(m.lastgroup for m in RATE.finditer(fold(text)) if m.lastgroup)


def _read(kind: str, start: int, folded: str) -> Iterator[Quantity | Day]:
    match = PATTERNS[kind].match(folded, start)
    if match is None:  # the alternative stopped where another pattern begins
        return
    if kind in ("iso", "slashed", "days", "english", "month"):
        yield from _days(kind, match, folded)
    elif kind == "number":
        yield from _number(match, folded)
    elif kind == "share":
        yield from _share(match)
    else:
        yield _special(kind, match, folded)


def _days(kind: str, match: re.Match[str], folded: str) -> Iterator[Day]:
    groups, (start, end) = match.groups(), match.span()
    if kind == "iso":
        year, month, day = (int(group) for group in groups)
        yield Day(year, month, day, start, end)
    elif kind == "slashed":
        day, month, year = (int(group) for group in groups)
        yield Day(year if year > 99 else 2000 + year, month, day, start, end)
    elif kind == "days":
        first, second, name, written = groups
        for found in filter(None, (first, second)):
            yield Day(_year(written), MONTHS[name], int(found), start, end)
    elif kind == "english":
        name, found, written = groups
        yield Day(_year(written), MONTHS[name], int(found), start, end)
    else:
        name, written = groups
        verb = name in ("may", "march") and not written  # « in May », but « you may »
        if not verb or folded[:start].endswith(("in ", "by ", "of ")):
            yield Day(_year(written), MONTHS[name], None, start, end)


def _year(written: str | None) -> int | None:
    return int(written) if written else None


def _share(match: re.Match[str]) -> Iterator[Quantity]:
    out_of, total, numerator, denominator, count, counted, bare = match.groups()
    name = counted or bare
    top = _integer(out_of or numerator or count or "un")
    bottom = SHARES[name] if name else _integer(total or denominator)
    span = match.span()
    if 0 < top < bottom:
        parts = () if name else (Fraction(top), Fraction(bottom))
        yield Quantity(Fraction(100 * top, bottom), "%", *span, readings=parts)
    else:
        yield Quantity(Fraction(top), "", *span)
        yield Quantity(Fraction(bottom), "", *span)


def _special(kind: str, match: re.Match[str], folded: str) -> Quantity:
    span = match.span()
    if kind == "phone":
        return Quantity(Fraction(re.sub(r"\D", "", match[0])), "tel", *span)
    if kind == "clock":
        return Quantity(int(match[1]) + Fraction(int(match[2] or 0), 60), "heure", *span)
    if kind == "half":
        return Quantity(Fraction(50), "%", *span)
    if kind == "collective":
        value = number_words.COLLECTIVES.get(match[1], 1000)
        return Quantity(Fraction(value), "", *span, _nouns(folded[match.end() :]))
    rank = int(match[1]) if match[1] else number_words.ORDINALS[match[2]]
    return Quantity(Fraction(rank), "rang", *span)


def _integer(written: str) -> int:
    if written in ("le", "one"):
        return 1
    return int(written) if written.isdigit() else number_words.value(written)


def _number(match: re.Match[str], folded: str) -> Iterator[Quantity | Day]:
    digits, words, scale, unit = match.groups()
    start, end = match.span()
    before = folded[max(0, start - BOUND_REACH) : start]
    if words == "deux" and re.search(r"\bles $", before):
        return  # « les deux » points back, it counts nothing new
    value, readings = _values(digits, words)
    factor = SCALES[scale.removesuffix("s")] if scale else 1
    unit = unit.removesuffix("s") if unit and unit not in UNITS else unit
    if unit in CURRENCIES or folded[start] == "€":
        factor, unit = factor * CURRENCIES.get(unit or "€", 1), "€"
    elif unit:
        unit = UNITS[unit]
    nouns = () if unit else _nouns(folded[end:])
    if not unit and not scale and digits and re.fullmatch(YEAR, digits):
        if not nouns or YEAR_BEFORE.search(before):
            yield Day(int(digits), None, None, start, end)
            return
    yield Quantity(
        value * factor,
        unit or "",
        start,
        end,
        nouns,
        _bound(before, folded[end : end + BOUND_REACH]),
        tuple(value * factor for value in readings),
        _per(folded[end : end + RATE_REACH]),
    )


def _values(digits: str | None, words: str | None) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The French reading of a number, then the English one where it differs."""
    if digits is None:
        return Fraction(number_words.value(words) if words else 1), ()
    if re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?", digits) and not digits.startswith("0."):
        grouped = Fraction(re.sub(r"[ .]", "", digits).replace(",", "."))
        return grouped, (Fraction(digits),) if re.fullmatch(r"\d+\.\d{3}", digits) else ()
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", digits):
        decimal = digits.replace(",", ".")
        return Fraction(digits.replace(",", "")), (
            (Fraction(decimal),) if digits.count(",") == 1 else ()
        )
    parts = re.split(r"[.,]", digits)
    return Fraction(".".join(parts) if len(parts) < 3 else "".join(parts)), ()


def _nouns(after: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in WORD.finditer(after):
        word = match[0]
        if word in LINKS or word in QUALIFIERS:
            continue
        if not word.isalpha() or word in STOPWORDS | BREAKS or word in number_words.SMALL:
            break
        found.extend(families(word))
        if len(found) >= NOUNS_READ:
            break
    return tuple(found)


def _per(after: str) -> str | None:
    """The period of « 784 euros par mois », None where the next figure comes before any."""
    match = RATE.search(re.split(r"[.,;:\d]", after)[0])
    return match.lastgroup if match else None


def _bound(before: str, after: str) -> str:
    for match in (BOUND_BEFORE.search(before), BOUND_AFTER.match(after)):
        if match:
            return LOW if match["low"] else HIGH
    return ""


def _inherited(quantities: list[Quantity], folded: str) -> Iterator[Quantity]:
    """« de 10 000 à 50 000 € »: the first number counts what the second does."""
    for quantity, following in zip_longest(quantities, quantities[1:]):
        if (
            following is not None
            and not quantity.unit
            and not quantity.nouns
            and JOINED.match(folded[quantity.end : following.start])
        ):
            yield replace(quantity, unit=following.unit, nouns=following.nouns)
        else:
            yield quantity
