"""Templates and what they show: text only, escaped by the engine, never marked safe."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from vigie.assistant.answers import Answer, Citation
from vigie.index.hits import Hit, Twin
from vigie.ingest.documents import Document
from vigie.ingest.messages import LANGUAGES, message
from vigie.ui.identity.who import WrongKey
from vigie.ui.links import external_url, source_url
from vigie.ui.marks import blocks
from vigie.ui.problems import Problem
from vigie.ui.state import identity_of, vigie_of
from vigie.ui.wording import (
    also_place,
    also_words,
    dateline,
    day,
    facet_words,
    one_line,
    place_words,
)

MARKER = re.compile(r"\[(\d{1,3})\]")

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(str(files("vigie.ui"))) / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Run:
    """Part of an answer's text, or a marker when `number` is not 0."""

    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A citation or a hit as a page shows it; `number` is 0 for a hit."""

    number: int
    title: str
    details: str
    quote: str
    href: str
    original: str | None

    @property
    def host(self) -> str:
        """Site of the original, empty when it is not on the web."""
        return urlsplit(self.original or "").hostname or ""


def page_language(request: Request, asked: str | None) -> str:
    """The language asked for in the address, else the configured one."""
    return asked if asked in LANGUAGES else vigie_of(request).settings.language


def page(
    request: Request, template: str, language: str, status: int = 200, **values: object
) -> HTMLResponse:
    """A page with what all pages share."""
    default = vigie_of(request).settings.language
    other = next(each for each in LANGUAGES if each != language)

    def here(path: str, **query: str) -> str:
        kept = query | ({"lang": language} if language != default else {})
        return f"{path}?{urlencode(kept)}" if kept else path

    try:
        identity: object = identity_of(request)
    except WrongKey:
        identity = None
    shared = {
        "language": language,
        "t": partial(_text, language),
        "here": here,
        "identity": identity,
        "other_language": other,
        "other_language_url": f"?{request.url.include_query_params(lang=other).query}",
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(shared | values), status)


def error_page(request: Request, problem: Problem, language: str) -> HTMLResponse:
    """The same words as the problem object, for a reader."""
    return page(request, "error.html", language, problem.status, detail=problem.detail)


def answered(answer: Answer, language: str) -> dict[str, Any]:
    """What the home page shows of an answer; leads only when it abstains."""
    numbers = {citation.number for citation in answer.citations}
    return {
        "answer_blocks": blocks(answer.text),
        "cited": partial(runs, numbers=numbers),
        "confidence": message(f"page.confidence_{answer.confidence}", language),
        "sources": [_source(citation, language) for citation in answer.citations],
        "leads": [_source(hit, language) for hit in answer.consulted] if answer.abstained else [],
    }


def chips(answer: Answer, refused: Sequence[str], language: str) -> list[tuple[str, str]]:
    """Words and address of each facet of the answer; the address asks again without it."""
    return [
        (
            facet_words(facet, language),
            "/?"
            + urlencode(
                {"q": answer.question, "without": [*refused, facet.id], "lang": language},
                doseq=True,
            ),
        )
        for facet in answer.facets
    ]


def runs(text: str, numbers: set[int]) -> Iterator[Run]:
    """Text cut at its markers; a bracketed number that cites nothing stays text."""
    last = 0
    for found in MARKER.finditer(text):
        if int(found[1]) in numbers:
            yield Run(text[last : found.start()])
            yield Run(found[0], int(found[1]))
            last = found.end()
    yield Run(text[last:])


def about(document: Document, start: int | None, language: str) -> list[tuple[str, str]]:
    """Names and values of what a reader should know of a source, the unknown left out."""
    place = document.place_at(start) if start is not None else None
    rows = (
        ("page.source_publisher", document.publisher),
        ("page.source_author", document.author),
        ("page.source_published", document.published and day(document.published, language)),
        ("page.source_modified", document.modified and day(document.modified, language)),
        ("page.source_kind", message(f"source.kind_{document.kind}", language)),
        ("page.source_place", place and place_words(place, language)),
    )
    return [(message(key, language), value) for key, value in rows if value]


def elsewhere(twins: Sequence[Twin], language: str) -> list[tuple[str, str]]:
    """Words and address of each other place that published a document."""
    return [
        (also_place(twin, language), external_url(twin.url) or f"/sources/{twin.document_id}")
        for twin in twins
    ]


def _source(cited: Citation | Hit, language: str) -> Source:
    also = also_words(cited.also, language) if isinstance(cited, Citation) else ""
    return Source(
        cited.number if isinstance(cited, Citation) else 0,
        cited.title,
        " · ".join(filter(None, (dateline(cited, language), also))),
        one_line(cited.quote if isinstance(cited, Citation) else cited.text),
        source_url(cited, language=language),
        external_url(cited.url),
    )


def _text(language: str, key: str, **values: object) -> str:
    return message(key, language, **values)
