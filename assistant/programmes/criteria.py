"""The conditions of a list of programmes, told in words and refused one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from vigie.assistant.facets.conditions import Condition, Effect, Facet, InTerritory, OfKind
from vigie.assistant.programmes.dates import Event, Window
from vigie.assistant.programmes.filters import Wanted
from vigie.assistant.wording import day, text
from vigie.index.hits import Filters, Hit
from vigie.ingest.documents import Kind
from vigie.ingest.folding import fold

KIND = OfKind(Kind.PROGRAMME)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition on the fields of programmes: `words` tells it in a language."""

    id: str
    words: Callable[[str], str]

    def label(self, language: str) -> str:
        """ "Bénéficiaires : associations"."""
        said = self.words(language)
        return said[:1].upper() + said[1:]

    def narrowed(self, filters: Filters) -> Filters:
        """The index knows nothing of these fields."""
        return filters

    def meets(self, hit: Hit) -> float:
        """A list holds only what meets its conditions."""
        return 1.0


def facets(conditions: Wanted, today: date) -> tuple[Facet, ...]:
    """What makes the list what it is, each refused by its id: first of all that it lists."""
    applied: list[Condition] = [KIND]
    applied += [InTerritory(territory) for territory in conditions.territories]
    named = {item.id for item in applied}
    applied += [item for item in listed(conditions, today) if item.id not in named]
    return tuple(Facet(condition, Effect.FILTER) for condition in applied)


def without(conditions: Wanted, refused: frozenset[str]) -> Wanted:
    """Conditions less those refused."""
    if "subject" in refused:
        conditions = replace(conditions, subject=(), subject_words="")
    if refused & {"state", "window"}:
        conditions = replace(conditions, window=Window())
    return replace(
        conditions,
        territories=tuple(
            t for t in conditions.territories if f"territory:{t.code}" not in refused
        ),
        beneficiaries=tuple(
            name for name in conditions.beneficiaries if _id("beneficiary", name) not in refused
        ),
        funders=tuple(name for name in conditions.funders if _id("funder", name) not in refused),
    )


def told(conditions: Wanted, today: date, language: str) -> str:
    """The conditions in brackets, as a list announces them; nothing without any."""
    said = [item.words(language) for item in listed(conditions, today)]
    return text("criteria", language, list=text("separator", language).join(said)) if said else ""


def listed(conditions: Wanted, today: date) -> Iterator[Criterion]:
    """Each condition, the widest first."""
    for territory in conditions.territories:
        yield _named("territory", territory.name, f"territory:{territory.code}")
    for name in conditions.beneficiaries:
        yield _named("beneficiary", name, _id("beneficiary", name))
    for name in conditions.funders:
        yield _named("funder", name, _id("funder", name))
    if conditions.subject_words:
        yield _named("subject", conditions.subject_words, "subject")
    window = conditions.window
    if window.states:
        yield Criterion("state", partial(_state, window, today))
    if window.dated:
        yield Criterion("window", partial(_window, window))


def _id(field: str, name: str) -> str:
    return f"{field}:{'-'.join(fold(name).split())}"


def _named(field: str, value: str, id_: str) -> Criterion:
    def words(language: str) -> str:
        return text(f"criterion_{field}", language, value=value)

    return Criterion(id_, words)


def _state(window: Window, today: date, language: str) -> str:
    return text(f"criterion_{window.states[0].value}", language, day=day(today, language))


def _window(window: Window, language: str) -> str:
    verb = window.event.value
    start = day(window.start, language) if window.start else ""
    end = day(window.end, language) if window.end else ""
    if window.start == window.end and window.event is Event.OPEN:
        key = "criterion_open_on"
    elif start and end:
        key = f"criterion_{verb}_between"
    else:
        key = f"criterion_{verb}_{'from' if start else 'to'}"
    return text(key, language, start=start, end=end)
