"""Markdown files, with or without YAML front matter, as light Markdown."""

import re
from datetime import date

import yaml
from lxml import etree, html  # type: ignore[import-untyped]
from markdown_it import MarkdownIt

from vigie.ingest.cleaning import one_line
from vigie.ingest.decoding import decode
from vigie.ingest.documents import Kind
from vigie.ingest.folding import fold
from vigie.ingest.metadata import clean_author, guess_language, parse_date
from vigie.ingest.readers.html_blocks import Block, blocks, markdown
from vigie.ingest.readers.reading import Reading

FRONT_MATTER = re.compile(
    r"\A\s*---[ \t]*\r?\n(?P<yaml>.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S
)
# Front matter is written by hand; more is a file that merely begins with a rule.
FRONT_MATTER_LENGTH = 20_000
# What site generators and note-taking programs call the same things, folded.
TITLE = ("title", "titre")
PUBLISHER = ("publisher", "editeur", "site", "organisation", "source")
AUTHOR = ("author", "authors", "auteur", "auteurs", "auteure", "autrice")
PUBLISHED = ("date", "published", "date_publication", "publie", "publie_le", "created")
MODIFIED = ("modified", "updated", "lastmod", "last_modified_at", "mise_a_jour", "maj")
LANGUAGE = ("lang", "language", "langue")
URL = ("url", "canonical", "canonical_url", "link", "lien")
KIND = ("kind", "type")

# Raw HTML in Markdown is read as HTML; a nesting limit is in the preset.
PARSER = MarkdownIt("commonmark").enable("table")


def read(data: bytes, name: str) -> Reading:
    """Title from the front matter, else from a first `#` heading, which leaves the text.

    A front matter that is no YAML mapping, or that uses aliases, is text like the rest; `name`
    says nothing.
    """
    source = decode(data)
    fields, body = _front_matter(source)
    found = _blocks(body)
    title = _word(fields, TITLE)
    if title is None and found and found[0].form == "heading" and found[0].level == 1:
        title = found[0].text
    if found and found[0].form == "heading" and found[0].text == title:
        found = found[1:]
    text = markdown(found)
    author = _word(fields, AUTHOR)
    language = (_word(fields, LANGUAGE) or "")[:2].lower()
    kind = (_word(fields, KIND) or "").lower()
    return Reading(
        text=text,
        title=title,
        publisher=_word(fields, PUBLISHER),
        author=clean_author(author) if author else None,
        published=_day(fields, PUBLISHED),
        modified=_day(fields, MODIFIED),
        language=language or guess_language(text),
        url=_word(fields, URL),
        kind=Kind(kind) if kind in tuple(Kind) else None,
    )


class _NoAliases(yaml.SafeLoader):
    """Aliases let a kilobyte stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("alias")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _front_matter(source: str) -> tuple[dict[str, object], str]:
    matter = FRONT_MATTER.match(source)
    if matter is None or len(matter["yaml"]) > FRONT_MATTER_LENGTH:
        return {}, source
    try:
        stated = yaml.load(matter["yaml"], Loader=_NoAliases)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, source
    if not isinstance(stated, dict):
        return {}, source
    fields = {fold(str(key)).replace(" ", "_").replace("-", "_"): stated[key] for key in stated}
    return fields, source[matter.end() :]


def _blocks(body: str) -> list[Block]:
    try:
        return blocks(html.fragment_fromstring(PARSER.render(body), create_parent="div"))
    except etree.ParserError:
        return []


def _word(fields: dict[str, object], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            value = ", ".join(str(item) for item in value)
        if isinstance(value, str | int | date) and (text := one_line(str(value))):
            return text
    return None


def _day(fields: dict[str, object], names: tuple[str, ...]) -> date | None:
    return next((day for name in names if (day := parse_date(str(fields.get(name, ""))))), None)
