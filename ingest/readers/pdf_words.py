"""The page as drawn: its own characters and line ends, found again word by word.

The layout engine knows columns, headings and tables, but rewrites apostrophes and dashes and joins
lines; PDFium's plain text keeps both. Each word of the layout is looked up in the plain text, so
that quotes are verbatim and paragraphs end where the page ends them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vigie.ingest.cleaning import strip_running_lines

# Words that the layout turned into a formula hide at most this many plain ones ("« jouer
# collectif » face à l'urgence et à la" is 9).
LONGEST_FORMULA = 25
# Letterheads of four to six lines go two at each edge at a time.
RUNNING_PASSES = 3
PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?\d{1,4}(?:\s*(?:/|sur|of|-)\s*\d{1,4})?\W*", re.I)
FORMULA = re.compile(r"\$|\\[a-z]+|\^\{|_\{")
# Signs that the layout engine replaces by plain ones.
REWRITTEN = (
    str.maketrans(dict.fromkeys("’‘ʼ‚", "'"))
    | str.maketrans(dict.fromkeys("“”„", '"'))
    | str.maketrans(dict.fromkeys("–—‑‐−", "-"))
)
MARKS = "*\\`~"
TYPOGRAPHIC = re.compile("([\u00a0\u202f])")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its rank in the plain text of the page, None when it is not found there."""

    text: str
    at: int | None


@dataclass(frozen=True, slots=True)
class PlainPage:
    """Text of a page as PDFium gives it and repaired; `margins` are repaired lines at its edges."""

    raw: str
    text: str
    margins: frozenset[str]


class DrawnPage:
    """Plain text of one page without its headers and footers, which `running` holds.

    `width` is the length of a full line before hyphenated words were joined.
    """

    def __init__(self, lines: Sequence[str], running: Sequence[str], width: int) -> None:
        self.lines = lines
        self.width = width
        self.words: list[str] = []
        self.line_of: list[int] = []
        self.glue: list[str] = []
        for rank, line in enumerate(lines):
            for piece in line.split(" "):
                self._add(piece, rank)
        self._keys = [_key(word) for word in self.words]
        self._positions: dict[str, list[int]] = {}
        for position, key in enumerate(self._keys):
            self._positions.setdefault(key, []).append(position)
        self._running = [[_key(word) for word in line.split()] for line in running]
        self._last = -1

    def _add(self, piece: str, rank: int) -> None:
        """The layout splits words at typographic spaces; `glue` remembers them."""
        parts = TYPOGRAPHIC.split(piece)
        for part, space in zip(parts[::2], [*parts[1::2], " "], strict=True):
            if part:
                self.words.append(part)
                self.line_of.append(rank)
                self.glue.append(space)

    def body(self) -> list[Word]:
        """Every word in PDFium's own order."""
        return [Word(word, at) for at, word in enumerate(self.words)]

    def find(self, text: str) -> list[Word]:
        """The words of a piece of layout, in the page's own characters where they are found.

        Pieces must come in reading order: of two equal words, the one after the last found wins.
        Headers and footers are left out, each once, so that a title that they repeat stays.
        """
        tokens = [token for token in text.split() if token.strip(MARKS)]
        keys = [_key(token) for token in tokens]
        self._drop_running(tokens, keys)
        found: list[Word] = []
        for rank, key in enumerate(keys):
            at = self._locate(key, keys[rank + 1] if rank + 1 < len(keys) else None)
            if at is None:
                found.append(Word(self._own(tokens[rank], key), None))
            else:
                self._last = at
                found.append(Word(self.words[at], at))
        return list(self._with_gaps_filled(found))

    def takes_running(self, text: str) -> bool:
        """True when `text` is made of headers and footers only; they then count as left out."""
        kept = list(self._running)
        tokens = text.split()
        self._drop_running(tokens, [_key(token) for token in tokens])
        if tokens or not text.strip():
            self._running = kept
            return False
        return True

    def _drop_running(self, tokens: list[str], keys: list[str]) -> None:
        for line in list(self._running):
            size = len(line)
            # One word alone, such as a page number, is no sign of a footer among other words.
            starts = range(len(keys) - size + 1) if size > 1 else range(len(keys) == 1)
            for start in starts:
                if keys[start : start + size] == line:
                    del keys[start : start + size], tokens[start : start + size]
                    self._running.remove(line)
                    break

    def _locate(self, key: str, following: str | None) -> int | None:
        after = self._last + 1
        if after < len(self._keys) and self._keys[after] == key:
            return after
        places = self._positions.get(key, [])
        if len(places) > 1:
            places = [p for p in places if self._keys[p + 1 : p + 2] == [following]]
        return min(places, key=lambda place: abs(place - after)) if places else None

    def _own(self, token: str, key: str) -> str:
        """A word in several places, none of them sure, is spelled as the page most often does."""
        spellings = Counter(self.words[place] for place in self._positions.get(key, []))
        return spellings.most_common(1)[0][0] if spellings else token.strip(MARKS)

    def _with_gaps_filled(self, found: Sequence[Word]) -> Iterator[Word]:
        """Words not found between two that are give way to those drawn there.

        As many words, or a formula ("$comment^{\\ll}jouer$") in place of words.
        """
        rank = 0
        while rank < len(found):
            if found[rank].at is not None:
                yield found[rank]
                rank += 1
                continue
            end = next((i for i in range(rank, len(found)) if found[i].at is not None), len(found))
            missing = found[rank:end]
            before = found[rank - 1].at if rank else None
            after = found[end].at if end < len(found) else None
            drawn = range(0) if before is None or after is None else range(before + 1, after)
            formula = any(FORMULA.search(word.text) for word in missing)
            if len(drawn) == len(missing) or (formula and 0 < len(drawn) <= LONGEST_FORMULA):
                yield from (Word(self.words[at], at) for at in drawn)
            else:
                yield from missing
            rank = end

    def join(self, words: Iterable[Word]) -> str:
        """The words with the page's own typographic spaces between neighbours."""
        text, last = "", None
        for word in words:
            if text:
                close = word.at is not None and last is not None and word.at == last + 1
                text += self.glue[last] if close and last is not None else " "
            text, last = text + word.text, word.at
        return text

    def ends_line(self, word: Word) -> bool:
        """The word is the last of its line."""
        at = word.at
        return at is not None and (at + 1 == len(self.words) or self._turns(at))

    def starts_line(self, word: Word) -> bool:
        """The word is the first of its line."""
        at = word.at
        return at is not None and (at == 0 or self._turns(at - 1))

    def _turns(self, at: int) -> bool:
        return self.line_of[at] != self.line_of[at + 1]

    def line(self, word: Word) -> str:
        """The whole line on which a found word stands."""
        return "" if word.at is None else self.lines[self.line_of[word.at]]


