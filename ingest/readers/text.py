"""Plain text, and web pages saved as plain text with their navigation around the article."""

import re
from collections import Counter
from dataclasses import dataclass, field

from vigie.ingest.cleaning import BLANK_LINES, clean, heads_related, is_chrome
from vigie.ingest.decoding import decode
from vigie.ingest.metadata import Byline, bare_title, guess_language, merge_bylines, read_byline
from vigie.ingest.readers.reading import Reading

# The longest menus leave room for the byline above this line; further down it is a quotation.
TOP_LINES = 100
# Prose: a line this long that ends a sentence. Titles and menu entries are shorter or do neither.
PROSE_LENGTH = 100
TITLE_LENGTH = 200
HEADING_LENGTH = 80
# "Par", a name, "-", "Publié le …", "-", an hour, "-", "Mise à jour le …", "-", an hour.
BYLINE_PIECES = 12
BYLINE_START = re.compile(r"(?:par|by|publié|mise? à jour|published)\b", re.I)
# Two lines of page furniture make a saved page; one may be a word of the text ("Accueil").
SAVED_CHROME = 2
# Menu entries above a title have few words; a longer line may be a standfirst.
MENU_WORDS = 6

SENTENCE_END = re.compile(r"[.!?…»\"”)](?:\[\d+\])?$")
HEADING_LIKE = re.compile(r"[«“]?\s?[A-ZÀ-ÖØ-Þ0-9].*[^\s.,;:!…»\"”)|/]")
NOT_HEADING = re.compile(r"\d[\d .]{7,}|\b\d{5} [A-Z]|@|https?:|www\.|^\d+$|^(?:[-*•|#>]|\d+[.)])")
COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s©]*(?:(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)\d\d)?)?[\s,–-]*"
    r"(?P<name>[A-ZÀ-ÖØ-Þ][^.|•©]{1,60}?)?[\s.,|–-]*"
    r"(?P<rights>tous droits réservés|all rights reserved)?\W*",
    re.I,
)
ADDRESS = re.compile(r"(?:source|url|lien|adresse)?\s?:?\s?(?P<url>https?://\S+)", re.I)


def read(data: bytes, name: str) -> Reading:
    """Everything but page furniture, title and byline stays word for word; `name` says nothing."""
    lines = clean(decode(data)).split("\n")
    page = _Page(lines)
    _read_byline(page)
    page.saved = page.byline is not None or sum(map(is_chrome, lines)) >= SAVED_CHROME
    _read_footer(page)
    _read_title(page)
    _drop_chrome(page)
    text = "\n".join(_with_headings(page.kept()))
    text = BLANK_LINES.sub("\n\n", text).strip()
    byline = page.byline or Byline()
    return Reading(
        text=text,
        title=page.title,
        publisher=page.publisher or byline.publisher,
        author=byline.author,
        published=byline.published,
        modified=byline.modified,
        language=guess_language(text),
        url=page.url,
    )


@dataclass(slots=True)
class _Page:
    """Lines of a text, which of them are not its body, and what they said."""

    lines: list[str]
    dropped: set[int] = field(default_factory=set)
    saved: bool = False
    byline: Byline | None = None
    byline_at: int | None = None
    title: str | None = None
    publisher: str | None = None
    url: str | None = None

    def kept(self) -> list[str]:
        return [line for at, line in enumerate(self.lines) if at not in self.dropped]

    def first_prose(self) -> int:
        return next((at for at, line in enumerate(self.lines) if is_prose(line)), len(self.lines))


def is_prose(line: str) -> bool:
    """True for a line that can only be a paragraph."""
    return len(line) >= PROSE_LENGTH and bool(SENTENCE_END.search(line))


def _read_byline(page: _Page) -> None:
    """The first byline, and those right under it: sites put author and dates on separate lines."""
    prose = page.first_prose()
    for at, line in enumerate(page.lines[:TOP_LINES]):
        if not line or at in page.dropped:
            continue
        found, last = _byline_from(page.lines, at)
        if found is None:
            if page.byline_at is not None:
                return
            continue
        dated = found.published is not None or found.modified is not None
        if at > prose and (found.bare or not dated):
            return
        page.byline = merge_bylines(page.byline, found)
        page.byline_at = at if page.byline_at is None else page.byline_at
        page.dropped |= set(range(at, last + 1))


