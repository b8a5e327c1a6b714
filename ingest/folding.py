"""Text without case, accents or typographic apostrophes, for comparing what people type."""

import unicodedata

# Typographic signs that people and keyboards write in several ways.
VARIANTS = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "–": "-", "‑": "-", "—": "-", "œ": "o"})


def fold(text: str) -> str:
    """Lower case without accents, one character for one: offsets into the result hold in `text`."""
    return "".join(map(_fold_character, text.translate(VARIANTS)))


def _fold_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character.isspace():
        return " "
    folded = unicodedata.normalize("NFD", character)[0].lower()
    return folded if len(folded) == 1 else character
