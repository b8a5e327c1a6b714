"""Web pages: the article without the page around it, and what the page says of it.

trafilatura finds the main text (F1 .93 on French pages, the best measured) but loses headings,
lists and tables on the way; its text chooses among the blocks of our own walk of the page.
"""

import re
import unicodedata
from collections import Counter
from datetime import date

import trafilatura
from lxml import etree, html  # type: ignore[import-untyped]

from vigie.ingest.cleaning import heads_related, is_chrome
from vigie.ingest.decoding import decode
from vigie.ingest.metadata import Byline, guess_language, merge_bylines, organisation, read_byline
from vigie.ingest.readers.html_blocks import Block, blocks, markdown
from vigie.ingest.readers.html_metadata import page_metadata
from vigie.ingest.readers.reading import Reading

# trafilatura is superlinear: 1.4 MB of paragraphs take 8 s, 2.8 MB take 23 s. Longer pages are
# read by the shape of their blocks alone.
LARGEST_ARTICLE = 1_000_000
# libxml2 drops what lies deeper than 256 elements; the deepest of 28 real pages has 21.
DEEPEST_PAGE = 200
# A block of the main text has this many letters as a line of it, or as a part of a line; with
# fewer it may be a name that the page repeats.
ANCHOR_LINE = 25
ANCHOR_PART = 60
# How far from the last block found the next one is looked for, in letters of the main text.
ANCHOR_WINDOW = 50_000
# Without a main text, what looks like one: long paragraphs with few links.
PROSE_LENGTH = 80
PROSE_LINKS = 0.3
# The body is the smallest element around four fifths of the main text; the rest is standfirst,
# captions and mistakes.
BODY_SHARE = 0.8
# A paragraph or an item made of links is navigation.
MOST_LINKS = 0.5
# A line between title and text that says something: a standfirst, not a column's name.
STANDFIRST_LENGTH = 50
# Bylines stand within these blocks after the title.
BYLINE_BLOCKS = 12

