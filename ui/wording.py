"""Dates, places and kinds as a reader of each language writes them."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from urllib.parse import urlsplit

from babel.dates import format_date

from vigie.assistant.facets.conditions import Facet
from vigie.index.hits import Twin
from vigie.ingest.documents import Kind, Place
from vigie.ingest.messages import message


class Dated(Protocol):
    """What is told of a source beside its title: a citation or a hit."""

    @property
    def kind(self) -> Kind: ...
    @property
    def publisher(self) -> str | None: ...
    @property
    def published(self) -> date | None: ...
    @property
    def modified(self) -> date | None: ...
    @property
    def place(self) -> Place | None: ...


def day(value: date, language: str) -> str:
    """A date in full: "1er mars 2021", "March 1, 2021"."""
    text = format_date(value, format="long", locale=language)
    return f"1er {text.removeprefix('1 ')}" if language == "fr" and value.day == 1 else text


def place_words(place: Place, language: str) -> str:
    """Where in the document: "page 3", "diapositive 7", "à 00:12:05"."""
    return message(f"source.{place.kind}", language, label=place.label)


def dateline(source: Dated, language: str) -> str:
    """Publisher, kind, dates and place of a source on one line, unknown ones left out."""
    parts = [source.publisher, message(f"source.kind_{source.kind}", language)]
    if source.published:
        parts.append(day(source.published, language))
    if source.modified and source.modified != source.published:
        parts.append(message("source.modified", language, day=day(source.modified, language)))
    if source.place:
        parts.append(place_words(source.place, language))
    return " · ".join(part for part in parts if part)


def facet_words(facet: Facet, language: str) -> str:
    """What a facet does: "Rapports seulement", "Les plus récents en priorité"."""
    label = facet.label(language)
    return message(f"facets.said_{facet.effect}", language, label=label)


def also_words(also: Sequence[Twin], language: str) -> str:
    """Who else published a source, and when: "aussi publié par …"; "" for nobody."""
    listed = " ; ".join(dict.fromkeys(also_place(twin, language) for twin in also))
    return message("source.also", language, places=listed) if listed else ""


def also_place(twin: Twin, language: str) -> str:
    """One of them: its publisher, else its site, else its title, and the date if there is one.

    A copy has the same publisher and title: it is told by its site or its place.
    """
    site = urlsplit(twin.url or "").hostname
    name = site or twin.location if twin.location else twin.publisher or site or twin.title
    if twin.published is None:
        return name
    return message("source.also_dated", language, name=name, day=day(twin.published, language))


def one_line(quote: str) -> str:
    """A quoted passage on one line; the fields of a record, a list item each, are told apart."""
    lines = [line.strip() for line in quote.splitlines() if line.strip()]
    items = all(line.startswith("- ") for line in lines)
    parts = [line.removeprefix("- ") for line in lines] if items else lines
    return " ".join((" ; " if items else " ").join(parts).split())
