"""Answers with their citations, and the events in which they arrive."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from vigie.assistant.facets.conditions import Facet
from vigie.index.hits import Hit, Twin
from vigie.ingest.documents import Audience, Kind, Place


class Method(StrEnum):
    """How an answer was made; told to the reader in plain words."""

    EXTRACTIVE = "extractive"
    GENERATIVE = "generative"
    PROGRAMMES = "programmes"
    ABSTENTION = "abstention"


class Confidence(StrEnum):
    """How well the sources bear the answer out, in words; thresholds stand in `abstention`."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the audience comes from the credential alone, never from the request."""

    audience: Audience = Audience.PUBLIC
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of a stored document: `document.text[start:end] == quote`; `number` counts from 1.

    `also` are the other places that published the same, as far as the caller may see them.
    """

    number: int
    document_id: str
    chunk_id: str
    start: int
    end: int
    quote: str
    title: str
    kind: Kind
    publisher: str | None
    published: date | None
    modified: date | None
    place: Place | None
    heading_path: tuple[str, ...]
    url: str | None
    also: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence, list item or table row of an answer, with the citation numbers behind it."""

    text: str
    citations: tuple[int, ...]
    form: Literal["sentence", "item", "row"] = "sentence"


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer; `text` carries markers like `[1]`, `consulted` are hits read but not cited.

    On abstention `statements` and `citations` are empty and `consulted` offers leads.
    `probability` is what abstention and confidence were decided on, None where nothing was
    chosen among passages (lists of programmes). `facets` are those that the search applied.
    """

    question: str
    language: str
    method: Method
    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    consulted: tuple[Hit, ...]
    confidence: Confidence
    notice: str
    seconds: float
    probability: float | None = None
    facets: tuple[Facet, ...] = ()

    @property
    def abstained(self) -> bool:
        """True when nothing in the sources answers the question."""
        return self.method is Method.ABSTENTION


@dataclass(frozen=True, slots=True)
class Searching:
    """The search has begun; `query` is what is looked for."""

    query: str


@dataclass(frozen=True, slots=True)
class Found:
    """Hits that the answer will be drawn from, best first, and the facets behind their order."""

    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of the answer, with the citations it introduces; deltas add up to `Answer.text`."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer will come; `code` is the error's, `message` is for the reader."""

    code: str
    message: str


Event = Searching | Found | Delta | Done | Failed
