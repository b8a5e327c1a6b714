"""A document cut into passages for the index: at headings first, then between sentences.

Sections are packed apart from each other, so that a paragraph inserted in one moves the chunks of
no other; inside a section, chunks are about equally long and end where a sentence ends.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from math import ceil

from vigie.ingest.documents import Chunk, Document, chunk_ids
from vigie.ingest.sentences import Form, Unit, units

# With these lengths the line stays under a third of 256 tokens, the smallest budget in use: of
# French titles, 95 % have 2.5 characters a token or more even in an English vocabulary.
HEADING_LENGTH = 200
TITLE_LENGTH = 120
SEPARATOR = " > "
# A section below this share of the room says too little alone: its neighbour joins it.
SHORT_SECTION = 0.25
# Text beyond this length per token is a "word" that the tokenizer gave up on.
TOKEN_LENGTH = 12
# A cut inside a sentence is sought in the last half of what fits, at a clause, then at a blank.
# A first try at a cut, then smaller ones: tokens are not spread evenly, so each keeps a margin.
USUAL_LENGTH = 4
SHRINKING = 0.9
CLAUSE_END = re.compile(r"[;:,.!?…»)](?=\s)")
BLANKS = re.compile(r"\s*")
ROW_RULE = re.compile(r"\s*\|[\s|:-]*--[\s|:-]*\|\s*")


def heading(document: Document, path: Sequence[str]) -> str:
    """The line that precedes a chunk when it is embedded: title, then its innermost headings."""
    parts = [_shortened(document.title)]
    room = HEADING_LENGTH - len(parts[0])
    for name in reversed(path):
        part = _shortened(name)
        room -= len(SEPARATOR) + len(part)
        if room < 0:
            break
        if part != parts[0]:
            parts.insert(1, part)
    return SEPARATOR.join(parts)


def embedded_text(document: Document, path: Sequence[str], text: str) -> str:
    """What an embedder sees of a chunk: the heading line, then the passage."""
    return f"{heading(document, path)}\n{text}"


def _shortened(name: str) -> str:
    name = " ".join(name[: 4 * TITLE_LENGTH].split())
    if len(name) <= TITLE_LENGTH:
        return name
    blank = name.rfind(" ", 0, TITLE_LENGTH)
    return name[: blank if blank > 0 else TITLE_LENGTH]


def chunks(document: Document, budget: int, count: Callable[[str], int]) -> list[Chunk]:
    """Passages of at most `budget` tokens, heading line included, in order; [] without text.

    `count` is the embedder's own tokenizer. Only a sentence longer than the room left by the
    heading line is cut, at a clause or a blank; a longer table row stays whole, over the budget.
    """
    gauge = _Gauge(document, budget, count, overhead=count(""))
    spans = [
        (start, end, section.path)
        for section in _sections(gauge)
        for start, end in _passages(section, gauge)
    ]
    ids = chunk_ids(document.id, (document.text[start:end] for start, end, _ in spans))
    starts = [place.start for place in document.places]
    found = []
    for ordinal, ((start, end, path), chunk_id) in enumerate(zip(spans, ids, strict=True)):
        text = document.text[start:end]
        at = bisect_right(starts, start)
        place = document.places[at - 1] if at else None
        tokens = count(embedded_text(document, path, text))
        found.append(Chunk(chunk_id, document.id, ordinal, start, end, text, path, place, tokens))
    return found


@dataclass(frozen=True, slots=True)
class _Gauge:
    """A document with the tokenizer and the budget that its passages must meet."""

    document: Document
    budget: int
    count: Callable[[str], int]
    overhead: int

    def tokens(self, start: int, end: int) -> int:
        """Tokens of a span, without those that every text costs."""
        least = ceil((end - start) / TOKEN_LENGTH)
        if least > self.budget:
            return least
        return max(least, self.count(self.document.text[start:end]) - self.overhead)

    def room(self, path: tuple[str, ...]) -> int:
        """Tokens left for a passage under `path`; a third of the budget at the very least."""
        used = self.count(embedded_text(self.document, path, ""))
        return max(self.budget - used, self.budget // 3, 1)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A unit with its marker; `leads` means that it is nothing without what follows it."""

    start: int
    end: int
    tokens: int
    form: Form
    level: int = 0
    leads: bool = False


@dataclass(frozen=True, slots=True)
class _Section:
    """Pieces under one heading path, the heading's own line among them."""

    path: tuple[str, ...]
    pieces: tuple[_Piece, ...]

    @property
    def tokens(self) -> int:
        return sum(piece.tokens for piece in self.pieces)


