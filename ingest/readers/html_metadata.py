"""What a page says of itself to machines: JSON-LD first, then `<meta>` and `<link>`."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from vigie.ingest.cleaning import one_line
from vigie.ingest.folding import fold
from vigie.ingest.metadata import bare_title, clean_author, parse_date

JSON_LD = re.compile(
    r"<script\b[^<>]*application/ld\+json[^<>]*>(?P<json>.*?)</script\s*>", re.I | re.S
)
# Graphs of whole shops run to megabytes; an article's has a few kilobytes.
JSON_LD_LENGTH = 200_000
JSON_LD_NODES = 1_000
ARTICLES = re.compile(r"Article|BlogPosting|Report|NewsItem|LiveBlog|Event|Course|HowTo", re.I)
SITES = ("WebSite", "Organization", "NewsMediaOrganization", "NGO", "GovernmentOrganization")
TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title")
AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author")
PUBLISHED = tuple(
    "article:published_time datepublished og:published_time date dc.date dcterms.date"
    " dc.date.issued dcterms.created dcterms.issued parsely-pub-date citation_publication_date"
    " pubdate".split()
)
MODIFIED = tuple(
    "article:modified_time datemodified og:updated_time dcterms.modified last-modified".split()
)
# A heading of fewer letters may be a part of any title.
HEADING_LETTERS = 8


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """None where the page does not say; `site` is a name, `host` a part of the address."""

    title: str | None = None
    site: str | None = None
    host: str | None = None
    author: str | None = None
    published: date | None = None
    modified: date | None = None
    url: str | None = None
    language: str | None = None


def page_metadata(source: str, tree: HtmlElement) -> PageMetadata:
    """`source` is the page with its scripts, which `tree` no longer has."""
    graph = list(_graph(source))
    article = next((node for node in graph if _is_a(node, ARTICLES)), {})
    metas = _metas(tree)
    url = _url(tree, metas, article)
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    stated = _first(metas, TITLES) or _text(article.get("headline")) or _text(article.get("name"))
    site = _site(metas, article, graph, stated)
    return PageMetadata(
        title=_title(stated, tree, site, host),
        site=site,
        host=host or None,
        author=_author(article, metas),
        published=_date(article.get("datePublished"), metas, PUBLISHED),
        modified=_date(article.get("dateModified"), metas, MODIFIED),
        url=url,
        language=_language(tree, metas, article),
    )


def _graph(source: str) -> Iterator[dict[str, object]]:
    """Objects of all JSON-LD scripts, nested graphs and lists opened; invalid scripts left out."""
    waiting: list[object] = []
    for script in JSON_LD.finditer(source):
        if len(script["json"]) <= JSON_LD_LENGTH:
            try:
                waiting.append(json.loads(script["json"], strict=False))
            except (ValueError, RecursionError):
                continue
    seen = 0
    while waiting and seen < JSON_LD_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting[:0] = node
        elif isinstance(node, dict):
            yield node
            waiting += [node[key] for key in ("@graph", "mainEntity") if key in node]


def _is_a(node: dict[str, object], kinds: re.Pattern[str]) -> bool:
    return bool(kinds.search(str(node.get("@type", ""))))


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Contents by lower-case name, property or itemprop; the first of each counts."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta", "time"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = one_line(meta.get("content") or meta.get("datetime") or "")
        if name and content:
            found.setdefault(name.lower().strip(), content)
    return found


def _first(metas: dict[str, str], names: Sequence[str]) -> str | None:
    return next((metas[name] for name in names if name in metas), None)


def _text(value: object) -> str | None:
    """A string, or the name of an object or of each in a list; addresses are no names."""
    if isinstance(value, dict):
        return _text(value.get("name"))
    if isinstance(value, list):
        names = [name for item in value[:10] if (name := _text(item))]
        return ", ".join(dict.fromkeys(names)) or None
    if not isinstance(value, str) or value.startswith(("http:", "https:")):
        return None
    return one_line(value) or None


def _url(tree: HtmlElement, metas: dict[str, str], article: dict[str, object]) -> str | None:
    links = tree.iter("link")
    canonical = next((x.get("href") for x in links if x.get("rel") == "canonical"), None)
    for url in (canonical, metas.get("og:url"), article.get("url"), article.get("@id")):
        if isinstance(url, str) and url.strip().startswith(("http://", "https://")):
            return url.strip().partition("#")[0]
    return None


def _site(
    metas: dict[str, str],
    article: dict[str, object],
    graph: list[dict[str, object]],
    title: str | None,
) -> str | None:
    publisher = article.get("publisher")
    if isinstance(publisher, dict) and "name" not in publisher:
        key = publisher.get("@id")
        publisher = next(
            (node for node in graph if node.get("@id") == key and "name" in node), None
        )
    name = metas.get("og:site_name") or metas.get("application-name") or _text(publisher)
    if name is None:
        named = (node for node in graph if str(node.get("@type")) in SITES)
        name = next((text for node in named if (text := _text(node.get("name")))), None)
    if name and title and name.startswith(bare_title(title)) and " | " in name:
        # Some sites fill this field with the page's title, their own name last.
        name = name.rpartition(" | ")[2]
    return name.strip(" /") or None if name else None


def _title(stated: str | None, tree: HtmlElement, site: str | None, host: str) -> str | None:
    """The heading that the stated title holds, for its typography; else what is stated."""
    headings = [one_line(heading.text_content()) for heading in tree.iter("h1")]
    headings = [heading for heading in headings if heading]
    element = tree.find(".//title")
    tab = one_line(element.text_content()) if element is not None else ""
    whole = stated or tab
    for heading in headings:
        key = _letters(heading)
        if (
            HEADING_LETTERS <= len(key)
            and key in _letters(whole)
            and key not in _letters(site or "")
        ):
            return heading
    if stated:
        return bare_title(stated, site, host)
    return headings[0] if len(headings) == 1 else bare_title(tab, site, host) or None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _author(article: dict[str, object], metas: dict[str, str]) -> str | None:
    name = _text(article.get("author")) or _text(_first(metas, AUTHORS))
    return clean_author(name) if name else None


def _date(stated: object, metas: dict[str, str], names: Sequence[str]) -> date | None:
    for value in (stated, _first(metas, names)):
        if isinstance(value, str) and (found := parse_date(value)):
            return found
    return None


def _language(tree: HtmlElement, metas: dict[str, str], article: dict[str, object]) -> str | None:
    for value in (tree.get("lang"), article.get("inLanguage"), metas.get("og:locale")):
        code = re.match(r"[a-z]{2}(?=$|[-_])", str(value or "").strip().lower())
        if code:
            return code[0]
    return None
