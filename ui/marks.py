"""Light Markdown to blocks whose every character is known by its offset in the stored text.

A page built from these blocks can mark a quoted span exactly, across list items and table
cells, and never handles markup: the template escapes plain text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

HEADING = re.compile(r"(#{1,6})[ \t]+")
ITEM = re.compile(r"[ \t]*-[ \t]+")
SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
# Levels left under the page's own h1.
DEEPEST = 6

Form = Literal["heading", "paragraph", "list", "table"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of plain text, marked or not; `anchor` is true for the first marked run only."""

    text: str
    marked: bool = False
    anchor: bool = False


Cell = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or paragraph (one row of one cell), a list (a row per item) or a table.

    `level` is that of a heading, from 2; `head` is true when a table's first row names columns.
    """

    form: Form
    rows: tuple[tuple[Cell, ...], ...]
    level: int = 0
    head: bool = False


@dataclass(slots=True)
class _Draft:
    form: Form
    rows: list[list[tuple[int, int]]]
    level: int = 0
    head: bool = False


def blocks(text: str, start: int = 0, end: int = 0) -> list[Block]:
    """Blocks in reading order, `text[start:end]` marked; an empty or outside span marks none."""
    marker = _Marker(text, start, end)
    return [
        Block(
            draft.form,
            tuple(tuple(marker.pieces(*span) for span in row) for row in draft.rows),
            draft.level,
            draft.head,
        )
        for draft in _drafts(text)
    ]


class _Marker:
    """Cuts spans at the edges of the marked one, in reading order."""

    def __init__(self, text: str, start: int, end: int) -> None:
        inside = 0 <= start < end <= len(text)
        self.text, self.start, self.end = text, *((start, end) if inside else (0, 0))
        self.anchored = False

    def pieces(self, start: int, end: int) -> Cell:
        first, last = max(start, self.start), min(end, self.end)
        if first >= last:
            return (Piece(self.text[start:end]),)
        anchor, self.anchored = not self.anchored, True
        cut = (
            Piece(self.text[start:first]),
            Piece(self.text[first:last], marked=True, anchor=anchor),
            Piece(self.text[last:end]),
        )
        return tuple(piece for piece in cut if piece.text)


def _drafts(text: str) -> Iterator[_Draft]:
    current: _Draft | None = None
    for start, end in _lines(text):
        line = text[start:end]
        if not line.strip():
            if current:
                yield current
            current = None
            continue
        if current and current.form == "table" and SEPARATOR.match(line) and "-" in line:
            current.head = current.head or len(current.rows) == 1
            continue
        draft = _draft(line, start)
        if current and current.form == draft.form != "heading":
            _join(current, draft)
            continue
        if current:
            yield current
        current = draft
    if current:
        yield current


def _draft(line: str, start: int) -> _Draft:
    end = start + len(line)
    if found := HEADING.match(line):
        level = min(len(found[1]) + 1, DEEPEST)
        return _Draft("heading", [[(start + found.end(), end)]], level)
    if found := ITEM.match(line):
        return _Draft("list", [[(start + found.end(), end)]])
    if line.lstrip().startswith("|"):
        return _Draft("table", [list(_cells(line, start))])
    return _Draft("paragraph", [[(start, end)]])


def _join(current: _Draft, draft: _Draft) -> None:
    if current.form == "paragraph":
        (first, _), (_, last) = current.rows[0][0], draft.rows[0][0]
        current.rows = [[(first, last)]]
    else:
        current.rows += draft.rows


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line.rstrip())
        start += len(line) + 1


def _cells(line: str, start: int) -> Iterator[tuple[int, int]]:
    """Spans between unescaped pipes, without the blanks around them."""
    edges = [found.start() for found in re.finditer(r"(?<!\\)\|", line)]
    if edges and line[edges[-1] + 1 :].strip():
        edges.append(len(line))
    for left, right in zip(edges, edges[1:], strict=False):
        cell = line[left + 1 : right]
        blank = len(cell) - len(cell.lstrip())
        yield start + left + 1 + blank, start + left + 1 + max(blank, len(cell.rstrip()))
