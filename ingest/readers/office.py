"""DOCX and ODT through kreuzberg, its Markdown made light."""

import html
import io
import re
import zipfile
from datetime import date

import kreuzberg
from lxml import etree  # type: ignore[import-untyped]

from vigie.ingest.cleaning import clean, table_rows
from vigie.ingest.errors import EmptyDocument, Reason, UnreadableFile
from vigie.ingest.metadata import parse_date
from vigie.ingest.readers.front import choose_title, cover_date, later, plausible
from vigie.ingest.readers.reading import Reading
from vigie.ingest.readers.registry import actual_suffix

MEDIA_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
}
# Lines that may tell title and date.
FRONT_LINES = 12
SAFE_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LIST_STYLE = re.compile(r"list|liste|puce|bullet", re.I)

IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK = re.compile(r"\[([^\[\]]+)\]\((?:<[^>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+)>")
NOTE_MARK = re.compile(r"\[\^\w+\](?!:)")
NOTE = re.compile(r"^\[\^(\w+)\]:\s*", re.M)
STRONG = re.compile(r"(?<!\\)(\*\*|__|~~)(?=\S)(.+?)(?<=\S)(?<!\\)\1", re.S)
EMPHASIS = re.compile(r"(?<![\\\w*])([*_])(?=\S)([^*_\n]+?)(?<=[^\s\\])\1(?![\w*])")
RAISED = re.compile(r"(?<!\\)[\^~](\S{1,8}?)(?<!\\)[\^~]")
UNDERLINE = re.compile(r"</?(?:u|sup|sub|b|i|em|strong|br|span|mark)\b[^>]*>", re.I)
ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>~|=$&^\"':;@/])")
DASH_ITEM = re.compile(r"^\s*(?:\\?[-*+•–]|\\?[·▪])\s+(?=\S)", re.M)
ITEM = re.compile(r"^[ ]*[-*+] +(?=\S)")
NUMBERED = re.compile(r"^[ ]*(\d+)[.)] +(?=\S)")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)[\s#]*$")
SEPARATOR = re.compile(r"^\|?(?:\s*:?-{2,}:?\s*\|)+\s*:?-*:?\s*\|?$")
RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,}|<!--.*-->)\s*$")


def read(data: bytes, name: str) -> Reading:
    """Headings, lists, tables and footnotes; the title is the first heading, or the cover line."""
    config = kreuzberg.ExtractionConfig(output_format="markdown", use_cache=False)
    suffix = actual_suffix(data, name)
    try:
        listed = _listed(data) if suffix == ".docx" else frozenset()
        result = kreuzberg.extract_bytes_sync(data, MEDIA_TYPES[suffix], config=config)
    except (kreuzberg.KreuzbergError, etree.XMLSyntaxError) as error:
        raise UnreadableFile(path=name, reason=Reason("read.damaged")) from error
    text = light_markdown(result.content, listed)
    if not text:
        raise EmptyDocument(path=name)
    said = result.metadata
    lines = [line for line in text.split("\n") if line][:FRONT_LINES]
    heading = next((line.lstrip("# ") for line in lines if line.startswith("#")), "")
    title = choose_title(heading, str(said.get("title") or ""), lines[0])
    created, modified = _day(said.get("created_at")), _day(said.get("modified_at"))
    published = cover_date(lines) or plausible(created, title or "")
    return Reading(text, title=title, published=published, modified=later(modified, published))


def _listed(data: bytes) -> frozenset[str]:
    """Paragraphs that only their style makes list items, which kreuzberg takes for prose."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "word/styles.xml" not in archive.namelist():
            return frozenset()
        styles = etree.fromstring(archive.read("word/styles.xml"), SAFE_XML)
        body = etree.fromstring(archive.read("word/document.xml"), SAFE_XML)
    listing = {
        style.get(f"{WORD}styleId")
        for style in styles.iter(f"{WORD}style")
        if style.find(f".//{WORD}numPr") is not None
        and any(LIST_STYLE.search(name.get(f"{WORD}val", "")) for name in style.iter(f"{WORD}name"))
    }
    return frozenset(
        "".join(text.text or "" for text in paragraph.iter(f"{WORD}t")).strip()
        for paragraph in body.iter(f"{WORD}p")
        for style in paragraph.iter(f"{WORD}pStyle")
        if style.get(f"{WORD}val") in listing
    )


def light_markdown(text: str, listed: frozenset[str] = frozenset()) -> str:
    """Markdown without inline markup: headings, `- ` items and `| … |` rows are what stays.

    Lines whose words are in `listed` are items too.
    """
    blocks: list[str] = []
    rows: list[str] = []
    for line in [*clean(IMAGE.sub("", text)).split("\n"), ""]:
        if line.lstrip().startswith("|"):
            rows.append(line.strip())
            continue
        if rows:
            blocks.append(_table(rows))
            rows = []
        if not RULE.match(line):
            block = _line(line)
            blocks.append(f"- {block}" if block in listed else block)
    return _spaced(blocks)


def _line(line: str) -> str:
    heading = HEADING.match(line)
    if heading:
        words = _words(heading[2])
        return f"{heading[1]} {words}" if words else ""
    numbered = NUMBERED.match(line)
    if numbered:
        return f"- {_words(line[numbered.end() :])}"
    item = DASH_ITEM.match(line)
    return f"- {_words(line[item.end() :])}" if item else _words(line)


def _words(line: str) -> str:
    line = NOTE.sub(lambda note: f"{note[1]}. ", html.unescape(line))
    line = NOTE_MARK.sub("", LINK.sub(_linked, AUTOLINK.sub(r"\1", line)))
    line = UNDERLINE.sub("", line)
    for _ in range(2):
        line = EMPHASIS.sub(r"\2", STRONG.sub(r"\2", line))
    line = RAISED.sub(r"\1", line)
    return " ".join(ESCAPE.sub(r"\1", line).replace("**", "").split(" ")).strip()


def _linked(match: re.Match[str]) -> str:
    return match[1].strip("<>")


def _table(rows: list[str]) -> str:
    cells = [re.split(r"(?<!\\)\|", row.strip("|")) for row in rows if not SEPARATOR.match(row)]
    return table_rows([[_words(cell.strip()) for cell in row] for row in cells])


def _spaced(blocks: list[str]) -> str:
    """Blank lines between blocks, none between the items of a list."""
    text = ""
    last = ""
    for block in filter(None, map(str.rstrip, blocks)):
        if text:
            text += "\n" if last.startswith("- ") and block.startswith("- ") else "\n\n"
        text += block
        last = block
    return text


def _day(said: object) -> date | None:
    return parse_date(str(said)[:10]) if said else None
