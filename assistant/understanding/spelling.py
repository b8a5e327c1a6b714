"""French typed in haste put back into words: capitals, text speak, lost apostrophes."""

import re
from functools import cache, partial

from vigie.assistant.understanding.data import table
from vigie.assistant.understanding.language import FRENCH_WORDS
from vigie.ingest.folding import fold

CAPITALS_LETTERS = 8  # below it, capitals are more likely an acronym than shouting
SHOUTED = 0.8  # share of capitals among the letters of a shouted text
# Words in capitals that follow one another are shouted from this many, if one is a function word.
SHOUTED_WORDS = 3
# Forms such as « no » or « st » that, together, are no accident.
SELDOM = 2
RUN = re.compile(r"\b[^\W\d_a-zß-öø-ÿ]+(?:[ '’-]+[^\W\d_a-zß-öø-ÿ]+)+\b")
PART = re.compile(r"[^\W\d_]+\d?(?!\w)|\+(?=\s)")
# « l association », « qu est-ce »: the apostrophe that a telephone makes hard to reach.
ELIDED = re.compile(
    r"(?:(?<=^)|(?<=\s))([ldjmtsnc]|qu|jusqu|lorsqu|puisqu|quelqu) (?=[aeiouyhàâéèêëîïôû])"
)
ELIDED_FIRST = re.compile(r"^([LDJMTSNC]|Qu|Jusqu|Lorsqu|Puisqu) (?=[aeiouyhàâéèêëîïôû])")


def without_shouting(text: str) -> str:
    """Lower case for a text, or a run of words, in capitals; acronyms among other words stay."""
    letters = [character for character in text if character.isalpha()]
    if len(letters) >= CAPITALS_LETTERS and sum(map(str.isupper, letters)) > SHOUTED * len(letters):
        return text.lower()
    return RUN.sub(_quiet, text)


def _quiet(run: re.Match[str]) -> str:
    words = re.findall(r"[^\W_]+", fold(run[0]))
    shouted = len(words) >= SHOUTED_WORDS and any(word in FRENCH_WORDS for word in words)
    return run[0].lower() if shouted else run[0]


def spelt_out(text: str) -> str:
    """Text speak in words, apostrophes in their place, question words without their slips.

    For French or what may be French; an English text has other habits.
    """
    for pattern, instead in _turns():
        text = pattern.sub(partial(_as_typed, instead), text)
    sure, beside = _forms()
    forms = sure | beside if _speaks(text) else sure

    def word(match: re.Match[str]) -> str:
        found = match[0]
        if len(found) > 1 and found.isupper():
            return found  # an acronym: PK, DS
        return forms.get(found.lower()) or _unslipped(found)

    text = PART.sub(word, text)
    return ELIDED.sub(r"\1'", ELIDED_FIRST.sub(r"\1'", text))


def _as_typed(instead: str, match: re.Match[str]) -> str:
    """What stands for a turn, with its capital where it had one."""
    read = match.expand(instead)
    return read[:1].upper() + read[1:] if match[0][:1].isupper() else read


@cache
def _turns() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = table("spelling")["turns"]
    return tuple((re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in rows)


@cache
def _forms() -> tuple[dict[str, str], dict[str, str]]:
    """What stands for a form anywhere, and beside a telling form only."""
    forms = table("spelling")
    return forms["everyday"] | forms["telling"], forms["beside"]


def _speaks(text: str) -> bool:
    """Whether a text is text speak: by a form that is no word, or by several that seldom are."""
    typed = {word for word in PART.findall(text) if word == "+" or word.islower()}
    forms = table("spelling")
    seldom = [word for word in typed & forms["beside"].keys() if len(word) > 1]
    return bool(typed & forms["telling"].keys()) or len(seldom) >= SELDOM


@cache
def _slips() -> tuple[tuple[str, ...], frozenset[str]]:
    slips = table("spelling")["slips"]
    return tuple(slips["words"]), frozenset((*slips["words"], *slips["left"]))


def _unslipped(word: str) -> str:
    meant, left = _slips()
    folded = fold(word)
    if len(folded) < min(map(len, meant)) - 1 or folded in left:
        return word
    return next((one for one in meant if one_slip(folded, one)), word)


def one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is too many, missing, changed, or swapped with the next.

    The first letter is right: people see it, and « moment » is not « comment ».
    """
    if typed[:1] != meant[:1] or abs(len(typed) - len(meant)) > 1 or typed == meant:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b),
        min(len(typed), len(meant)),
    )
    one, other = typed[start:], meant[start:]
    return (
        one[1:] == other
        or one == other[1:]
        or one[1:] == other[1:]
        or (one[:2] == other[1::-1] and one[2:] == other[2:])
    )
