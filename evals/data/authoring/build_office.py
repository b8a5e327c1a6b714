"""Build the Word and PowerPoint files of the sample corpus from Markdown and YAML."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import docx
import yaml
from build_reports import Block, french_typography, read_source
from docx.document import Document as WordDocument
from docx.text.paragraph import Paragraph
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Cm

HERE = Path(__file__).parent
SOURCES = HERE / "office"
TARGET = HERE.parent / "corpus" / "documents"
STAFF_ONLY = {"note-projet-ruche"}
WORD_STYLES = {
    "heading": "Heading 1",
    "subheading": "Heading 2",
    "caption": "Caption",
    "quote": "Quote",
    "paragraph": "Normal",
}


def freeze_zip(path: Path, when: date) -> None:
    """Give every entry of an Office file one date, so that two builds are byte-identical."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    modified = rb"(<dcterms:modified[^>]*>)[^<]*"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            if name == "docProps/core.xml":
                stamp = f"{when.isoformat()}T09:00:00Z".encode()
                data = re.sub(modified, lambda match, s=stamp: match.group(1) + s, data)
            info = zipfile.ZipInfo(name, (when.year, when.month, when.day, 9, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def set_properties(file: WordDocument | Deck, meta: dict[str, Any]) -> None:
    """Title, author and a fixed date in the file's metadata."""
    properties = file.core_properties
    when = datetime.combine(meta["date"], datetime.min.time())
    properties.title, properties.author = french_typography(meta["title"]), meta["author"]
    properties.last_modified_by, properties.language = meta["author"], "fr-FR"
    properties.created = properties.modified = when
    properties.comments = ""


def add_runs(paragraph: Paragraph, text: str) -> None:
    """Append `text`, in which `**` marks bold."""
    for index, part in enumerate(text.split("**")):
        paragraph.add_run(part).bold = index % 2 == 1


def add_block(document: WordDocument, block: Block) -> None:
    """Append one block of Markdown to a Word document."""
    if block.kind == "list":
        for (item,) in block.rows:
            add_runs(document.add_paragraph(style="List Bullet"), item)
    elif block.kind == "table":
        table = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
        for cells, row in zip(table.rows, block.rows, strict=True):
            for cell, text in zip(cells.cells, row, strict=True):
                cell.text = text
        for cell in table.rows[0].cells:
            cell.paragraphs[0].runs[0].bold = True
        document.add_paragraph()
    else:
        add_runs(document.add_paragraph(style=WORD_STYLES[block.kind]), block.text)


def build_word(source: Path, target: Path) -> None:
    """One Word document; its title also opens the text."""
    meta, blocks = read_source(source)
    document = docx.Document()
    document.add_paragraph(french_typography(str(meta["title"])), style="Title")
    document.add_paragraph(str(meta["publisher"]), style="Subtitle")
    for block in blocks:
        add_block(document, block)
    set_properties(document, meta)
    document.save(str(target))
    freeze_zip(target, meta["date"])


def add_table(slide: Slide, rows: list[list[str]]) -> None:
    """A table under the title, its first row being the header."""
    shape = slide.shapes.add_table(len(rows), len(rows[0]), Cm(2), Cm(5), Cm(21), Cm(8))
    for cells, row in zip(shape.table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = french_typography(text)


def build_slides(source: Path, target: Path) -> None:
    """One slide deck, each slide with its speaker notes."""
    meta = yaml.safe_load(source.read_text(encoding="utf-8"))
    deck = Presentation()
    opening = deck.slides.add_slide(deck.slide_layouts[0])
    opening.shapes.title.text = french_typography(meta["title"])
    opening.placeholders[1].text = french_typography(meta["subtitle"])
    for content in meta["slides"]:
        layout = deck.slide_layouts[5 if "table" in content else 1]
        slide = deck.slides.add_slide(layout)
        slide.shapes.title.text = french_typography(content["title"])
        if "table" in content:
            add_table(slide, content["table"])
        else:
            bullets = map(french_typography, content["bullets"])
            slide.placeholders[1].text = "\n".join(bullets)
        slide.notes_slide.notes_text_frame.text = french_typography(content["notes"])
    set_properties(deck, meta)
    deck.save(str(target))
    freeze_zip(target, meta["date"])


def main() -> None:
    for source in sorted(SOURCES.iterdir()):
        folder = TARGET / "interne" if source.stem in STAFF_ONLY else TARGET
        folder.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".md":
            build_word(source, folder / f"{source.stem}.docx")
        else:
            build_slides(source, folder / f"{source.stem}.pptx")


if __name__ == "__main__":
    main()
