"""An HTML tree as a flat list of blocks: headings, paragraphs, list items and tables.

The walk is iterative and linear; libxml2 has already bounded the depth of the tree.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from vigie.ingest.cleaning import clean, one_line, table_rows

BlockForm = Literal["heading", "paragraph", "item", "table"]

HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"summary": 3, "legend": 4}
SKIPPED = frozenset(
    "script style noscript template svg math iframe object audio video canvas select textarea"
    " input button head map datalist dialog".split()
)
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption"
    " figure footer form header hr html li main nav ol p pre section table tbody td tfoot th thead"
    " tr ul".split()
)
# Page furniture by what the page says of itself: element, ARIA role, class or id.
# Captions of photographs are as good as never about the subject.
FURNITURE_TAGS = frozenset({"nav", "aside", "figcaption"})
FURNITURE_ROLES = frozenset(
    "navigation banner contentinfo search complementary menu dialog".split()
)
FURNITURE_NAMES = re.compile(
    r"(?:^|\s)(?:(?:block|region|widget|site|page|entry|post|article|wp|fr|js|field|group)[-_]+)*"
    r"(?:bread-?crumbs?|ariane|skip-?links?|(?:eu-)?cookies?\w*|newsletters?|infolettres?|sharedaddy"
    r"|share|sharing|share-?\w+|partages?|partager|social\w*|related(?:posts)?|jp-relatedposts"
    r"|similaires?|see-also|memerubrique|side-?bars?|menus?|nav|navbar|navigation|comments?|respond"
    r"|pagination|pager|visually-hidden|sr-only|screen-reader-text|advert\w*|publicite|popin|popup"
    r"|modal|copyright|subscribe|widget-area|footer|colophon)(?=$|[\s_-])",
    re.I,
)
# Containers that furniture words only style ("widget" on a page builder's body).
NEVER_FURNITURE = frozenset({"body", "html", "main", "article"})
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Class attributes of page builders run to kilobytes; the names that matter come first.
NAMES_LENGTH = 300
# A table of data has two rows of several cells, none as long as a column of a page.
DATA_ROWS = 2
LONGEST_CELL = 1_500
WIDEST_SPAN = 50
MOST_CELLS = 200_000
SPACES = re.compile(r"[ \t\r\n\f]+")
PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
LINE_EDGES = re.compile(r"[^\S\n]*\n[^\S\n]*")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page, in reading order.

    `parents` are numbers of the elements around it, outermost first, `furniture` those of them
    that say that they are page furniture; `linked` counts the characters inside links.
    """

    form: BlockForm
    text: str
    level: int
    linked: int
    furniture: frozenset[int]
    parents: tuple[int, ...]

    @property
    def markdown(self) -> str:
        """The block as `Document.text` writes it: no heading is above `##`."""
        if self.form == "heading":
            return f"{'#' * max(2, self.level)} {self.text}"
        return f"- {self.text}" if self.form == "item" else self.text

    @property
    def container(self) -> int:
        """The element that holds the block's own, or its list's; -1 for the whole page."""
        around = self.parents[:-2] if self.form == "item" else self.parents[:-1]
        return around[-1] if around else -1

    @property
    def link_share(self) -> float:
        """Share of its characters inside links, 0 to 1."""
        return min(1.0, self.linked / max(1, len(self.text)))


def markdown(blocks: list[Block]) -> str:
    """Blocks as light Markdown: items of one list on following lines, else a blank line between."""
    parts: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if before is not None:
            listed = before.form == block.form == "item"
            parts.append("\n" if listed else "\n\n")
        parts.append(block.markdown)
    return clean("".join(parts))


def blocks(tree: HtmlElement) -> list[Block]:
    """Every block of `tree`, page furniture included and marked as such."""
    walk = _Walk()
    events = etree.iterwalk(tree, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element)
        elif not walk.enter(element):
            events.skip_subtree()
    walk.flush()
    return walk.found