def _byline_from(lines: list[str], at: int) -> tuple[Byline | None, int]:
    """The byline that begins at a line, in pieces when it was saved with a break at each mark."""
    if BYLINE_START.match(lines[at]):
        for last in range(min(at + BYLINE_PIECES, len(lines) - 1), at, -1):
            found = read_byline(" ".join(lines[at : last + 1])) if lines[last] else None
            if found and found.author and (found.published or found.modified):
                return found, last
    return read_byline(lines[at]), at


def _read_title(page: _Page) -> None:
    """In a saved page the title stands above the byline, often twice; elsewhere it comes first.

    What a saved page has above its title is menu; a plain text keeps its first line.
    """
    if not page.saved:
        first = next((line for line in page.lines if line), "")
        page.title = first if _may_be_title(first) else None
        return
    end = page.byline_at if page.byline_at is not None else page.first_prose()
    lines = {at: line for at, line in enumerate(page.lines[:end]) if _may_be_title(line)}
    titles = {at: bare_title(line.lstrip("# "), page.publisher) for at, line in lines.items()}
    if titles:
        chosen = _choose_title(titles, page)
        page.title = titles[chosen]
        again = {at for at, title in titles.items() if title == page.title}
        menu = {at for at in range(max(again)) if len(page.lines[at].split()) <= MENU_WORDS}
        page.dropped |= again | menu


def _may_be_title(line: str) -> bool:
    return (
        0 < len(line) <= TITLE_LENGTH
        and not line.endswith((".", ",", ";"))
        and not is_chrome(line)
        and read_byline(line) is None
    )


def _choose_title(titles: dict[int, str], page: _Page) -> int:
    """Of the last block above the byline: a line that stands twice, then one longer than a menu's.

    Without a byline all lines above the first prose are one block.
    """
    block = list(titles)
    if page.byline_at is not None:
        blanks = [at for at in range(max(titles)) if not page.lines[at]]
        block = [at for at in titles if at > max(blanks, default=-1)]
    times = Counter(titles.values())
    several = [at for at in block if times[titles[at]] > 1] or block
    return next((at for at in several if len(titles[at].split()) > MENU_WORDS), several[0])


def _drop_chrome(page: _Page) -> None:
    if not page.saved:
        return
    related = False
    for at, line in enumerate(page.lines):
        heads = heads_related(line)
        related = heads or (related and bool(line) and not line.endswith((".", "…")))
        if related or is_chrome(line):
            page.dropped.add(at)


def _read_footer(page: _Page) -> None:
    """The site's name after ©, and an address alone on a line."""
    for at, line in enumerate(page.lines):
        if len(line) > TITLE_LENGTH:
            continue
        address = ADDRESS.fullmatch(line)
        if address and page.url is None and (at < TOP_LINES or at > len(page.lines) - TOP_LINES):
            page.url = address["url"]
            page.dropped.add(at)
        rights = COPYRIGHT.fullmatch(line)
        if rights and rights["name"] and (rights["rights"] or re.search(r"\d{4}", line)):
            page.publisher = rights["name"].strip()


def _with_headings(lines: list[str]) -> list[str]:
    """A short line alone between paragraphs, with no mark at its end, becomes a `## ` heading."""
    filled = [at for at, line in enumerate(lines) if line]
    found = list(lines)
    for before, at, after in zip(filled, filled[1:], filled[2:], strict=False):
        apart = at - before > 1 and after - at > 1
        prose = is_prose(lines[before]) and is_prose(lines[after])
        ended = bool(SENTENCE_END.search(lines[before]))
        if _is_heading_like(lines[at]) and (prose or (apart and ended and is_prose(lines[after]))):
            found[at] = f"## {lines[at]}"
    return found


def _is_heading_like(line: str) -> bool:
    return (
        len(line) <= HEADING_LENGTH
        and bool(HEADING_LIKE.fullmatch(line))
        and not NOT_HEADING.search(line)
        and read_byline(line) is None
    )
