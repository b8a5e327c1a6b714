"""Render the Markdown reports of the sample corpus as PDF files.

Only the subset of Markdown that the reports use is read: front matter, `##` and `###`
headings, paragraphs, `- ` lists, `> ` quotes, and pipe tables under a `Tableau` caption.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

import reportlab
import yaml
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).parent
SOURCES = HERE / "reports"
TARGET = HERE.parent / "corpus" / "reports"
INK = colors.HexColor("#1f3a4d")
NBSP = "\u00a0"
SOFT_HYPHEN = "\u00ad"
UNITS = "€|M€|k€|%|heures?|jours?|associations?|postes?|salariés|bénévoles|ordinateurs"

Meta = dict[str, str | int | bool]


class Block(NamedTuple):
    """`rows` is filled for tables and lists, `text` for everything else."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def french_typography(text: str) -> str:
    """Curly apostrophes, and the spaces that French typesetting never breaks."""
    text = text.replace("'", "’").replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")
    text = re.sub(r" ([;:!?])", rf"{NBSP}\1", text)
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", NBSP, text)
    return re.sub(rf"(?<=\d) (?=(?:{UNITS})(?!\w))", NBSP, text)


def soft_hyphenate(text: str) -> str:
    """Mark break points between vowel and consonant + vowel in words of nine letters or more."""
    vowels = "aeiouyàâéèêëîïôûùœ"

    def mark(match: re.Match[str]) -> str:
        word = match.group(0)
        head, middle, tail = word[:3], word[3:-3], word[-3:]
        pattern = rf"(?<=[{vowels}])(?=[bcdfgjklmnpqrstvz](?:[lr])?[{vowels}])"
        return head + re.sub(pattern, SOFT_HYPHEN, middle) + tail

    return re.sub(r"\b[a-zàâäéèêëîïôöûùüçœ]{9,}\b", mark, text)


