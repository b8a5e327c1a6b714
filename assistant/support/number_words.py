"""Numbers written in words: « quatre-vingt-dix-sept », « deux cent cinquante », "twenty-six"."""

import re
from collections.abc import Sequence

SMALL = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
    "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14,
    "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "septante": 70, "huitante": 80, "nonante": 90,
    "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
HUNDREDS = frozenset({"cent", "cents", "hundred"})
THOUSANDS = frozenset({"mille", "thousand"})
# « une trentaine de contributeurs » counts as 30: the reader loses nothing but the hedge.
COLLECTIVES = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
    "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
    "dozen": 12,
}  # fmt: skip
ORDINALS = {
    "deuxieme": 2, "seconde": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6,
    "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11, "douzieme": 12,
    "vingtieme": 20, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10,
}  # fmt: skip

_STARTS = "|".join(sorted({*SMALL, *HUNDREDS, *THOUSANDS} - {"un", "une"}, key=len, reverse=True))
_ANY = "|".join(sorted({*SMALL, "vingts", *HUNDREDS, *THOUSANDS}, key=len, reverse=True))
# Alone, « un » and « une » are articles; the words that follow them decide elsewhere.
PATTERN = rf"(?:{_STARTS})(?:(?:[ -]et)?[ -](?:{_ANY}))*(?!\w)"
_SEPARATORS = re.compile(r"[ -]")


def value(words: str) -> int:
    """The number that folded words write; raises KeyError for anything else."""
    return _total([word for word in _SEPARATORS.split(words) if word not in ("et", "and", "")])


def _total(words: Sequence[str]) -> int:
    total, group = 0, 0
    for word in words:
        if word in THOUSANDS:
            total, group = total + max(group, 1) * 1000, 0
        elif word in HUNDREDS:
            group = max(group, 1) * 100
        elif word in ("vingt", "vingts") and group % 100 == 4:
            group += 76  # quatre-vingt: 4 was counted as units
        else:
            group += SMALL[word]
    return total + group
