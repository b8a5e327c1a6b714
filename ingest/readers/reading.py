"""What a format reader gives back: text and whatever the file says about itself."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from vigie.ingest.documents import Kind, Place

if TYPE_CHECKING:
    from vigie.ingest.records import Record


@dataclass(frozen=True, slots=True)
class Reading:
    """The content of one file; None or an empty tuple means that the file does not say.

    `text` is light Markdown as in `Document.text`; `records` is filled by tables only, and `text`
    is then empty.
    """

    text: str
    places: tuple[Place, ...] = ()
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: date | None = None
    modified: date | None = None
    language: str | None = None
    url: str | None = None
    kind: Kind | None = None
    records: tuple["Record", ...] = ()
