"""What a source says when it is gone through: what it holds, what changed, what is not there.

A source only offers. Whoever takes the offers knows what was taken before, and removes what is
offered no more, once the source has told that its listing is whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from vigie.ingest.documents import Document
from vigie.ingest.errors import VigieError
from vigie.ingest.reading import Defaults
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.fetching import Fetcher
from vigie.ingest.sources.links import host


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the last visit of a page left: its validators, its `version` in the listing, and when.

    `etag` and `last_modified` are the headers as sent, None where the server sent none.
    """

    etag: str | None
    last_modified: str | None
    version: str | None
    checked: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a source knows of a document better than its copy does; None where it says nothing."""

    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: date | None = None
    modified: date | None = None
    url: str | None = None
    media_type: str | None = None

    def over(self, document: Document) -> Document:
        """The document with these fields; its own address stays if it is on the same host."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        if self.url and host(document.url) == host(self.url):
            said["url"] = document.url
        return replace(document, **{name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class Listing:
    """How many things there are, as far as is known; the last one counts.

    Only after a `whole` one, what was not offered is known to be gone.
    """

    count: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of this machine that holds what the source holds at `origin`, with its SHA-256.

    A `temporary` one is alone in its folder, and deleted with it by whoever takes it.
    `remembered` is to be kept once it is read.
    """

    origin: str
    path: Path
    root: Path
    content: str
    defaults: Defaults
    told: Told = Told()
    temporary: bool = False
    remembered: Remembered | None = None

    def described(self, document: Document) -> Document:
        """A document read from the copy, as one of the source: at `origin`, with what is told.

        A row of a table keeps the title and the address that it has of its own.
        """
        row = document.location.removeprefix(self.path.relative_to(self.root).as_posix())
        document = replace(document, location=self.origin + row)
        if not row:
            return self.told.over(document)
        publisher = self.told.publisher or document.publisher
        return replace(document, publisher=publisher, url=document.url or self.told.url)

    def discard(self) -> None:
        """Deletes a temporary copy; the source's own file stays."""
        if self.temporary and self.path.exists():
            self.path.unlink()
            self.path.parent.rmdir()


@dataclass(frozen=True, slots=True)
class Same:
    """What was taken from `origin` before has not changed; `remembered` is None without a visit."""

    origin: str
    remembered: Remembered | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """Listed, yet the source says that it is there no more."""

    origin: str


@dataclass(frozen=True, slots=True)
class Unread:
    """It is there and could not be had; what was taken from it before stays."""

    origin: str
    error: VigieError


Offer = Listing | Copy | Same | Gone | Unread


@dataclass(frozen=True, slots=True)
class Reach:
    """What a source works with: a fetcher, what was remembered of an origin, a folder for copies.

    `remembered` gives None when a copy is wanted whatever the server says.
    """

    fetcher: Fetcher
    remembered: Callable[[str], Remembered | None]
    folder: Path


class Source(Protocol):
    """A kind of source: the offers of one declared source; raises VigieError when it breaks off."""

    def __call__(self, declared: Declaration, reach: Reach) -> Iterator[Offer]: ...
