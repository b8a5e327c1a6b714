"""Whether two documents are one article in two places: cut, retitled, signed, edited a little.

Publishers who take over an article cut its beginning or its end, add a line above and a signature
below, change a few words; what stays stands in one block. Pages of one kind (a form for each
trade, a rule for each case) share as many words, but what they do not share is scattered inside
the block, or named in their titles. So the blocks are compared, not the counts.
"""

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from vigie.ingest.documents import Document, Kind

# Words that are compared together; three let phrases of every administration through.
SHINGLE = 4
# A stray phrase in a part that was not taken over does not stretch the block.
RUN = 8
# The thresholds below were chosen by `python -m vigie.evals.republications` on the mixed corpus: 500
# articles republished in fourteen ways (5,717 cases, .84 of them found: .95 where the title stays,
# .39 where it does not) against 4,883 pairs of real pages that share phrases. Where they stand, 13
# of those pass, all in the same words; were each page on a site of its own, 32 would, of which 7
# differ in matter.
LEAST_WORDS = 40
# Of the block, on either side, for articles whose titles agree; and the least share of each
# article that the block makes up.
BLOCK_SHARED = 0.9
BLOCK_LEAST = 0.4
BLOCK_WORDS = 50
# The same where titles differ, as they also do between pages of one kind.
RETITLED_SHARED = 0.985
RETITLED_LEAST = 0.85
RETITLED_WORDS = 150
# A teaser is shorter than the article by that much at least; the share of its words that stand in
# the opening of the article, whose first words may have been cut.
OPENING_SHARED = 0.8
OPENING_SLACK = 40
TEASER_MOST = 0.8
# Titles agree when one has all words of the other, or both have these in common.
TITLE_SHARED = 0.75

# One shingle in eight stands for a document where candidates are sought: a teaser of 40 words has
# none of them once in 140 times. Beyond 2,000 words the share sinks.
SAMPLED = 8
MOST_SAMPLES = 256
# Least share of the samples expected of the shorter article for a pair to be compared: with .2, 6
# of 4,800 republished articles are never compared; with .3, 104.
SAMPLES_SHARED = 0.2

# A French corpus has about this many words that come back.
WORDS_KEPT = 50_000

WORD = re.compile(r"\w+")
HAS_DIGIT = re.compile(r"\d")
ACCENTS = re.compile("[\u0300-\u036f]")
FUNCTION_WORDS = frozenset(
    "le la les l un une des de du d et ou a au aux en dans par pour sur avec sans ce cet cette ces"
    " se s est sont il elle on vous nous ils elles que qui qu ne n pas plus son sa ses leur leurs"
    " votre vos notre nos y si the of to and in is for copie copy".split()
)