def _key(word: str) -> str:
    return word.translate(REWRITTEN).strip(MARKS) or word


def drawn_pages(plain: Sequence[PlainPage]) -> list[DrawnPage]:
    """Pages with their running headers, footers and page numbers told apart."""
    pages = [[line.strip() for line in p.text.split("\n") if line.strip()] for p in plain]
    stripped = ["\n".join(lines) for lines in pages]
    for _ in range(RUNNING_PASSES):
        stripped = strip_running_lines(stripped)
    # Two pages are too few to tell a header from a title: it is kept where it comes first.
    if len(pages) == 2 and pages[0] and pages[1][:1] == pages[0][:1]:
        stripped[1] = "\n".join(pages[1][1:])
    made: list[DrawnPage] = []
    for page, lines, kept in zip(plain, pages, stripped, strict=True):
        removed = _removed(lines, kept.split("\n"))
        gone = {rank for rank in removed if lines[rank] in page.margins}
        body = [line for rank, line in enumerate(lines) if rank not in gone]
        running = [lines[rank] for rank in sorted(gone)]
        made.append(DrawnPage(body, running, full_width(page.raw)))
    return made


def full_width(text: str) -> int:
    """Length of a full line: nine lines in ten of the raw text are no longer."""
    lengths = sorted(len(line) for line in re.split("[\r\n\x02\ufffe]+", text) if line.strip())
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0


def _removed(lines: Sequence[str], kept: Sequence[str]) -> frozenset[int]:
    """Ranks of the lines that are no longer there, and of a lone page number at either edge."""
    gone, position = set(), 0
    for rank, line in enumerate(lines):
        if position < len(kept) and kept[position] == line:
            position += 1
        else:
            gone.add(rank)
    left = [rank for rank in range(len(lines)) if rank not in gone]
    edges = {left[0], left[-1]} if left else set()
    gone.update(rank for rank in edges if PAGE_NUMBER.fullmatch(lines[rank]))
    return frozenset(gone)
