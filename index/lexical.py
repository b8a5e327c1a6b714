"""The lexical side: French words reduced to terms, and texts to sparse BM25 vectors.

A document's weights hold the term frequencies of BM25; the engine's IDF modifier supplies the
rest at query time, so that adding a document never asks for the others to be written again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from threading import Lock

import Stemmer  # type: ignore[import-not-found]

from vigie.index.stopwords import STOPWORDS

# BM25 of a chunk: its words, its title and the headings above it, each once. Robertson and Zaragoza
# (2009) find k1 good from 1.2 to 2; quality here was flat for k1 up to 2.5 and b from .3 to .6.
K1 = 1.6
B = 0.45
# BM25 of the title alone, added to the chunk's: a short title asked in full must win. As a field
# with a length of its own it was worth + .04 nDCG@10 over 213 French questions, and repeating the
# title in the chunk only a quarter of that; b = .5 lost .01, weights from 1 to 2 were equal.
TITLE_K1 = 1.2
TITLE_B = 0.8
# Terms in a usual title: the mean of 3,155 articles, reports and programmes.
TITLE_LENGTH = 5.0
# BM25 of a whole document, its title four times: a question told at length finds its words spread
# over several chunks. It is worth + .05 hit@5 to citizens' questions.
WHOLE_K1 = 1.8
WHOLE_B = 0.5
WHOLE_TITLES = 4
# Terms in a usual document: the mean of 3,155 articles, reports and programmes with their titles.
# 150 cost .009 nDCG@10.
WHOLE_LENGTH = 300.0

# Recorded with an index: another analysis would no longer meet the terms stored.
VERSION = 3

TERMS_KEPT = 1 << 16
# Words below this length only lose a plural; Savoy leaves them whole.
SHORT_WORD = 6

LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "\u00ad": None})
CAPITAL = "A-ZÀ-ÖØ-Þ"
DOTTED_ACRONYM = re.compile(rf"\b(?:[{CAPITAL}]\.){{2,}}(?:[{CAPITAL}]\b)?")
# adhérent·e·s, salarié(e)s, étudiant.e.s, bénévole-s: the reader of a question thinks of one word.
INCLUSIVE = re.compile(
    r"(?<=[^\W\d_])(?:[·•‧⋅∙][^\W\d_]+)+"
    r"|(?<=[^\W\d_])\((?:s|e|es|ne|nes|le|ve|ice|trice|euse)\)s?(?!\w)"
    r"|(?<=[^\W\d_]{3})\.(?:e|es|ne|nes|trice|euse)(?:\.s|s)?(?!\w)"
    r"|(?<=[^\W\d_]{3})-(?:e|ne|rice|trice|euse)-s(?!\w)"
)
# Thousands: « 2 024 », « 1.250.000 ». A comma never groups in French: « 12,345 » is a decimal.
GROUPED = re.compile(r"(?<![\d.,])(?<!\d )\d{1,3}(?:(?: \d{3})+|(?:\.\d{3})+)(?!\d)")
TOKEN = re.compile(r"\d+[.,]\d+(?!\w)|[^\W_]+")


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Weights of the terms of a text; `indices` are distinct 32-bit hashes, unsorted."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def terms(text: str) -> list[str]:
    """Terms in the order of the text, repeated as it repeats them; empty without content words.

    Accents are folded before stemming, so that a question typed without them finds the same
    chunks (the quality with accents is the same: MRR@10 .490 in both orders). A word in capitals
    gives its whole form and, where it differs, its stem: « ESS » stays whole, and a heading in
    capitals still meets the words of a question.
    """
    return list(_terms(text))


def families(text: str) -> list[str]:
    """The same words under Snowball's French stem, which also merges conjugations and derivations.

    For comparing a sentence with a question or a claim, where « financent » must meet « financer »
    and a word merged too many costs little; searching a whole corpus, it costs more than it finds.
    """
    return list(_terms(text, _family))


def _light(word: str) -> str:
    return lightly_stemmed(fold(word))


def _family(word: str) -> str:
    # Snowball knows « fondée » and « présidente » by their accents: they go after its work.
    return fold(stemmed(word.lower()))


def sparse_document(
    text: str, average_length: float, *, title: str = "", headings: Iterable[str] = ()
) -> SparseVector:
    """BM25 weights without IDF; `average_length` counts the terms of a usual chunk's own text.

    The score of a sum of fields is a sum over terms, so one vector carries both fields exactly.
    """
    named = list(_terms(title))
    body = [*_terms(text), *named, *_terms("\n".join(headings))]
    weights = _saturated(body, K1, B, average_length)
    for term, weight in _saturated(named, TITLE_K1, TITLE_B, TITLE_LENGTH).items():
        weights[term] += weight
    return _vector(weights)


def sparse_whole(text: str, title: str) -> SparseVector:
    """BM25 weights without IDF of a document as one text."""
    return _vector(
        _saturated(
            [*_terms(text), *list(_terms(title)) * WHOLE_TITLES], WHOLE_K1, WHOLE_B, WHOLE_LENGTH
        )
    )


def _saturated(found: list[str], k1: float, b: float, usual: float) -> dict[str, float]:
    """Term frequencies as BM25 counts them (Robertson and Zaragoza 2009, equation 3.15)."""
    saturation = k1 * (1 - b + b * len(found) / usual)
    return {term: count * (k1 + 1) / (count + saturation) for term, count in Counter(found).items()}


def sparse_query(text: str, added: Mapping[str, float] | None = None) -> SparseVector:
    """One for each distinct term, and the weights `added` for terms that it does not hold.

    No index at all when the text has no content word.
    """
    return _vector(dict(added or {}) | dict.fromkeys(_terms(text), 1.0))


def _terms(text: str, stem_of: Callable[[str], str] | None = None) -> Iterator[str]:
    stem_of = stem_of or _light
    for match in TOKEN.finditer(normalise(text)):
        word = match[0]
        folded = fold(word)
        if word[0].isdigit():
            yield folded.replace(",", ".")
        elif folded not in STOPWORDS:
            whole = word.isupper() and len(word) > 1
            if whole:
                yield folded
            stem = stem_of(word)
            if not whole or stem != folded:
                yield stem


def normalise(text: str) -> str:
    """One spelling for what French writes in several: ligatures, thousands, dots in acronyms."""
    text = unicodedata.normalize("NFKC", text).translate(LIGATURES)
    text = INCLUSIVE.sub("", text)
    text = DOTTED_ACRONYM.sub(lambda match: match[0].replace(".", ""), text)
    return GROUPED.sub(lambda match: re.sub(r"[ .]", "", match[0]), text)


def fold(word: str) -> str:
    """Lower case without accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def lightly_stemmed(word: str) -> str:
    """Savoy's minimal French stemmer (JASIS 1999): endings of number, gender and infinitive only.

    Snowball's French stemmer merges too much once titles are a field of their own: nDCG@10 .660
    against .691 over 213 questions. A word holding a digit is a reference and stays whole.
    """
    if not word.isalpha():
        return word
    if len(word) < SHORT_WORD:
        return word[:-1] if len(word) > 3 and word[-1] in "sx" else word
    if word.endswith("aux"):
        return word[:-1] if word.endswith("eaux") else word[:-3] + "al"
    for ending in ("sx", "r", "e"):
        if word[-1] in ending:
            word = word[:-1]
    return word[:-1] if word[-1] == word[-2] else word


_STEMMER = Stemmer.Stemmer("french", 0)
_STEMMER_LOCK = Lock()  # PyStemmer's objects may not be shared between threads at once


@lru_cache(maxsize=TERMS_KEPT)
def stemmed(word: str) -> str:
    """Snowball's French stem; a word holding a digit is a reference and stays whole."""
    if not word.isalpha():
        return word
    with _STEMMER_LOCK:
        return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=TERMS_KEPT)
def term_index(term: str) -> int:
    """A stable 32-bit hash: among 100,000 terms one pair is expected to collide (n²/2³³ = 1.2)."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest())


def _vector(weights: dict[str, float]) -> SparseVector:
    """Terms that share a hash share an index, with the greater weight."""
    merged: dict[int, float] = {}
    for term, weight in weights.items():
        index = term_index(term)
        merged[index] = max(weight, merged.get(index, 0.0))
    return SparseVector(tuple(merged), tuple(merged.values()))
