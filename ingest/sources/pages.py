"""One web page as an offer: a copy of it, or that it is the same, gone, or could not be had."""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit

from vigie.ingest.errors import Unavailable, VigieError
from vigie.ingest.readers.registry import READERS
from vigie.ingest.reading import MEDIA_TYPES, Defaults
from vigie.ingest.sources.fetching import Page, SiteDown
from vigie.ingest.sources.offers import (
    Copy,
    Gone,
    Offer,
    Reach,
    Remembered,
    Same,
    Told,
    Unread,
)

# What servers say of a file, where the reader of a suffix knows it.
SUFFIXES = {kind: suffix for suffix, kind in reversed(MEDIA_TYPES.items())} | {
    "application/xhtml+xml": ".html",
    "text/html": ".html",
    "text/yaml": ".yaml",
    "application/vnd.ms-excel": ".xls",
}
# Said by servers that do not know: the address knows better.
VAGUE = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
LONGEST_STEM = 80
# A sitemap that never changes its dates is believed for so long.
BELIEVED_DAYS = 30
# A date without time does not show a second change on the same day, in any time zone.
DAY_PASSED = timedelta(days=2)
ONLY_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page as a listing names it; `version` is what changes there when the page does."""

    url: str
    version: str | None = None
    told: Told = Told()


def visit(listed: Listed, defaults: Defaults, reach: Reach) -> Offer:
    """Asks its server only for what may have changed."""
    origin = urldefrag(listed.url).url
    known = reach.remembered(origin)
    if known and is_unchanged(listed.version, known):
        return Same(origin)
    page = reach.fetcher.get(
        origin,
        etag=known.etag if known else None,
        modified=known.last_modified if known else None,
    )
    if page.gone:
        return Gone(origin)
    remembered = Remembered(
        page.headers.get("etag"),
        page.headers.get("last-modified"),
        listed.version,
        datetime.now(UTC),
    )
    if known and page.status == HTTPStatus.NOT_MODIFIED:
        validators = replace(
            remembered,
            etag=remembered.etag or known.etag,
            last_modified=remembered.last_modified or known.last_modified,
        )
        return Same(origin, validators)
    told = replace(listed.told, url=page.url)
    return kept(origin, page.data, file_name(page), defaults, told, reach, remembered)


def kept(
    origin: str,
    data: bytes,
    name: str,
    defaults: Defaults,
    told: Told,
    reach: Reach,
    remembered: Remembered | None = None,
) -> Copy:
    """Writes the bytes under that name in a folder of their own; raises Unavailable when full."""
    try:
        folder = Path(tempfile.mkdtemp(dir=reach.folder))
        path = folder / name
        path.write_bytes(data)
    except OSError as error:
        raise Unavailable(what=reach.folder, reason=error.strerror or str(error)) from error
    content = hashlib.sha256(data).hexdigest()
    return Copy(
        origin, path, folder, content, defaults, told, temporary=True, remembered=remembered
    )


def is_unchanged(version: str | None, known: Remembered) -> bool:
    """True when the listing's version is that of the last visit, and can be believed."""
    if version is None or version != known.version:
        return False
    age = datetime.now(UTC) - known.checked
    # A visit in the future: the clock was wrong once, and nothing can be concluded.
    if not timedelta(0) <= age <= timedelta(days=BELIEVED_DAYS):
        return False
    if not ONLY_DATE.fullmatch(version):
        return True
    try:
        day = datetime.fromisoformat(version).replace(tzinfo=UTC)
    except ValueError:
        return False
    return known.checked - day >= DAY_PASSED


def file_name(page: Page) -> str:
    """The address's last part, with the suffix of what the server says that it is."""
    last = PurePosixPath(unquote(urlsplit(page.url).path)).name
    path = PurePosixPath(last)
    named = path.suffix.lower()
    said = SUFFIXES.get(page.media_type)
    if page.media_type in VAGUE:
        said = named if named in READERS else ".txt" if page.media_type == "text/plain" else None
    suffix = said or (named if named in READERS else ".html")
    stem = path.stem if named in READERS else last
    plain = re.sub(r"[^\w-]+", " ", stem).strip()[:LONGEST_STEM]
    return f"{plain or 'page'}{suffix}"


def visits(listed: Iterable[Listed], defaults: Defaults, reach: Reach) -> Iterator[Offer]:
    """Each page once; one that cannot be had stops no other, a site that is down is Unavailable."""
    met: set[str] = set()
    for item in listed:
        origin = urldefrag(item.url).url
        if origin in met:
            continue
        met.add(origin)
        try:
            yield visit(item, defaults, reach)
        except SiteDown:
            raise
        except VigieError as error:
            yield Unread(origin, error)
