"""PPTX: slide titles as headings, bullets, tables, chart labels and speaker notes in order."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from zipfile import BadZipFile

from lxml import etree  # type: ignore[import-untyped]
from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.presentation import Presentation as Deck
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide

from vigie.ingest.cleaning import one_line, table_rows
from vigie.ingest.documents import Kind, Place, PlaceKind
from vigie.ingest.errors import EmptyDocument, Reason, UnreadableFile
from vigie.ingest.messages import message
from vigie.ingest.readers.front import choose_title, cover_date, later, plausible
from vigie.ingest.readers.reading import Reading

# Paragraphs of these placeholders say nothing about the slide itself.
FURNITURE = frozenset({"DATE", "FOOTER", "SLIDE_NUMBER", "HEADER"})
# Shapes whose tops differ by less than half an inch (in EMU) are read from left to right.
SAME_ROW = 457_200
DEEPEST_GROUP = 8


def read(data: bytes, name: str) -> Reading:
    """One place per slide; hidden slides are left out, notes follow the slide under a label."""
    try:
        deck = Presentation(io.BytesIO(data))
        slides = [(number, _blocks(slide)) for number, slide in enumerate(deck.slides, 1)]
    except (PythonPptxError, BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise UnreadableFile(path=name, reason=Reason("read.damaged")) from error
    text = ""
    places: list[Place] = []
    for number, blocks in slides:
        for rank, block in enumerate(blocks):
            text += "\n\n" if text else ""
            if rank == 0:
                places.append(Place(len(text), PlaceKind.SLIDE, str(number)))
            text += block
    if not text:
        raise EmptyDocument(path=name)
    return _with_front(deck, text, tuple(places))


def _with_front(deck: Deck, text: str, places: tuple[Place, ...]) -> Reading:
    said = deck.core_properties
    first = text[: places[1].start] if len(places) > 1 else text
    lines = [line for line in first.split("\n") if line]
    heading = next((line.lstrip("# ") for line in lines if line.startswith("#")), "")
    title = choose_title(heading, said.title or "", lines[0])
    published = cover_date(lines) or plausible(_day(said.created), title or "")
    return Reading(
        text,
        places=places,
        title=title,
        published=published,
        modified=later(_day(said.modified), published),
        kind=Kind.PRESENTATION,
    )


def _blocks(slide: Slide) -> list[str]:
    if slide.element.get("show") == "0":
        return []
    title = slide.shapes.title
    heading = one_line(title.text_frame.text) if title is not None else ""
    blocks = [f"## {heading}"] if heading else []
    shapes = sorted(slide.shapes, key=_position)
    taken = title.shape_id if title is not None else None
    for shape in shapes:
        if shape.shape_id != taken:
            blocks += _shape(shape, 0)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = one_line(slide.notes_slide.notes_text_frame.text)
        if notes:
            blocks.append(message("record.line", label=message("record.notes"), value=notes))
    return blocks


def _position(shape: BaseShape) -> tuple[int, int]:
    """Rows of shapes from top to bottom; a shape without a position keeps to the top."""
    return ((shape.top or 0) // SAME_ROW, shape.left or 0)


def _shape(shape: BaseShape, depth: int) -> Iterator[str]:
    if isinstance(shape, GroupShape):
        if depth < DEEPEST_GROUP:
            for inner in sorted(shape.shapes, key=_position):
                yield from _shape(inner, depth + 1)
    elif shape.is_placeholder and shape.placeholder_format.type.name in FURNITURE:
        return
    elif isinstance(shape, GraphicFrame):
        if shape.has_table:
            rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
            yield from filter(None, [table_rows(rows)])
        elif shape.has_chart:
            yield from _chart(shape)
    elif isinstance(shape, Shape):
        yield from _paragraphs(shape)


def _paragraphs(shape: Shape) -> Iterator[str]:
    """Several paragraphs of one shape are its bullets; a single one is a sentence or a label."""
    lines = [one_line(paragraph.text) for paragraph in shape.text_frame.paragraphs]
    lines = [line for line in lines if line]
    if len(lines) == 1:
        yield lines[0]
    elif lines:
        yield "\n".join(line if line.startswith("- ") else f"- {line}" for line in lines)


def _chart(shape: GraphicFrame) -> Iterator[str]:
    """A chart as the table it was drawn from: categories in rows, series in columns."""
    chart = shape.chart
    if chart.has_title and chart.chart_title.has_text_frame:
        yield one_line(chart.chart_title.text_frame.text)
    plot = next(iter(chart.plots), None)
    if plot is not None:
        series = list(plot.series)
        header = ["", *(item.name or "" for item in series)]
        values = [[_number(value) for value in item.values] for item in series]
        rows = [[str(label), *row] for label, *row in zip(plot.categories, *values, strict=False)]
        yield from filter(None, [table_rows([header, *rows]) if rows else ""])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:g}".replace(".", ",")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