def read_source(path: Path) -> tuple[Meta, list[Block]]:
    """Front matter and blocks of one report."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    blocks = [_block(part) for part in re.split(r"\n{2,}", french_typography(body).strip())]
    return yaml.safe_load(front), blocks


def _block(part: str) -> Block:
    lines = part.splitlines()
    joined = " ".join(line.strip() for line in lines)
    if part.startswith("### "):
        return Block("subheading", joined[4:])
    if part.startswith("## "):
        return Block("heading", joined[3:])
    if part.startswith("|"):
        cells = [tuple(c.strip() for c in line.strip("|").split("|")) for line in lines]
        return Block("table", rows=tuple(r for r in cells if not set(r[0]) <= {"-"}))
    if part.startswith("- "):
        items = re.split(r"\n- ", part[2:])
        return Block("list", rows=tuple((" ".join(item.split()),) for item in items))
    if part.startswith("> "):
        return Block("quote", " ".join(line.lstrip("> ") for line in lines))
    return Block("caption" if part.startswith("Tableau ") else "paragraph", joined)


def styles(small: bool) -> dict[str, ParagraphStyle]:
    """Paragraph styles; `small` suits two columns."""
    size = 9.0 if small else 10.0
    body = ParagraphStyle("body", fontName="Vera", fontSize=size, leading=size * 1.5)
    body.alignment, body.spaceAfter = TA_JUSTIFY, size * 0.8
    heading = {"fontName": "Vera-Bold", "textColor": INK, "keepWithNext": 1, "spaceAfter": 6}
    small_text = {"fontSize": size - 1.5, "leading": size * 1.25}
    return {
        "body": body,
        "paragraph": body,
        "heading": ParagraphStyle(
            "heading", **heading, fontSize=size + 6, leading=size + 10, spaceBefore=16
        ),
        "subheading": ParagraphStyle(
            "subheading", **heading, fontSize=size + 2, leading=size + 6, spaceBefore=8
        ),
        "list": ParagraphStyle("list", body, leftIndent=14, bulletIndent=3, spaceAfter=3),
        "quote": ParagraphStyle("quote", body, fontName="Vera-Italic", leftIndent=18),
        "caption": ParagraphStyle("caption", fontName="Vera-Italic", keepWithNext=1, **small_text),
        "cell": ParagraphStyle("cell", fontName="Vera", **small_text),
        "head": ParagraphStyle("head", fontName="Vera-Bold", textColor=colors.white, **small_text),
    }


def _markup(text: str) -> str:
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text, quote=False))
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


def story(blocks: list[Block], small: bool, prepare: Callable[[str], str]) -> Iterator[Flowable]:
    """Flowables of the body, after the title page."""
    style = styles(small)
    for block in blocks:
        if block.kind == "table":
            yield _table(block, style, 7.6 * cm if small else 16 * cm)
            yield Spacer(1, 12)
        elif block.kind == "list":
            for (item,) in block.rows:
                yield Paragraph(_markup(prepare(item)), style["list"], bulletText="•")
            yield Spacer(1, 6)
        else:
            plain = block.kind in {"heading", "subheading", "caption"}
            text = block.text if plain else prepare(block.text)
            yield Paragraph(_markup(text), style[block.kind])


def _table(block: Block, style: dict[str, ParagraphStyle], width: float) -> Table:
    first = 0.4 if width > 10 * cm else 0.52
    shares = [first] + [(1 - first) / (len(block.rows[0]) - 1)] * (len(block.rows[0]) - 1)
    data = [
        [Paragraph(_markup(cell), style["cell" if i else "head"]) for cell in row]
        for i, row in enumerate(block.rows)
    ]
    look = [
        ("BACKGROUND", (0, 0), (-1, 0), INK),
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    return Table(data, [s * width for s in shares], repeatRows=1, style=TableStyle(look))


def title_page(meta: Meta) -> list[Flowable]:
    """Publisher, title, subtitle, authors and date, then a page break."""

    def line(key: str, font: str, size: int, gap: float) -> list[Flowable]:
        look = ParagraphStyle(key, fontName=font, fontSize=size, leading=size * 1.35)
        look.alignment, look.textColor = TA_CENTER, INK
        text = french_typography(str(meta[key]))
        return [Spacer(1, gap * cm), Paragraph(_markup(text), look)]

    return [
        *line("publisher", "Vera", 13, 1),
        *line("title", "Vera-Bold", 26, 5),
        *line("subtitle", "Vera", 14, 1),
        *line("authors", "Vera-Italic", 11, 3),
        *line("date", "Vera", 12, 1),
        NextPageTemplate("body"),
        PageBreak(),
    ]


def page_furniture(meta: Meta) -> Callable[[Canvas, BaseDocTemplate], None]:
    """Running header and footer of the pages after the title."""

    def draw(canvas: Canvas, document: BaseDocTemplate) -> None:
        width, height = A4
        canvas.setFont("Vera", 8)
        canvas.setFillColor(colors.grey)
        canvas.drawString(2.5 * cm, height - 1.4 * cm, french_typography(str(meta["header"])))
        canvas.drawString(2.5 * cm, 1.2 * cm, french_typography(str(meta["publisher"])))
        canvas.drawRightString(width - 2.5 * cm, 1.2 * cm, f"Page {document.page}")

    return draw


def build(source: Path, target: Path) -> None:
    """One report; two builds of the same source are byte-identical."""
    meta, blocks = read_source(source)
    columns = int(meta.get("columns", 1))
    prepare = soft_hyphenate if meta.get("hyphenate") else str
    width, height = A4
    left, usable, gap = 2.5 * cm, width - 5 * cm, 0.8 * cm
    share = (usable - gap * (columns - 1)) / columns
    frames = [
        Frame(left + i * (share + gap), 2 * cm, share, height - 4 * cm, 0, 0, 0, 0)
        for i in range(columns)
    ]
    document = BaseDocTemplate(
        str(target),
        pagesize=A4,
        title=str(meta["title"]),
        author=str(meta["publisher"]),
        lang="fr-FR",
        invariant=1,
    )
    document.addPageTemplates(
        [
            PageTemplate("title", [Frame(left, 2 * cm, usable, height - 4 * cm)]),
            PageTemplate("body", frames, onPage=page_furniture(meta)),
        ]
    )
    document.build([*title_page(meta), *story(blocks, columns > 1, prepare)])


def main() -> None:
    fonts = Path(reportlab.__file__).parent / "fonts"
    for name, file in {"Vera": "Vera", "Vera-Bold": "VeraBd", "Vera-Italic": "VeraIt"}.items():
        pdfmetrics.registerFont(TTFont(name, fonts / f"{file}.ttf"))
    pdfmetrics.registerFontFamily("Vera", "Vera", "Vera-Bold", "Vera-Italic", "Vera-Bold")
    TARGET.mkdir(parents=True, exist_ok=True)
    for source in sorted(SOURCES.glob("*.md")):
        build(source, TARGET / f"{source.stem}.pdf")


if __name__ == "__main__":
    main()
