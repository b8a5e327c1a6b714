"""Spans of stored documents turned into numbered citations, and statements into marked text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vigie.assistant.answers import Citation, Statement
from vigie.assistant.extraction.evidence import DocumentOf
from vigie.assistant.republished import AlsoOf
from vigie.index.hits import Hit

# Between two adjacent quotes stand blanks, list markers and table bars, never a word.
GAP = re.compile(r"[^\w]{0,12}")
# "[3]" copied from a source would read as one of our own markers.
FOREIGN_MARKER = re.compile(r"\s?\[\d{1,3}\]")
LINE_BREAK = re.compile(r"[ \t]*\n[ \t]*")

Form = Literal["sentence", "item", "row"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start:end` of the text of the hit's document."""

    hit: Hit
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before its citations are numbered; no spans for words that are ours."""

    text: str
    spans: tuple[Span, ...]
    form: Form = "sentence"


class Numbering:
    """Gives citations the numbers 1, 2, … in order of appearance, each span one number."""

    def __init__(self, document_of: DocumentOf, also_of: AlsoOf = lambda _: ()) -> None:
        self._document_of = document_of
        self._also_of = also_of
        self.citations: list[Citation] = []

    def statement(self, draft: Draft) -> tuple[Statement, tuple[Citation, ...]] | None:
        """The numbered statement and the citations that it introduces.

        None when a span no longer matches the stored text: what cannot be shown is not said.
        """
        introduced: list[Citation] = []
        numbers: list[int] = []
        for span in draft.spans:
            citation = self._known(span)
            if citation is None:
                number = len(self.citations) + len(introduced) + 1
                citation = self._citation(span, number)
                if citation is None:
                    return None
                introduced.append(citation)
            if citation.number not in numbers:
                numbers.append(citation.number)
        self.citations.extend(introduced)
        text = FOREIGN_MARKER.sub("", LINE_BREAK.sub(" ", draft.text)).strip()
        return Statement(text, tuple(numbers), draft.form), tuple(introduced)

    def _known(self, span: Span) -> Citation | None:
        for citation in self.citations:
            same = citation.document_id == span.hit.document_id
            if same and citation.start <= span.start and span.end <= citation.end:
                return citation
        return None

    def _citation(self, span: Span, number: int) -> Citation | None:
        hit = span.hit
        document = self._document_of(hit.document_id)
        if document is None or document.text[hit.start : hit.end] != hit.text:
            return None
        quote = document.text[span.start : span.end]
        if not 0 <= span.start < span.end <= len(document.text) or not quote.strip():
            return None
        return Citation(
            number=number,
            document_id=hit.document_id,
            chunk_id=hit.chunk_id,
            start=span.start,
            end=span.end,
            quote=quote,
            title=document.title,
            kind=document.kind,
            publisher=document.publisher,
            published=document.published,
            modified=document.modified,
            place=document.place_at(span.start),
            heading_path=hit.heading_path,
            url=document.url,
            also=self._also_of(hit.document_id),
        )


def joined(drafts: Sequence[Draft], document_of: DocumentOf) -> list[Draft]:
    """Drafts whose quotes follow one another in a document share one span that covers them all."""
    result = list(drafts)
    start = 0
    while start < len(result):
        end = start + 1
        while end < len(result) and _adjacent(result[end - 1], result[end], document_of):
            end += 1
        if end - start > 1:
            first, last = result[start].spans[0], result[end - 1].spans[0]
            whole = Span(first.hit, first.start, last.end)
            result[start:end] = [replace(draft, spans=(whole,)) for draft in result[start:end]]
        start = end
    return result


def _adjacent(before: Draft, after: Draft, document_of: DocumentOf) -> bool:
    if len(before.spans) != 1 or len(after.spans) != 1:
        return False
    left, right = before.spans[0], after.spans[0]
    if left.hit.document_id != right.hit.document_id or right.start < left.end:
        return False
    document = document_of(left.hit.document_id)
    return document is not None and bool(GAP.fullmatch(document.text[left.end : right.start]))


def marked(statement: Statement, before: Statement | None) -> str:
    """A statement with its markers, preceded by what separates it from the one before."""
    markers = "".join(f" [{number}]" for number in statement.citations)
    listed = statement.form != "sentence"
    if before is None:
        lead = "- " if listed else ""
    elif listed:
        lead = "\n- "
    else:
        lead = " " if before.form == "sentence" else "\n\n"
    return f"{lead}{statement.text}{markers}"


def rendered(statements: Iterable[Statement]) -> str:
    """The whole text of an answer; equal to its deltas put end to end."""
    text, before = "", None
    for statement in statements:
        text += marked(statement, before)
        before = statement
    return text
