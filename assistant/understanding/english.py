"""English questions over French documents: the French words for those of the sector."""

import re
from collections.abc import Iterator
from functools import cache

from vigie.assistant.understanding.data import table
from vigie.assistant.understanding.language import WORD
from vigie.ingest.folding import fold

# Endings of English inflexion with what the word had instead, the likeliest first.
ENDINGS = (
    ("'s", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("es", ""),
    ("s", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("er", ""),
    ("ly", ""),
)
# Below it, what is left of a word says too little: « used » is no « us ».
STEM_LETTERS = 3


@cache
def _glossary() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    data = table("glossary")
    known = {word: tuple(french) for word, french in data["words"].items()}
    return known, frozenset(data["ignored"]["words"])


@cache
def _phrases() -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]]:
    """What finds a notion of several words, each perhaps plural, then which it is."""
    notions: dict[str, list[str]] = table("glossary")["phrases"]
    written = {
        "(?:e?s)?[ -]?".join(map(re.escape, notion.split())) + "(?:e?s)?": tuple(french)
        for notion, french in sorted(notions.items(), key=lambda pair: -len(pair[0]))
    }
    each = tuple((re.compile(pattern), french) for pattern, french in written.items())
    return re.compile(rf"\b(?:{'|'.join(written)})\b"), each


def carries_nothing(word: str) -> bool:
    """Whether an English word says nothing of a subject."""
    return fold(word) in _glossary()[1]


def french_for(word: str) -> tuple[str, ...]:
    """French words for an English one, whatever its inflexion; none for an unknown word."""
    known = _glossary()[0]
    folded = fold(word)
    if folded in known:
        return known[folded]
    for ending, instead in ENDINGS:
        if not folded.endswith(ending):
            continue
        stem = folded.removesuffix(ending)
        for form in (stem + instead, _single(stem) + instead):
            if len(form) >= STEM_LETTERS and form in known:
                return known[form]
    return ()


def _single(stem: str) -> str:
    """« planned » is « plan » with its last letter doubled."""
    return stem[:-1] if len(stem) > 1 and stem[-1] == stem[-2] else stem


def units(text: str) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Each word or known phrase of an English text, where it starts, and the French for it."""
    phrases, each = _phrases()
    folded = fold(text)
    place = 0
    for found in phrases.finditer(folded):
        yield from _words(text, place, found.start())
        french = next(french for notion, french in each if notion.fullmatch(found[0]))
        yield text[found.start() : found.end()], found.start(), french
        place = found.end()
    yield from _words(text, place, len(text))


def _words(text: str, start: int, end: int) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    for match in WORD.finditer(text[start:end]):
        pieces = (match[0],) if french_for(match[0]) else re.split(r"(?<=\w)[-](?=\w)", match[0])
        at = start + match.start()
        for piece in pieces:
            ignored = carries_nothing(piece)
            yield piece, at, () if ignored else french_for(piece)
            at += len(piece) + 1


def translations(text: str) -> list[str]:
    """French words for what an English text holds, each once, in order."""
    return list(dict.fromkeys(word for _, _, french in units(text) for word in french))
