"""Conditions on documents that a question can set: kind, publisher, dates, territory, recency."""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from vigie.assistant.wording import day
from vigie.index.hits import Filters, Hit
from vigie.ingest.documents import Kind
from vigie.ingest.folding import fold
from vigie.ingest.messages import message
from vigie.ingest.territories import Level, Territory, applies, mentions, names, scope

# Days after which a document counts half as recent: news of a year ago is seldom the latest, and
# of two documents of the same month neither is.
RECENT_DAYS = 365
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class Condition(Protocol):
    """Something that a hit meets or not; `id` stays the same from one question to the next."""

    @property
    def id(self) -> str: ...
    def label(self, language: str) -> str: ...
    def narrowed(self, filters: Filters) -> Filters:
        """Filters with this condition, as far as the index can check it."""
        ...

    def meets(self, hit: Hit) -> float:
        """From 0 (not at all) to 1."""
        ...


@dataclass(frozen=True, slots=True)
class OfKind:
    """Documents of one kind."""

    kind: Kind

    @property
    def id(self) -> str:
        return f"kind:{self.kind}"

    def label(self, language: str) -> str:
        """ "Rapports"."""
        return message(f"facets.kind_{self.kind}", language)

    def narrowed(self, filters: Filters) -> Filters:
        return replace(filters, kinds=(self.kind,))

    def meets(self, hit: Hit) -> float:
        return float(hit.kind is self.kind)


@dataclass(frozen=True, slots=True)
class ByPublisher:
    """Documents of one publisher, under the names that the catalogue has for it."""

    names: tuple[str, ...]

    @property
    def id(self) -> str:
        return "publisher:" + "-".join(re.findall(r"\w+", fold(self.names[0])))

    def label(self, language: str) -> str:
        """ "Publié par Observatoire Estran"."""
        return message("facets.publisher", language, name=self.names[0])

    def narrowed(self, filters: Filters) -> Filters:
        return replace(filters, publishers=self.names)

    def meets(self, hit: Hit) -> float:
        return float(hit.publisher in self.names)


@dataclass(frozen=True, slots=True)
class InPeriod:
    """Documents of a period, both days included; None leaves a side open.

    `strictly` asks for the day of publication; else a document whose title names a year of the
    period is of it too: a report on 2020 comes out in 2021.
    """

    start: date | None
    end: date | None
    strictly: bool = False

    @property
    def id(self) -> str:
        return f"date:{self.start or ''}..{self.end or ''}"

    def label(self, language: str) -> str:
        """ "2020", "Depuis le 1er mars 2024", "Du 1er au …"."""
        start, end = self.start, self.end
        if start and end:
            if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
                years = (start.year, end.year)
                key = "year" if start.year == end.year else "years"
                return message(f"facets.{key}", language, start=years[0], end=years[1])
            key = "between" if start != end else "on"
        else:
            key = "since" if start else "until"
        said = {side: day(value, language) for side, value in self._sides() if value}
        return message(f"facets.{key}", language, **said)

    def _sides(self) -> tuple[tuple[str, date | None], ...]:
        return ("start", self.start), ("end", self.end)

    def narrowed(self, filters: Filters) -> Filters:
        if not self.strictly:
            return filters
        return replace(filters, published_from=self.start, published_to=self.end)

    def meets(self, hit: Hit) -> float:
        if hit.published and self._holds(hit.published):
            return 1.0
        if self.strictly:
            return 0.0
        return float(any(self._names(int(year)) for year in YEAR.findall(hit.title)))

    def _holds(self, when: date) -> bool:
        return (self.start or when) <= when <= (self.end or when)

    def _names(self, year: int) -> bool:
        first, last = self.start and self.start.year, self.end and self.end.year
        return (first or year) <= year <= (last or year)


@dataclass(frozen=True, slots=True)
class InTerritory:
    """Documents that name a territory, one around it or one within it; national programmes too."""

    territory: Territory

    @property
    def id(self) -> str:
        return f"territory:{self.territory.code}"

    def label(self, language: str) -> str:
        """ "Territoire : Bretagne"."""
        return message("facets.territory", language, name=self.territory.name)

    def narrowed(self, filters: Filters) -> Filters:
        return filters

    def meets(self, hit: Hit) -> float:
        text = f"{hit.title}\n{hit.text}"
        if _around(self.territory).search(fold(text)) and any(
            applies(mention.territory, self.territory) for mention in mentions(text)
        ):
            return 1.0
        national = hit.kind is Kind.PROGRAMME and any(
            place.level is Level.NATION for place in scope(hit.text)
        )
        return float(national)


@lru_cache(maxsize=64)
def _around(territory: Territory) -> re.Pattern[str]:
    """Names under which something may concern a territory: telling them takes much longer."""
    near = [name for name, other in names().items() if applies(other, territory)]
    return re.compile("|".join(re.sub(r"[ -]", "[ -]", name) for name in near))


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest documents first; an undated one is never new."""

    today: date

    @property
    def id(self) -> str:
        return "recent"

    def label(self, language: str) -> str:
        """ "Les plus récents"."""
        return message("facets.recent", language)

    def narrowed(self, filters: Filters) -> Filters:
        return filters

    def meets(self, hit: Hit) -> float:
        dates = [when for when in (hit.published, hit.modified) if when]
        if not dates:
            return 0.0
        return float(0.5 ** (max(0, (self.today - max(dates)).days) / RECENT_DAYS))


class Effect(StrEnum):
    """What a facet does: leave out what does not meet it, or raise what does."""

    FILTER = "filter"
    BOOST = "boost"


@dataclass(frozen=True, slots=True)
class Facet:
    """A condition found in a question, shown to whoever asked, who may refuse it by its `id`."""

    condition: Condition
    effect: Effect

    @property
    def id(self) -> str:
        return self.condition.id

    def label(self, language: str) -> str:
        """What it is about, for a chip."""
        return self.condition.label(language)
