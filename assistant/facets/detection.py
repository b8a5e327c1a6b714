"""The facets of a question, from its words alone.

A filter needs wording that leaves no doubt that a document is meant ("le rapport de 2020",
"l'article de la Gazette"); all else raises what meets it, and loses nothing.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from vigie.assistant.facets.conditions import (
    ByPublisher,
    Effect,
    Facet,
    InPeriod,
    InTerritory,
    Newest,
    OfKind,
)
from vigie.assistant.facets.periods import Period, periods
from vigie.assistant.facets.publishers import Named, named
from vigie.assistant.question_kinds import QuestionKind, kind_of
from vigie.ingest.documents import Kind
from vigie.ingest.folding import fold
from vigie.ingest.territories import mentions

Publishers = Callable[[], Sequence[str]]


def detected(asked: str, publishers: Publishers, today: date) -> tuple[Facet, ...]:
    """Facets in a stable order, each id once; `publishers` is read only when one may be named."""
    folded = fold(asked)
    said = list(periods(folded, today))
    by = list(_publishers(asked, publishers))
    # In the order in which filters are tried: what people call a document is the least sure.
    found = [
        *_published_by(folded, by),
        *_dated(folded, said),
        *_kinds(folded, said, by),
    ]
    # Any other question has the name among its words, where it finds what it finds: of 500 on an
    # encyclopaedia none gained, and each would have shown a territory that it did not ask for.
    if any(isinstance(facet.condition, OfKind) for facet in found):
        found += _territories(asked)
    if _recent(folded):
        found.append(Facet(Newest(today), Effect.BOOST))
    unique: dict[str, Facet] = {}
    for facet in found:
        known = unique.get(facet.id)
        if known is None or known.effect is Effect.BOOST:
            unique[facet.id] = facet
    return tuple(unique.values())


@cache
def _words() -> dict[str, dict[str, str]]:
    path = files("vigie.assistant") / "data" / "facets.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Nouns:
    """Patterns of the nouns of one kind: where they stand for documents (`meant`), just before a
    date or a publisher (`attached`, and `surely` those that mean nothing else), and just after a
    date ("the 2022 report")."""

    meant: re.Pattern[str]
    attached: re.Pattern[str]
    surely: re.Pattern[str]
    after: re.Pattern[str]


@cache
def _nouns() -> dict[Kind, Nouns]:
    return {Kind(name): _nouns_of(name) for name in _words()["plain"]}


def _nouns_of(kind: str) -> Nouns:
    data = _words()
    words = data["words"]
    plain, ambiguous = data["plain"][kind], data["ambiguous"][kind]
    recent = rf"(?:(?:{words['recent']}) )?"

    def before(nouns: str) -> re.Pattern[str]:
        return re.compile(
            rf"(?:^|\b(?:{words['definite']}|{words['cue']})){recent}(?:{nouns})\b"
            rf"{words['between']}(?: (?:{words['published']}))?"
            rf"(?: ?(?:par|by|de|du|des|d'|of|from)(?: l[ae]| les| l')?)? ?$"
        )

    meant = re.compile(
        rf"\b(?:{words['definite']}|{words['cue']}){recent}(?:{plain})\b"
        rf"|\b(?:{words['cue']})(?:{words['definite']})?{recent}(?:{ambiguous})\b"
    )
    both = f"{plain}|{ambiguous}"
    return Nouns(meant, before(both), before(plain), re.compile(rf" (?:annual )?(?:{both})\b"))


def _kinds(folded: str, said: Sequence[Period], by: Sequence[Named]) -> Iterator[Facet]:
    """A noun that may mean something else than its kind ("étude", "fiche") never leaves out."""
    if kind_of(folded) is QuestionKind.PROGRAMME:
        yield Facet(OfKind(Kind.PROGRAMME), Effect.BOOST)
    ends = [*(period.at for period in said), *(one.at for one in by)]
    for kind, nouns in _nouns().items():
        if any(nouns.surely.search(folded[:end]) for end in ends):
            yield Facet(OfKind(kind), Effect.FILTER)
        elif nouns.meant.search(folded) or any(nouns.attached.search(folded[:end]) for end in ends):
            yield Facet(OfKind(kind), Effect.BOOST)


def _attached(before: str) -> bool:
    """Whether documents of some kind are what the words after speak of."""
    return any(nouns.attached.search(before) for nouns in _nouns().values())


def _dated(folded: str, said: Sequence[Period]) -> Iterator[Facet]:
    """Only a period attached to documents or to their publication: others are of the content."""
    published = re.compile(rf"\b(?:{_words()['words']['published']})(?: \w+)? ?$")
    for period in said:
        before, after = folded[: period.at], folded[period.to :]
        strictly = published.search(before) is not None
        of_documents = _attached(before) or any(n.after.match(after) for n in _nouns().values())
        if strictly or of_documents:
            yield Facet(InPeriod(period.start, period.end, strictly), Effect.FILTER)


def _publishers(asked: str, publishers: Publishers) -> Iterator[Named]:
    """Publishers named where documents are attributed to them."""
    folded = fold(asked)
    if _attribution().search(folded):
        yield from named(asked, publishers())


@cache
def _attribution() -> re.Pattern[str]:
    data = _words()
    nouns = "|".join((*data["plain"].values(), *data["ambiguous"].values()))
    words = data["words"]
    return re.compile(rf"\b(?:{words['attributed']}|{words['published_by']}|(?:{nouns}))\b")


def _published_by(folded: str, by: Sequence[Named]) -> Iterator[Facet]:
    """A document of a publisher is a filter; what is merely said "selon" one may stand elsewhere."""
    words = _words()["words"]
    article = r"(?: l[ae]| les| l'| the)? ?$"
    written = re.compile(rf"\b{words['published_by']}{article}")
    said = re.compile(rf"\b(?:{words['attributed']}){article}")
    for one in by:
        before = folded[: one.at]
        condition = ByPublisher(one.names)
        if written.search(before) or _attached(before):
            yield Facet(condition, Effect.FILTER)
        elif said.search(before):
            yield Facet(condition, Effect.BOOST)


def _territories(asked: str) -> Iterator[Facet]:
    for mention in mentions(asked):
        yield Facet(InTerritory(mention.territory), Effect.BOOST)


def _recent(folded: str) -> bool:
    data = _words()
    words = data["words"]
    nouns = "|".join((*data["plain"].values(), *data["ambiguous"].values()))
    things = f"{words['recent_things']}|{nouns}"
    latest = (
        rf"\b(?:{words['recent']}) (?:{things})\b|\b(?:{things}) (?:l[ae]s? )?plus recente?s?\b"
    )
    return re.search(rf"{latest}|\b(?:{words['recent_alone']})\b", folded) is not None