NOT_LETTERS = re.compile(r"[^a-z0-9]+")
CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I)
HEAD_BYTES = 4_096
INERT = re.compile(
    r"<(script|style|svg|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
DATA_ADDRESS = re.compile(r"""(["'])data:[^"']*\1""", re.I)
# Elements that nest for ever when they are not closed; parsers close the others by themselves.
NESTING = re.compile(
    r"<(/?)(?:article|aside|b|big|blockquote|center|code|del|div|dl|em|fieldset|font|footer|form"
    r"|header|i|ins|main|nav|ol|q|s|section|small|span|strike|strong|sub|sup|table|tt|u|ul)\b",
    re.I,
)
BLOCK_TAG = re.compile(
    r"</?(?:article|aside|blockquote|center|dd|div|dl|fieldset|footer|form|header|li|main|nav|ol"
    r"|section|table|tbody|td|th|tr|ul)\b[^<>]*>?",
    re.I,
)
OPENINGS = re.compile(r"<p>(?:\s*<p>)+")
INLINE_TAG = re.compile(
    r"</?(?:[abisuq]|code|del|em|font|ins|small|span|strong|tt)\b[^<>]*>?", re.I
)


def read(data: bytes, name: str) -> Reading:
    """The article of a page; its whole visible text where nothing looks like an article.

    Byline, page furniture and the title's own heading are not in the text; `name` says nothing.
    """
    declared = CHARSET.search(data[:HEAD_BYTES])
    source = decode(data, declared[1].decode("ascii") if declared else None)
    bare = DATA_ADDRESS.sub('""', INERT.sub(" ", source))
    deep = _is_deep(bare)
    tree = _parse(_flattened(bare) if deep else bare)
    if tree is None:
        return Reading(text="")
    stated = page_metadata(source, tree)
    whole = blocks(tree)
    main = "" if deep or len(bare) > LARGEST_ARTICLE else _main_text(bare)
    title = _letters(stated.title or "")
    content, byline = _article(whole, _anchors(whole, main, title), title)
    text = markdown(content)
    published = stated.published or byline.published
    return Reading(
        text=text,
        title=stated.title,
        publisher=stated.site or byline.publisher or organisation(stated.author) or stated.host,
        author=stated.author or byline.author,
        published=published,
        modified=_later(stated.modified or byline.modified, published),
        # Templates leave `lang="en"` on French pages; the words decide.
        language=guess_language(text) or stated.language,
        url=stated.url,
    )


def read_fragment(data: bytes, name: str) -> Reading:
    """All of a fragment that a content system hands out as the article, but its page furniture."""
    bare = DATA_ADDRESS.sub('""', INERT.sub(" ", decode(data)))
    tree = _parse(_flattened(bare) if _is_deep(bare) else bare)
    if tree is None:
        return Reading(text="")
    content = [block for block in blocks(tree) if not block.furniture]
    text = markdown(_without_empty_headings(_without_related(content)))
    return Reading(text=text, language=guess_language(text))


def _later(modified: date | None, published: date | None) -> date | None:
    """Content systems date a draft's last change before its publication: that is no update."""
    return None if modified and published and modified < published else modified


def _is_deep(source: str) -> bool:
    depth = 0
    for tag in NESTING.finditer(source):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > DEEPEST_PAGE:
            return True
    return False


def _flattened(source: str) -> str:
    """Every block a paragraph and no inline markup: all text survives, on one level."""
    return OPENINGS.sub("<p>", INLINE_TAG.sub("", BLOCK_TAG.sub("<p>", source)))


def _parse(source: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        return html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        # What lxml says of a page without any element or text.
        return None


def _main_text(source: str) -> str:
    return trafilatura.extract(source, include_comments=False, include_tables=True) or ""


def _letters(text: str) -> str:
    """Letters and digits alone, for comparing a block with the main text; fast on megabytes."""
    return NOT_LETTERS.sub("", unicodedata.normalize("NFD", text).lower())


def _anchors(whole: list[Block], main: str, title: str) -> set[int]:
    """Blocks that stand in the main text, in order; else those that look like prose."""
    letters = _letters(main)
    lines = {key for line in main.split("\n") if len(key := _letters(line)) >= ANCHOR_LINE}
    found: set[int] = set()
    at = 0
    for index, block in enumerate(whole):
        key = _letters(block.text)
        place = -1
        if len(key) >= ANCHOR_PART:
            place = letters.find(key, max(0, at - ANCHOR_WINDOW), at + ANCHOR_WINDOW + len(key))
            at = max(at, place)
        if key != title and (place >= 0 or (key in lines and not block.furniture)):
            found.add(index)
    return found or {i for i, block in enumerate(whole) if _is_prose(block) and not block.furniture}


def _is_prose(block: Block) -> bool:
    return len(block.text) >= PROSE_LENGTH and block.link_share < PROSE_LINKS


def _article(whole: list[Block], anchors: set[int], title: str) -> tuple[list[Block], Byline]:
    """The article's blocks, and its byline, which is not among them."""
    first = min(anchors, default=len(whole))
    titled = (i for i in range(min(first + 1, len(whole))) if _letters(whole[i].text) == title)
    start = max(titled, default=0)
    byline = Byline()
    kept = []
    for index, block in enumerate(whole):
        near = start <= index <= max(start, first) + BYLINE_BLOCKS
        found = None if block.furniture and index not in anchors else _byline(block, near)
        if found:
            byline = merge_bylines(byline, found)
        elif _letters(block.text) != title:
            kept.append(index)
    chosen = _chosen(whole, anchors, start)
    content = [whole[index] for index in kept if index in chosen]
    return _without_empty_headings(_without_related(content)), byline


def _byline(block: Block, near: bool) -> Byline | None:
    """Far from the title a date or a name alone is text."""
    found = read_byline(block.text)
    if found is None or near:
        return found
    return found if found.author and (found.published or found.modified) else None


def _chosen(whole: list[Block], anchors: set[int], start: int) -> set[int]:
    """Anchors, what stands among them in the body, standfirsts, and the end of the last list."""
    if not anchors:
        return {index for index, block in enumerate(whole) if not block.furniture}
    body = _body(whole, anchors)
    inside = [index for index in anchors if body in whole[index].parents]
    path = whole[inside[0]].parents
    around = frozenset(path[: path.index(body) + 1])
    first, last = min(inside), max(inside)
    chosen = {i for i in anchors if i < last or i in inside or _is_prose(whole[i])}
    for index in range(start, len(whole)):
        block = whole[index]
        if block.furniture - around or not _is_text(block):
            continue
        within = body in block.parents
        if index < first:
            wanted = block.form != "paragraph" or len(block.text) >= STANDFIRST_LENGTH
        elif index <= last:
            wanted = within
        else:
            follows = block.container == whole[last].container or block.form == "heading"
            wanted = follows or (within and _is_prose(block))
        if wanted:
            chosen.add(index)
    # A heading of furniture ("S’inscrire") stays if it has text under it.
    return {i for i in chosen if whole[i].form == "heading" or not is_chrome(whole[i].text)}


def _body(whole: list[Block], anchors: set[int]) -> int:
    """The innermost element around most of the anchors' text."""
    held: Counter[int] = Counter()
    depth: dict[int, int] = {}
    for index in anchors:
        for level, parent in enumerate(whole[index].parents):
            held[parent] += len(whole[index].text)
            depth[parent] = level
    most = max(held.values())
    around = [parent for parent, length in held.items() if length >= BODY_SHARE * most]
    return max(around, key=lambda parent: depth[parent])


def _is_text(block: Block) -> bool:
    return block.form == "table" or block.link_share <= MOST_LINKS


def _without_related(content: list[Block]) -> list[Block]:
    """Without "Lire aussi" and the titles under it, up to a heading or a paragraph of prose."""
    kept: list[Block] = []
    related = False
    for block in content:
        goes_on = related and block.form != "heading" and not _is_prose(block)
        related = heads_related(block.text) or goes_on
        if not related:
            kept.append(block)
    return kept


def _without_empty_headings(content: list[Block]) -> list[Block]:
    kept: list[Block] = []
    for block in reversed(content):
        empty = not kept or (kept[-1].form == "heading" and kept[-1].level <= block.level)
        if block.form != "heading" or not empty:
            kept.append(block)
    return kept[::-1]