@dataclass(slots=True)
class _Walk:
    """Where the walk stands: the elements open around it, and the text since the last block."""

    found: list[Block] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    linked: int = 0
    parents: list[int] = field(default_factory=list)
    inside: Counter[str] = field(default_factory=Counter)
    headings: list[int] = field(default_factory=list)
    furniture: frozenset[int] = frozenset()
    numbers: Iterator[int] = field(default_factory=count)

    def enter(self, element: HtmlElement) -> bool:
        """False when nothing below `element` is to be read."""
        tag = str(element.tag)
        wanted = tag not in SKIPPED or (tag == "button" and self.level > 0)
        if self.breaks(tag):
            self.flush()
        elif tag in BLOCKS:
            self.parts.append(" ")
        number = next(self.numbers)
        self.parents.append(number)
        self.inside[tag] += 1
        if tag in HEADINGS:
            self.headings.append(HEADINGS[tag])
        if is_furniture(element):
            self.furniture |= {number}
        if not wanted or (tag == "sup" and element.find("a[@href]") is not None):
            return False
        if tag == "table" and (rows := data_table(element)):
            self.add("table", rows)
            return False
        if tag == "br":
            self.parts.append("\n")
        self.write(element.text)
        return True

    def leave(self, element: HtmlElement) -> None:
        tag = str(element.tag)
        if tag == "dt" and self.parts:
            self.parts = [f"{one_line(''.join(self.parts)).rstrip(' :')} : "]
        elif self.breaks(tag, leaving=True):
            self.flush()
        elif tag in BLOCKS:
            self.parts.append(" ")
        number = self.parents.pop()
        if number in self.furniture:
            self.furniture -= {number}
        if tag in HEADINGS:
            self.headings.pop()
        self.inside[tag] -= 1
        self.write(element.tail)

    def breaks(self, tag: str, *, leaving: bool = False) -> bool:
        """True where a block ends; an item, a definition and a heading hold their paragraphs."""
        if tag in HEADINGS or tag in ("li", "ul", "ol", "dl", "dt", "table"):
            return True
        if tag == "dd":
            return leaving or not self.parts or not self.parts[0].endswith(" : ")
        held = self.inside["li"] or self.inside["dd"] or self.level
        return tag in BLOCKS and not held

    @property
    def level(self) -> int:
        """The level of the heading around the walk, 0 outside headings."""
        return self.headings[-1] if self.headings else 0

    def write(self, text: str | None) -> None:
        if text:
            self.parts.append(SPACES.sub(" ", text))
            if self.inside["a"] > 0:
                self.linked += len(text.strip())

    def flush(self) -> None:
        """Ends the block under way; two line breaks in a row end a paragraph too."""
        text = "".join(self.parts)
        form: BlockForm = "paragraph"
        if self.level:
            form = "heading"
        elif self.inside["li"] > 0 or self.inside["dd"] > 0 or self.inside["dl"] > 0:
            form = "item"
        if form != "paragraph":
            self.add(form, one_line(text))
        else:
            for paragraph in PARAGRAPH_BREAK.split(text):
                self.add(form, LINE_EDGES.sub("\n", paragraph).strip())
        self.parts, self.linked = [], 0

    def add(self, form: BlockForm, text: str) -> None:
        text = clean(text)
        if text and text != "-":
            self.found.append(
                Block(
                    form,
                    text,
                    self.level,
                    self.linked,
                    self.furniture,
                    tuple(self.parents),
                )
            )


def is_furniture(element: HtmlElement) -> bool:
    """True for what says of itself that it is navigation, sharing, comments or hidden."""
    if element.tag in NEVER_FURNITURE:
        return False
    if element.tag in FURNITURE_TAGS or element.get("role") in FURNITURE_ROLES:
        return True
    if element.get("hidden") is not None or HIDDEN.search(element.get("style") or ""):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(FURNITURE_NAMES.search(names[:NAMES_LENGTH]))


def data_table(table: HtmlElement) -> str | None:
    """The rows of a table of data; None for a table that lays a page out.

    A cell that spans rows is repeated on each, so that every row can be read alone.
    """
    if table.get("role") == "presentation" or table.find(".//table") is not None:
        return None
    rows: list[list[str]] = []
    spans: dict[int, tuple[str, int]] = {}
    size = 0
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.iter("td", "th"):
            _carry(cells, spans)
            text = flat_text(cell)
            if len(text) > LONGEST_CELL:
                return None
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            if height > 1:
                spans[len(cells)] = (text, height - 1)
            cells += [text] + [""] * (width - 1)
        _carry(cells, spans)
        rows.append(cells)
        size += len(cells)
        if size > MOST_CELLS:
            return None
    if sum(len([cell for cell in cells if cell]) > 1 for cells in rows) < DATA_ROWS:
        return None
    caption = table.find("caption")
    title = "" if caption is None else flat_text(caption) + "\n\n"
    return title + table_rows(rows)


def _carry(cells: list[str], spans: dict[int, tuple[str, int]]) -> None:
    """Adds the cells of earlier rows that reach down into this column and those after it."""
    while len(cells) in spans:
        text, left = spans.pop(len(cells))
        if left > 1:
            spans[len(cells)] = (text, left - 1)
        cells.append(text)


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name) or ""
    return min(max(int(value), 1), WIDEST_SPAN) if value.isascii() and value.isdigit() else 1


def flat_text(element: HtmlElement) -> str:
    """All text below `element` on one line, blocks and line breaks apart."""
    parts: list[str] = []
    for event, child in etree.iterwalk(element, events=("start", "end")):
        if child.tag in BLOCKS or child.tag == "br":
            parts.append(" ")
        if event == "start":
            parts.append("" if child.tag in SKIPPED else child.text or "")
        elif child is not element:
            parts.append(child.tail or "")
    return one_line("".join(parts))
