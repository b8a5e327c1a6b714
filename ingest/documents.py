"""Documents and chunks: what reading produces and everything later points back to.

Every citation is a pair of character offsets into `Document.text`; nothing changes that text
once its document is stored.
"""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# RFC 9562 §5.5 asks for one namespace per kind of name.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:vigie:document")


class Audience(StrEnum):
    """Who may see a document; each audience also sees those named before it."""

    PUBLIC = "public"
    PARTNER = "partner"
    STAFF = "staff"

    @property
    def sees(self) -> tuple["Audience", ...]:
        """Audiences whose documents a caller of this audience may read, narrowest right first."""
        order = tuple(Audience)
        return order[: order.index(self) + 1]


class Kind(StrEnum):
    """What sort of thing a document is, as its readers would name it."""

    ARTICLE = "article"
    REPORT = "report"
    PRESENTATION = "presentation"
    PROGRAMME = "programme"
    RECORD = "record"
    WEBINAR = "webinar"
    NOTE = "note"


class PlaceKind(StrEnum):
    """The unit in which a format says where a passage stands."""

    PAGE = "page"
    SLIDE = "slide"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Place:
    """From character `start` on, the text stands at `label`: "3" or, for a time, "00:12:05"."""

    start: int
    kind: PlaceKind
    label: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One funding programme; an empty tuple or None means that the record does not say."""

    name: str
    funder: str | None = None
    beneficiaries: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    opens: date | None = None
    closes: date | None = None
    amount: str | None = None
    status: str | None = None
    contact: str | None = None
    url: str | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One article, report, slide deck, recording or record row, as stored and quoted.

    `text` is light Markdown: headings as `## …` lines, list items as `- …`, table rows as
    `| … | … |`, paragraphs separated by a blank line, no inline markup. `places` is sorted by
    `start`. `location` names the document within its `source` (relative path, URL, or path#row).
    """

    source: str
    location: str
    text: str
    title: str
    kind: Kind
    audience: Audience = Audience.PUBLIC
    publisher: str | None = None
    author: str | None = None
    published: date | None = None
    modified: date | None = None
    language: str = "fr"
    url: str | None = None
    media_type: str = "text/plain"
    places: tuple[Place, ...] = ()
    record: Programme | None = None

    @property
    def id(self) -> str:
        """UUIDv5 of source and location: a new version of a document keeps its id."""
        return str(uuid.uuid5(NAMESPACE, f"{self.source}\n{self.location}"))

    @property
    def digest(self) -> str:
        """SHA-256 over every field, hexadecimal: equal digests need no new indexing."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def place_at(self, offset: int) -> Place | None:
        """The last place that starts at or before `offset`, None when the format has none."""
        found = None
        for place in self.places:
            if place.start > offset:
                break
            found = place
        return found


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document: `document.text[start:end] == text`, never cut inside a sentence.

    `heading_path` goes from the outermost heading in; `tokens` counts what the embedder will see.
    """

    id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    place: Place | None
    tokens: int


def chunk_ids(document_id: str, texts: Iterator[str]) -> Iterator[str]:
    """Ids that depend on a chunk's words and occurrence only, so an insertion moves no other id."""
    seen: dict[str, int] = {}
    for text in texts:
        occurrence = seen[text] = seen.get(text, -1) + 1
        yield str(uuid.uuid5(NAMESPACE, f"{document_id}\n{occurrence}\n{text}"))
