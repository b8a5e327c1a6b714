"""PDF: LiteParse for columns, headings and tables; PDFium for the page's own characters."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import liteparse
import pypdfium2  # type: ignore[import-untyped]

from vigie.ingest.cleaning import repair_pdf_text
from vigie.ingest.errors import EmptyDocument, Reason, UnreadableFile
from vigie.ingest.readers.front import choose_title, cover_date, later, plausible
from vigie.ingest.readers.pdf_blocks import ENDED, Block, Form, Text, divide, table
from vigie.ingest.readers.pdf_words import DrawnPage, PlainPage, Word, drawn_pages
from vigie.ingest.readers.reading import Reading

log = logging.getLogger(__name__)

# 118 pages a second for the layout, 283 for the characters, words found again in between: 2,000
# pages keep within the time that one file may take, and no report has as many.
MOST_PAGES = 2_000
# The layout engine takes 0.4 MB a page for as long as it runs.
LAYOUT_BATCH = 200
PASSWORD_ERROR = 4
# Headers and footers lie within a tenth of the page's edges in the 12 files tried, and among the
# first or last lines in the order of drawing.
MARGIN = 0.12
EDGE_LINES = 8
# Words drawn between the first and the last of a passage, for each that the layout gave to it: more
# means that another column lies between; a little more, that the layout lost a few.
TOGETHER = 1.3

# The Cork encoding, which old TeX fonts leave in the text instead of the signs themselves.
CORK = str.maketrans(
    {
        "\x10": "“", "\x11": "”", "\x12": "„", "\x13": "«", "\x14": "»", "\x15": "–", "\x16": "—",
        "\x1b": "ff", "\x1c": "fi", "\x1d": "fl", "\x1e": "ffi", "\x1f": "ffl",
    }
)  # fmt: skip
FORMS: dict[str, Form] = {"heading": "heading", "list_item": "item"}
SKIPPED = frozenset({"rule", "image"})
# Stands between pieces of layout while a whole page is repaired at once; no document uses it.
ASTERISM = "⁂"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says about itself, often wrongly."""

    title: str
    created: date | None
    modified: date | None


def read(data: bytes, name: str) -> Reading:
    """Pages as places; pages that are pictures are skipped, and nothing but pictures is empty."""
    drawn, metadata = _drawn(data, name)
    if not any(page.text.strip() for page in drawn):
        raise EmptyDocument(path=name)
    pages = drawn_pages(drawn)
    layouts = _layouts(data, len(pages), name)
    text = Text()
    front: list[Block] = []
    for number, page in enumerate(pages, 1):
        blocks = _blocks(page, layouts.get(number, ()), _composes(drawn[number - 1].raw))
        text.add_page(number, blocks)
        if number == 1:
            front = blocks
    title = choose_title(_largest_heading(front), metadata.title)
    published = cover_date(block.text for block in front)
    published = published or plausible(metadata.created, title or "")
    return Reading(
        str(text),
        places=tuple(text.places),
        title=title,
        published=published,
        modified=later(metadata.modified, published),
    )


def _drawn(data: bytes, name: str) -> tuple[list[PlainPage], Metadata]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == PASSWORD_ERROR
        reason = Reason("read.encrypted" if locked else "read.damaged")
        raise UnreadableFile(path=name, reason=reason) from error
    with closing(document):
        if len(document) > MOST_PAGES:
            reason = Reason("read.too_many_pages", {"limit": MOST_PAGES})
            raise UnreadableFile(path=name, reason=reason)
        said = document.get_metadata_dict()
        metadata = Metadata(
            said.get("Title", ""), _pdf_day(said.get("CreationDate")), _pdf_day(said.get("ModDate"))
        )
        return [_page(document, number, name) for number in range(len(document))], metadata


def _page(document: pypdfium2.PdfDocument, number: int, name: str) -> PlainPage:
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as textpage:
            raw = str(textpage.get_text_bounded())
            margins = frozenset(map(repaired, _margin_lines(textpage, page.get_height())))
            return PlainPage(raw, repaired(raw), margins)
    except pypdfium2.PdfiumError as error:
        log.warning("%s: page %d is unreadable: %s", name, number + 1, error)
        return PlainPage("", "", frozenset())


def repaired(text: str) -> str:
    """Plain text with the signs of old fonts and its words whole."""
    return repair_pdf_text(text.translate(CORK))


def _margin_lines(textpage: pypdfium2.PdfTextPage, height: float) -> Iterator[str]:
    """Lines drawn near the top or the bottom edge, whatever their order in the file."""
    lines = str(textpage.get_text_range()).split("\r\n")
    start = 0
    for rank, line in enumerate(lines):
        if line.strip() and (rank < EDGE_LINES or rank >= len(lines) - EDGE_LINES):
            _, bottom, _, top = textpage.get_charbox(start + len(line) - len(line.lstrip()))
            if not MARGIN * height <= (bottom + top) / 2 <= (1 - MARGIN) * height:
                yield line
        start += len(line) + 2


