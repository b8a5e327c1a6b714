"""The language of a question, from its function words."""

import re

from vigie.ingest.folding import fold

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)

FRENCH_WORDS = frozenset(
    "le la les l un une des du de d et est sont a au aux en dans pour par sur que qui quoi quel "
    "quelle "
    "quels quelles combien quand comment pourquoi ou je j il elle on nous vous ils ce cette ces c "
    "qu "
    "pas ne n se s sa son ses leur leurs mon ma mes y avec depuis jusqu peut faut avez plus".split()
)
ENGLISH_WORDS = frozenset(
    "the of and is are was were in to for by with from what when where which who whom whose why "
    "how "
    "does do did can could should would may has have had it its they their there this that these i "
    "my we our you your many much until since any into about be been an at will".split()
)


def language_of(text: str) -> str | None:
    """ "fr" or "en" by counting function words, None when they do not decide."""
    words = [word for token in WORD.findall(fold(text)) for word in re.split(r"['-]", token)]
    french = sum(word in FRENCH_WORDS for word in words)
    french += any(ord(character) > 127 and character.isalpha() for character in text)
    english = sum(word in ENGLISH_WORDS for word in words)
    if french == english:
        return None
    return "fr" if french > english else "en"