Hashes = npt.NDArray[np.uint64]
Marks = npt.NDArray[np.bool_]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xC2B2AE3D27D4EB4F)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def is_article(document: Document) -> bool:
    """Whether a document may be in several places; two programmes may be told in the same words."""
    return document.record is None and document.kind not in (Kind.PROGRAMME, Kind.RECORD)


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of an article before its text is read; `words` is its length."""

    words: int
    title: frozenset[str]
    source: str
    host: str | None
    publisher: str | None

    @classmethod
    def told(
        cls, words: int, title: str, source: str, url: str | None, publisher: str | None
    ) -> "Outline":
        """From the fields of a document."""
        names = frozenset(folded_words(title)) - FUNCTION_WORDS
        return cls(words, names, source, urlsplit(url or "").hostname, publisher)


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """A document as it is compared; `hashes` has one for each run of `SHINGLE` words."""

    outline: Outline
    words: Sequence[str]
    hashes: Hashes

    @classmethod
    def of(cls, document: Document) -> "Article":
        """Case, accents, punctuation and layout do not count."""
        words = folded_words(document.text)
        outline = Outline.told(
            len(words), document.title, document.source, document.url, document.publisher
        )
        return cls(outline, words, _hashes(words))

    def samples(self) -> list[int]:
        """Signed hashes that stand for the article, the same wherever it is found; [] if short."""
        if len(self.words) < LEAST_WORDS:
            return []
        chosen = np.unique(self.hashes[self.hashes < np.uint64(2**64 // SAMPLED)])[:MOST_SAMPLES]
        return [int(value) for value in chosen.view(np.int64)]


def expected_samples(words: int, other: int) -> float:
    """How many samples an article has in common with a longer one that holds it, at the least."""
    fewer, more = sorted((words, other))
    return SAMPLES_SHARED * fewer * min(1 / SAMPLED, MOST_SAMPLES / max(1, more))


def is_possible(one: Outline, other: Outline) -> bool:
    """Whether it is worth to compare the texts.

    A site does not publish its own article again: in one place, only the same words are taken
    for a copy. Where titles differ, the texts must be long and about equally so.
    """
    fewer, more = sorted((one.words, other.words))
    agree = _titles_agree(one.title, other.title)
    if fewer < LEAST_WORDS or not _apart(one, other):
        return agree and LEAST_WORDS <= fewer == more
    return agree or fewer >= max(RETITLED_WORDS, RETITLED_LEAST * RETITLED_SHARED * more)


def is_republished(one: Article, other: Article) -> bool:
    """Whether one is the other, published again; the order does not matter.

    A number that one block has and the other article has not is another matter.
    """
    if not is_possible(one.outline, other.outline):
        return False
    short, long = sorted((one, other), key=lambda article: len(article.words))
    agree = _titles_agree(one.outline.title, other.outline.title)
    if agree and short.words == long.words:
        return True
    if not _apart(one.outline, other.outline):
        return False
    sides = _Side.of(short, long), _Side.of(long, short)
    if not agree:
        return _is_whole(sides, RETITLED_SHARED, RETITLED_LEAST)
    whole = len(short.words) >= BLOCK_WORDS and _is_whole(sides, BLOCK_SHARED, BLOCK_LEAST)
    return whole or _is_teaser(short, long, *sides)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One of two articles: which of its words stand in the other, and the block that they make."""

    shared: Marks
    start: int
    end: int
    numbers: bool

    @classmethod
    def of(cls, article: Article, other: Article) -> "_Side":
        """`numbers` tells whether the block has some that the other article lacks."""
        shared = np.zeros(len(article.words), bool)
        found = np.isin(article.hashes, other.hashes)
        for step in range(SHINGLE):
            shared[step : step + len(found)] |= found
        start, end = _block(shared)
        return cls(shared, start, end, _numbers(article.words[start:end], other))

    @property
    def share(self) -> float:
        """Of the words of the block, those that the other article has in the same phrases."""
        return float(self.shared[self.start : self.end].mean()) if self.end else 0.0

    @property
    def extent(self) -> float:
        """What the block is of its article."""
        return (self.end - self.start) / len(self.shared)


def _is_whole(sides: tuple[_Side, _Side], share: float, extent: float) -> bool:
    return all(side.share >= share and side.extent >= extent and not side.numbers for side in sides)


def _is_teaser(short: Article, long: Article, in_short: _Side, in_long: _Side) -> bool:
    """The beginning of a longer article, with a line to its end at most."""
    words = len(short.words)
    opening = in_long.shared[: words + OPENING_SLACK]
    if words > TEASER_MOST * len(long.words) or opening.sum() < OPENING_SHARED * words:
        return False
    start, end = _block(opening)
    return (
        in_short.share >= BLOCK_SHARED
        and in_short.extent >= OPENING_SHARED
        and not in_short.numbers
        and not _numbers(long.words[start:end], short)
    )


def _block(shared: Marks) -> tuple[int, int]:
    """From the first to the last run of shared words that is long enough; (0, 0) without one."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], shared.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    runs = np.flatnonzero(ends - starts >= RUN)
    return (int(starts[runs[0]]), int(ends[runs[-1]])) if runs.size else (0, 0)


def _numbers(words: Sequence[str], other: Article) -> bool:
    """Whether there are some that the other article has not."""
    known = set(other.words)
    return any(word not in known and HAS_DIGIT.search(word) for word in words)


def _titles_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    if not common:
        return one == other
    return common == min(len(one), len(other)) or common >= TITLE_SHARED * len(one | other)


def _apart(one: Outline, other: Outline) -> bool:
    """Whether they stand in two places: two sites, else two sources or publishers."""
    if one.host and other.host:
        return one.host != other.host
    told = one.publisher and other.publisher and one.publisher != other.publisher
    return one.source != other.source or bool(told)


def folded_words(text: str) -> list[str]:
    """Words in lower case without accents, in order."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    return WORD.findall(ACCENTS.sub("", plain))


@lru_cache(WORDS_KEPT)
def _code(word: str) -> int:
    """The same in every process, which `hash` is not."""
    return zlib.crc32(word.encode())


def _hashes(words: Sequence[str]) -> Hashes:
    """One for each run of `SHINGLE` words, spread evenly over 64 bits."""
    count = len(words) - SHINGLE + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    codes = np.fromiter(map(_code, words), np.uint64, len(words))
    mixed = np.zeros(count, np.uint64)
    for step in range(SHINGLE):
        mixed = mixed * _STEP + codes[step : step + count] * _SPREAD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    return mixed ^ (mixed >> np.uint64(32))
