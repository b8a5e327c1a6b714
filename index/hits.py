"""What is sent to the index and what comes back."""

from dataclasses import dataclass, field
from datetime import date

from vigie.ingest.documents import Audience, Kind, Place


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that a hit must meet; an empty tuple or None asks for nothing."""

    kinds: tuple[Kind, ...] = ()
    publishers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Words sent to the index; `audience` is the caller's own and narrows every search."""

    text: str
    audience: Audience = Audience.PUBLIC
    limit: int = 10
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found, with enough of its document to cite it.

    `score` orders hits of one query only; `dense` (cosine) and `lexical` (BM25) are the scores of
    each side and None where that side did not find the chunk: they compare across queries.
    """

    chunk_id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    place: Place | None
    title: str
    kind: Kind
    audience: Audience
    source: str
    publisher: str | None
    published: date | None
    modified: date | None
    url: str | None
    score: float
    dense: float | None = None
    lexical: float | None = None
