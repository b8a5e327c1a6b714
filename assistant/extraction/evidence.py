"""Sentences, list items and table rows around the hits: what an extractive answer chooses from."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

from vigie.index.hits import Hit
from vigie.ingest.documents import Audience, Document
from vigie.ingest.sentences import Unit, units

# Characters read around a hit for lead-ins, table headers and the sentence before a pronoun:
# about four sentences.
CONTEXT = 600

# A paragraph longer than this is cut at a sentence end rather than at its blank line.
LINE = re.compile(r"\S[^\n]*")
SENTENCE_BREAK = re.compile(r"(?<=[.!?»])[  ]")


# The stored document of an id; None when it is absent, or hidden from who asks.
DocumentOf = Callable[[str], Document | None]


class Documents(Protocol):
    """Where the stored texts are; `index.catalogue.Catalogue` is one."""

    def get(self, document_id: str, audience: Audience) -> Document | None:
        """None when the document is absent or hidden from this audience."""


def stored(documents: Documents, audience: Audience) -> DocumentOf:
    """Each document read once; good for one question only, as texts change between two."""

    @cache
    def document_of(document_id: str) -> Document | None:
        return documents.get(document_id, audience)

    return document_of


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one document around its hits, cut into units; offsets are the document's own.

    `rank` is the best one of its hits, counted from 0.
    """

    document: Document
    hits: tuple[Hit, ...]
    units: tuple[Unit, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One unit that may be quoted, with the hit it stands in and the headings above it."""

    passage: Passage
    index: int
    hit: Hit
    headings: tuple[str, ...]

    @property
    def unit(self) -> Unit:
        return self.passage.units[self.index]

    @property
    def text(self) -> str:
        """The quoted words, exactly as stored."""
        return self.passage.document.text[self.unit.start : self.unit.end]

    @property
    def form(self) -> Literal["sentence", "item", "row"]:
        form = self.unit.form
        return "sentence" if form == "heading" else form

    @property
    def key(self) -> tuple[str, int]:
        """Tells two pieces of evidence apart."""
        return (self.passage.document.id, self.unit.start)

    def neighbour(self, step: int) -> "Evidence | None":
        """The unit before (-1) or after (1) in the passage, None at its ends."""
        index = self.index + step
        if not 0 <= index < len(self.passage.units):
            return None
        return Evidence(self.passage, index, self.hit, self.headings)


def passages(hits: Sequence[Hit], document_of: DocumentOf) -> list[Passage]:
    """Stretches of the documents hit, best first.

    A hit whose words differ from the stored text, or whose document this audience may not see,
    is left out: the index lags behind the catalogue.
    """
    by_document: dict[str, list[tuple[int, Hit]]] = {}
    for rank, hit in enumerate(hits):
        by_document.setdefault(hit.document_id, []).append((rank, hit))
    found = []
    for document_id, ranked in by_document.items():
        document = document_of(document_id)
        if document is None:
            continue
        true = [(r, h) for r, h in ranked if document.text[h.start : h.end] == h.text]
        found.extend(_joined(document, true))
    return sorted(found, key=lambda passage: passage.rank)


def _joined(document: Document, ranked: list[tuple[int, Hit]]) -> list[Passage]:
    """One passage per group of hits whose surroundings touch."""
    groups: list[tuple[int, int, list[tuple[int, Hit]]]] = []
    for rank, hit in sorted(ranked, key=lambda pair: pair[1].start):
        start = _cut(document.text, hit.start - CONTEXT, forward=True, limit=hit.start)
        end = _cut(document.text, hit.end + CONTEXT, forward=False, limit=hit.end)
        if groups and start <= groups[-1][1]:
            first, last, members = groups.pop()
            groups.append((first, max(last, end), [*members, (rank, hit)]))
        else:
            groups.append((start, end, [(rank, hit)]))
    return [
        Passage(
            document,
            tuple(hit for _, hit in members),
            tuple(_units(document, start, end)),
            min(rank for rank, _ in members),
        )
        for start, end, members in groups
    ]


def _units(document: Document, start: int, end: int) -> Iterator[Unit]:
    """Units of a stretch of text; in a record, each line is one field."""
    for unit in units(document.text[start:end]):
        first, last = unit.start + start, unit.end + start
        if document.record is None or unit.form != "sentence":
            yield Unit(first, last, unit.form, unit.level)
            continue
        for line in LINE.finditer(document.text, first, last):
            yield Unit(*line.span(), unit.form, unit.level)


def _cut(text: str, offset: int, *, forward: bool, limit: int) -> int:
    """The nearest line break or sentence end from `offset` towards `limit`, else `limit`."""
    if offset <= 0:
        return 0
    if offset >= len(text):
        return len(text)
    stretch = text[offset:limit] if forward else text[limit:offset]
    if (line := stretch.find("\n") if forward else stretch.rfind("\n")) >= 0:
        return (offset if forward else limit) + line + (1 if forward else 0)
    breaks = [match.end() for match in SENTENCE_BREAK.finditer(stretch)]
    if not breaks:
        return limit
    return (offset + breaks[0]) if forward else (limit + breaks[-1])


def evidence(passage: Passage) -> list[Evidence]:
    """Units of a passage that stand in one of its hits, headings left out."""
    found: list[Evidence] = []
    path: list[tuple[int, str]] = []
    for index, unit in enumerate(passage.units):
        if unit.form == "heading":
            path = [entry for entry in path if entry[0] < unit.level]
            path.append((unit.level, passage.document.text[unit.start : unit.end]))
            continue
        hit = next((h for h in passage.hits if h.start <= unit.start < h.end), None)
        if hit is not None:
            headings = tuple(dict.fromkeys((*hit.heading_path, *(text for _, text in path))))
            found.append(Evidence(passage, index, hit, headings))
    return found


def nearest_hit(passage: Passage, start: int) -> Hit:
    """The hit that contains the offset, or the closest one."""
    return min(passage.hits, key=lambda hit: max(hit.start - start, start - hit.end, 0))
