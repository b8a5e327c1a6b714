"""Render the Markdown articles of the sample corpus as web pages and saved page texts.

Each site of `templates/sites.yaml` names the template its pages are drawn with; an article
whose front matter says `format: txt` is written as the text of a page copied from a browser.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

HERE = Path(__file__).parent
SOURCES = HERE / "articles"
TEMPLATES = HERE / "templates"
TARGET = HERE.parent / "corpus" / "articles"
PARIS = ZoneInfo("Europe/Paris")
WORDS_PER_MINUTE = 220
RELATED = 5
NBSP = "\u00a0"
MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche"


@dataclass(frozen=True, slots=True)
class Site:
    template: str
    publisher: str
    tagline: str
    city: str
    nav: tuple[str, ...]
    extra_titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """`published` and `modified` are Paris times; `format` is html or txt."""

    slug: str
    site: str
    theme: str
    title: str
    summary: str
    author: str
    published: datetime
    modified: datetime | None
    url: str
    format: str
    body: str


def read_sites() -> dict[str, Site]:
    """The sites by the key that the articles use."""
    raw = yaml.safe_load((TEMPLATES / "sites.yaml").read_text(encoding="utf-8"))
    return {
        key: Site(
            template=site["template"],
            publisher=site["publisher"],
            tagline=site["tagline"],
            city=site["city"],
            nav=tuple(site["nav"]),
            extra_titles=tuple(site["extra_titles"]),
        )
        for key, site in raw.items()
    }


def read_article(path: Path) -> Article:
    """One article; its file must bear the name of its slug."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta = yaml.safe_load(front)
    if meta["slug"] != path.stem or meta["audience"] != "public":
        raise ValueError(f"{path.name}: unexpected slug or audience")
    modified = meta.get("modified")
    return Article(
        slug=meta["slug"],
        site=meta["site"],
        theme=meta["theme"],
        title=meta["title"],
        summary=meta["summary"],
        author=meta["author"],
        published=local_time(meta["published"]),
        modified=local_time(modified) if modified else None,
        url=meta["url"],
        format=meta.get("format", "html"),
        body=body.strip(),
    )


def local_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)


def long_date(moment: datetime) -> str:
    """17 mars 2021; the first of a month is 1er."""
    day = "1er" if moment.day == 1 else str(moment.day)
    return f"{day} {MONTHS.split()[moment.month - 1]} {moment.year}"


def weekday_date(moment: datetime) -> str:
    return f"{DAYS.split()[moment.weekday()]} {long_date(moment)}"


def short_date(moment: datetime) -> str:
    return moment.strftime("%d/%m/%Y")


def clock(moment: datetime) -> str:
    return moment.strftime("%H:%M")


def slug(text: str) -> str:
    """An address part: lower case, no accents, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def typeset(text: str) -> str:
    """Non-breaking spaces in French quotes, before double punctuation and inside amounts."""
    text = text.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")
    text = re.sub(r" ([;:!?])", rf"{NBSP}\1", text)
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", NBSP, text)
    return re.sub(r"(?<=\d) (?=(?:M€|€|%))", NBSP, text)


def plain_text(markdown: str) -> str:
    """The words as a browser copies them: no marks, one blank line between blocks."""
    lines = []
    for line in markdown.splitlines():
        line = re.sub(r"^(#+ |> |- )", "", line)
        lines.append(re.sub(r"\*+([^*]+)\*+", r"\1", line))
    return "\n".join(lines)


def related_titles(article: Article, articles: list[Article], site: Site) -> list[str]:
    """Earlier titles of the same site first, then titles that belong to no article."""
    earlier = [
        other.title
        for other in sorted(articles, key=lambda other: other.published, reverse=True)
        if other.site == article.site and other.published < article.published
    ]
    return [*earlier[:2], *site.extra_titles][:RELATED]


def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    env.filters |= {
        "long_date": long_date,
        "weekday_date": weekday_date,
        "short_date": short_date,
        "clock": clock,
        "iso": datetime.isoformat,
        "slug": slug,
    }
    return env


def render(env: Environment, article: Article, articles: list[Article], site: Site) -> str:
    """The page, or the saved text, of one article."""
    # Visitor and comment counts only need to look arbitrary and stay the same at each build.
    number = zlib.crc32(article.slug.encode())
    parts = urlsplit(article.url)
    saved = article.format == "txt"
    html = MarkdownIt("commonmark").enable("table").render(article.body)
    return env.get_template("saved.txt.j2" if saved else site.template).render(
        article=article,
        site=site,
        body=plain_text(article.body) if saved else Markup(typeset(html)),
        related=related_titles(article, articles, site),
        minutes=max(1, round(len(article.body.split()) / WORDS_PER_MINUTE)),
        comments=2 + number % 17,
        number=1000 + number % 9000,
        home=f"{parts.scheme}://{parts.netloc}/",
        host=parts.netloc,
    )


def build() -> Iterator[Path]:
    """Write every article and yield the files, in the order of their slugs."""
    sites, env = read_sites(), environment()
    articles = [read_article(path) for path in sorted(SOURCES.glob("*.md"))]
    TARGET.mkdir(parents=True, exist_ok=True)
    for article in articles:
        target = TARGET / f"{article.slug}.{article.format}"
        page = render(env, article, articles, sites[article.site])
        target.write_text(page, encoding="utf-8", newline="\n")
        yield target


if __name__ == "__main__":
    for written in build():
        print(written.relative_to(TARGET.parent))