def _layouts(data: bytes, pages: int, name: str) -> dict[int, Sequence[liteparse.LayoutBlock]]:
    """Blocks by page number; pages that the layout engine leaves out are read without it.

    Headers and footers are kept: the engine takes first-page letterheads, footnotes and a heading
    at the top of a page for them.
    """
    found: dict[int, Sequence[liteparse.LayoutBlock]] = {}
    for first in range(1, pages + 1, LAYOUT_BATCH):
        engine = liteparse.LiteParse(
            ocr_enabled=False,
            image_mode="off",
            output_format="markdown",
            extract_blocks=True,
            extract_links=False,
            keep_headers_footers=True,
            continue_on_page_error=True,
            max_pages=MOST_PAGES,
            target_pages=f"{first}-{min(first + LAYOUT_BATCH - 1, pages)}",
            num_workers=1,
            quiet=True,
        )
        try:
            result = engine.parse(data)
        except liteparse.ParseError as error:
            log.warning("%s: read without its layout: %s", name, error)
            return found
        found.update((page.page_num, page.blocks or ()) for page in result.pages)
    if len(found) != pages:
        log.warning("%s: %d pages of %d have a layout", name, len(found), pages)
    return found


def _composes(text: str) -> bool:
    return any(accent in text for accent in "´ˆ¨¸")


def _blocks(
    page: DrawnPage, layout: Sequence[liteparse.LayoutBlock], composes: bool
) -> list[Block]:
    if not layout:
        return divide("paragraph", 0, page.body(), page)
    pieces = _repaired(list(_pieces(layout)), composes)
    blocks: list[Block] = []
    last: list[Word] = []
    start = 0
    for block in layout:
        if block.rows is not None:
            rows = _rows(block, page, pieces)
            prose = _prose(last, rows, page) if _interrupts(blocks, rows) else []
            found = table([[page.join(cell) for cell in row] for row in rows])
            if prose:
                blocks[start:] = divide("paragraph", 0, prose, page)
            elif found:
                blocks.append(found)
        elif block.kind not in SKIPPED:
            last, start = page.find(next(pieces)), len(blocks)
            blocks += divide(FORMS.get(block.kind, "paragraph"), block.level or 1, last, page)
    return blocks


def _rows(
    block: liteparse.LayoutBlock, page: DrawnPage, pieces: Iterator[str]
) -> list[list[list[Word]]]:
    rows: list[list[list[Word]]] = []
    for row in (block.header or [], *(block.rows or [])):
        texts = [next(pieces) for _ in row]
        # The layout takes a running header above a table for the header of the table.
        if not page.takes_running(" ".join(texts)):
            rows.append([page.find(text) for text in texts])
    return rows


def _interrupts(blocks: Sequence[Block], rows: Sequence[Sequence[Sequence[Word]]]) -> bool:
    """The "table" goes on with the sentence before it: justified text with wide spaces."""
    first = next((word.text for row in rows for cell in row for word in cell), "")
    return bool(blocks) and not ENDED.search(blocks[-1].text) and first[:1].islower()


def _prose(
    before: Sequence[Word], rows: Sequence[Sequence[Sequence[Word]]], page: DrawnPage
) -> list[Word]:
    """The words drawn from the beginning of the sentence to the end of the "table".

    Empty when they do not lie together on the page.
    """
    words = [*before, *(word for row in rows for cell in row for word in cell)]
    places = [word.at for word in words if word.at is not None]
    if not places:
        return []
    drawn = [word for word in page.body() if min(places) <= (word.at or 0) <= max(places)]
    return drawn if len(drawn) <= TOGETHER * len(words) else []


def _pieces(layout: Sequence[liteparse.LayoutBlock]) -> Iterator[str]:
    for block in layout:
        if block.rows is not None:
            for row in (block.header or [], *block.rows):
                yield from (cell.text or "" for cell in row)
        elif block.kind not in SKIPPED:
            yield block.text or "\n".join(block.lines or ())


def _repaired(pieces: list[str], composes: bool) -> Iterator[str]:
    """Old accents are told from typed ones by their number, so a whole page goes at once."""
    plain = [piece.translate(CORK) for piece in pieces]
    if composes:
        whole = repair_pdf_text(f"\n{ASTERISM}\n".join(plain))
        parts = [part.strip() for part in whole.split(ASTERISM)]
        if len(parts) == len(plain):
            return iter(parts)
    return iter(plain)


def _largest_heading(front: Sequence[Block]) -> str:
    headings = [block for block in front if block.form == "heading"]
    return min(headings, key=lambda block: block.level).text if headings else ""


def _pdf_day(said: str | None) -> date | None:
    match = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", said or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