def _pieces(gauge: _Gauge) -> Iterator[_Piece]:
    text = gauge.document.text
    found = list(units(text))
    starts = [_with_marker(text, before, unit) for before, unit in pairwise([None, *found]) if unit]
    for unit, start, after in zip(found, starts, [*starts, len(text)][1:], strict=True):
        leads = unit.form == "heading" or text[unit.end - 1] == ":"
        leads = leads or bool(unit.form == "row" and ROW_RULE.fullmatch(text, unit.end, after))
        tokens = gauge.tokens(start, after)
        yield _Piece(start, unit.end, tokens, unit.form, unit.level, leads)


def _with_marker(text: str, before: Unit | None, unit: Unit) -> int:
    """Where the line of `unit` begins, or `unit` itself when another unit begins that line."""
    least = before.end if before else 0
    start = max(least, text.rfind("\n", least, unit.start) + 1)
    return unit.start - len(text[start : unit.start].lstrip())


def _sections(gauge: _Gauge) -> list[_Section]:
    """Sections with a body; a short one is joined by the next if both fit in one passage."""
    joined: list[_Section] = []
    for section in _single_sections(gauge):
        if joined and _joins(joined[-1], section, gauge):
            last = joined.pop()
            pairs = zip(last.path, section.path, strict=False)
            path = tuple(name for name, other in takewhile(lambda pair: pair[0] == pair[1], pairs))
            section = _Section(path, last.pieces + section.pieces)
        joined.append(section)
    return joined


def _joins(last: _Section, following: _Section, gauge: _Gauge) -> bool:
    if all(piece.form == "heading" for piece in following.pieces):
        return True
    room = gauge.room(last.path)
    return last.tokens < SHORT_SECTION * room and last.tokens + following.tokens <= room


def _single_sections(gauge: _Gauge) -> Iterator[_Section]:
    path: list[tuple[int, str]] = []
    pieces: list[_Piece] = []
    for piece in _pieces(gauge):
        if piece.form == "heading":
            if pieces and pieces[-1].form != "heading":
                yield _Section(tuple(name for _, name in path), tuple(pieces))
                pieces = []
            path = [above for above in path if above[0] < piece.level]
            line = gauge.document.text[piece.start : piece.end]
            path.append((piece.level, line.lstrip("#").strip()))
        pieces.append(piece)
    if pieces:
        yield _Section(tuple(name for _, name in path), tuple(pieces))


def _passages(section: _Section, gauge: _Gauge) -> Iterator[tuple[int, int]]:
    """As few passages as the room allows, about equally long."""
    room = gauge.room(section.path)
    target = section.tokens / max(1, ceil(section.tokens / room))
    passage: list[_Piece] = []
    used = 0
    for bond in _bonds(section.pieces, room, gauge):
        tokens = sum(piece.tokens for piece in bond)
        if passage and (used >= target or used + tokens > room):
            yield passage[0].start, passage[-1].end
            passage, used = [], 0
        passage += bond
        used += tokens
    if passage:
        yield passage[0].start, passage[-1].end


def _bonds(pieces: Sequence[_Piece], room: int, gauge: _Gauge) -> Iterator[list[_Piece]]:
    """Pieces not to be parted while they fit: those that lead, with the one they lead to."""
    bond: list[_Piece] = []
    for piece in pieces:
        left = room - sum(lead.tokens for lead in bond)
        parts = [piece]
        if piece.tokens > room and piece.form != "row":
            parts = list(_cut(piece, left if left > room // 2 else room, room, gauge))
        for part in parts:
            if bond and part.tokens > left:
                yield bond
                bond = []
            bond.append(part)
            if not part.leads:
                yield bond
                bond = []
            left = room - sum(lead.tokens for lead in bond)
    if bond:
        yield bond


def _cut(piece: _Piece, first: int, room: int, gauge: _Gauge) -> Iterator[_Piece]:
    """A long sentence in parts, the first of at most `first` tokens, the others of `room`."""
    text, start, limit = gauge.document.text, piece.start, first
    while start < piece.end:
        stop = _stop(start, piece.end, limit, gauge)
        end = start + len(text[start:stop].rstrip())
        leads = piece.leads and stop == piece.end
        tokens = gauge.tokens(start, stop)
        yield replace(piece, start=start, end=end, tokens=tokens, leads=leads)
        blanks = BLANKS.match(text, stop, piece.end)
        start = blanks.end() if blanks else stop
        limit = room


def _stop(start: int, end: int, limit: int, gauge: _Gauge) -> int:
    text = gauge.document.text
    stop = min(end, start + limit * USUAL_LENGTH)
    while stop > start + 1 and (tokens := gauge.tokens(start, stop)) > limit:
        stop = start + max(1, int((stop - start) * SHRINKING * limit / tokens))
    if stop == end or text[stop].isspace():
        return stop
    middle = (start + stop) // 2
    for clause in reversed(list(CLAUSE_END.finditer(text, middle, stop))):
        return clause.end()
    words = text[start:stop].rsplit(None, 1)
    return start + len(words[0]) if len(words) > 1 else stop
