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

    `score` orders hits of one query only; `dense` (cosine) and `lexical` (BM25 of the chunk, its
    title and its headings) are the scores of each side: they compare across queries. `lexical` is
    None for a chunk that has none of the words asked, either for a side that was not asked.
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


@dataclass(frozen=True, slots=True)
class Twin:
    """Another place where a document was published, whole or in part; `words` is its length.

    `location` is told of a copy only, which differs in nothing else.
    """

    document_id: str
    title: str
    publisher: str | None
    published: date | None
    url: str | None
    words: int
    location: str | None = None
