"""Blocks of a page (heading, paragraph, list item, table) and the light Markdown they make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vigie.ingest.cleaning import table_rows
from vigie.ingest.documents import Place, PlaceKind
from vigie.ingest.folding import fold
from vigie.ingest.readers.pdf_words import DrawnPage, Word

# A line that ends a sentence under this share of the full width ends its paragraph: justified text
# fills the line, and a sentence ends in the last fifth of one by chance once in five.
SHORT_LINE = 0.8
# Longer "headings" are sentences in a large font: the longest of 194 real ones has 106 characters.
LONGEST_HEADING = 160
LONGEST_NUMBERED = 100
ARTICLE_LEVEL = 3
# What may stand at the foot of a column between two halves of a sentence.
MOST_FOOTNOTES, LONGEST_FOOTNOTE = 4, 300

BULLET_LINE = re.compile(r"(?:[-–—•‣▪●○◦➢✓*]|o(?= [A-ZÀ-Ý]))\s+(?=\S)")
BULLET_WORD = re.compile(r"[-–—•‣▪●○◦➢✓*o]")
ENDED = re.compile(r"[.!?:;…][\s»”\")]*$")
LISTING_ENDED = re.compile(r"[.!?:;,…][\s»”\")]*$")
BEGINS = re.compile(r"[«“\"(]?\s*[A-ZÀ-ÝŒÆ0-9]")
NUMBERED_HEADING = re.compile(
    r"(?:article|art\.|titre|chapitre|section|annexe|partie)\s+"
    r"(?:premiere?|preliminaire|\d+|[ivxl]+|[a-h])(?:er)?\b"
)
LEADERS = re.compile(r"\s*(?:[.…_]\s?){4,}\s*")

Form = Literal["heading", "paragraph", "item", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading (with its level), paragraph or list item, or the rows of a table."""

    form: Form
    text: str
    level: int = 0


def divide(form: Form, level: int, words: Sequence[Word], page: DrawnPage) -> list[Block]:
    """A block of layout cut where the page shows that a paragraph, item or article begins."""
    blocks: list[Block] = []
    for line_form, part in _parts(form, words, page):
        text = LEADERS.sub(" ", page.join(part)).strip()
        if line_form == "heading" and form != "heading":
            blocks.append(Block("heading", text, ARTICLE_LEVEL))
        elif text:
            blocks.append(Block(line_form, text, level if line_form == "heading" else 0))
    return blocks


def _parts(form: Form, words: Sequence[Word], page: DrawnPage) -> Iterator[tuple[Form, list[Word]]]:
    current: list[Word] = []
    current_form = form
    for line in _lines(words, page):
        text = page.join(line)
        if current:
            begun = _begins(text, line[0], current, page)
            alone = current_form == "heading" and form != "heading"
            if begun or alone:
                yield current_form, current
                current, current_form = [], begun or "paragraph"
        elif form != "heading" and _is_numbered(text, line[0], page):
            current_form = "heading"
        elif form == "paragraph" and BULLET_LINE.match(text):
            current_form = "item"
        if not current and current_form == "item" and BULLET_WORD.fullmatch(line[0].text):
            line = line[1:]
        current += line
    if current:
        yield current_form, current


def _lines(words: Sequence[Word], page: DrawnPage) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in words:
        if line and page.starts_line(word) and page.ends_line(line[-1]):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _begins(text: str, first: Word, before: Sequence[Word], page: DrawnPage) -> Form | None:
    """The form of the block that begins at this line, None when the line goes on."""
    last = page.line(before[-1])
    if BULLET_LINE.match(text) and (LISTING_ENDED.search(last) or BULLET_LINE.match(last)):
        return "item"
    if _is_numbered(text, first, page) and not last.endswith(("’", "'", ",")):
        return "heading"
    short = len(last) < SHORT_LINE * page.width
    return "paragraph" if short and ENDED.search(last) and BEGINS.match(text) else None


def _is_numbered(text: str, first: Word, page: DrawnPage) -> bool:
    """ "Article 4 : durée" alone on a line; "article 4 des statuts." is the end of a sentence."""
    whole = page.line(first)
    return (
        whole.startswith(text[:10])
        and len(whole) <= LONGEST_NUMBERED
        and whole[:1].isupper()
        and NUMBERED_HEADING.match(fold(whole)) is not None
        and not whole.endswith((",", ".", ";"))
    )


class Text:
    """Light Markdown that grows page by page, with the offset at which each page begins."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._last: Block | None = None
        self.places: list[Place] = []

    def add_page(self, number: int, blocks: Sequence[Block]) -> None:
        """Blocks of the page `number` (from 1); a page without words has no place."""
        merged = _rejoined(_merged(blocks))
        for rank, block in enumerate(merged):
            separator = self._separator(block)
            if rank == 0:
                start = self._length + len(separator)
                self.places.append(Place(start, PlaceKind.PAGE, str(number)))
            part = separator + (block.text if separator == " " else _markdown(block))
            self._parts.append(part)
            self._length += len(part)
            goes_on = separator == " " and self._last is not None
            self._last = replace(block, form=self._last.form) if goes_on and self._last else block

    def _separator(self, block: Block) -> str:
        if self._last is None:
            return ""
        if _goes_on(self._last, block):
            return " "
        return "\n" if self._last.form == block.form == "item" else "\n\n"

    def __str__(self) -> str:
        return "".join(self._parts)


def _goes_on(last: Block, block: Block) -> bool:
    """A paragraph that begins in lower case ends the sentence before it, even on another page."""
    open_end = last.form in ("paragraph", "item") and not ENDED.search(last.text)
    return open_end and block.form == "paragraph" and _is_tail(block.text)


def _is_tail(text: str) -> bool:
    return text[:1].islower() or text[:1] == "("


def _rejoined(blocks: Sequence[Block]) -> list[Block]:
    """A sentence that goes on after the footnotes of its column is put together before them."""
    result: list[Block] = []
    for block in blocks:
        rank = _interrupted(result, block)
        if rank is None:
            result.append(block)
        else:
            result[rank] = replace(result[rank], text=f"{result[rank].text} {block.text}")
    return result


def _interrupted(before: Sequence[Block], block: Block) -> int | None:
    """Rank of the paragraph whose sentence `block` ends, None unless only footnotes lie between."""
    if block.form != "paragraph" or not block.text[:1].islower():
        return None
    nearest = len(before) - 1
    for rank in range(nearest, max(-1, nearest - MOST_FOOTNOTES - 1), -1):
        last = before[rank]
        if last.form == "paragraph" and not ENDED.search(last.text):
            return rank
        if last.form not in ("item", "paragraph") or len(last.text) > LONGEST_FOOTNOTE:
            return None
    return None


def _merged(blocks: Sequence[Block]) -> list[Block]:
    """Headings that are sentences become paragraphs again."""
    result: list[Block] = []
    for rank, block in enumerate(blocks):
        following = blocks[rank + 1] if rank + 1 < len(blocks) else None
        if block.form == "heading" and (
            len(block.text) > LONGEST_HEADING
            or (
                following is not None
                and following.form == "paragraph"
                and following.text[:1].islower()
                and not ENDED.search(block.text)
            )
        ):
            block = Block("paragraph", block.text)
        result.append(block)
    return result


def table(cells: Sequence[Sequence[str]]) -> Block | None:
    """The rows of a table, its header first; None when they hold nothing."""
    text = table_rows(cells)
    return Block("table", text) if text else None


def _markdown(block: Block) -> str:
    if block.form == "heading":
        return f"{'#' * block.level} {block.text}"
    return f"- {block.text}" if block.form == "item" else block.text
