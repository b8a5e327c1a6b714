"""A folder of this machine, with all that is under it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from vigie.ingest.errors import InvalidValue, Reason, Unavailable, VigieError
from vigie.ingest.folder import Found, find
from vigie.ingest.reading import Defaults
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.offers import Copy, Listing, Offer, Reach, Unread


def offers(declared: Declaration, reach: Reach) -> Iterator[Offer]:
    """Every file; raises SourceMissing, and Unavailable for a folder that cannot be listed."""
    folder = Path(declared.where[0])
    try:
        found = find([folder])
    except OSError as error:
        reason = Reason("sync.system", {"detail": error.strerror or str(error)})
        raise Unavailable(what=folder, reason=reason) from error
    yield from files(found, declared.stated)


def files(found: Sequence[Found], defaults: Defaults) -> Iterator[Offer]:
    """The files as they are now; what a manifest says of one goes before what is said of all."""
    yield Listing(len(found), whole=True)
    origins: set[str] = set()
    for item in found:
        origin = origin_of(item)
        if origin in origins:
            yield Unread(origin, twice(item, origin))
            continue
        origins.add(origin)
        said = replace(
            defaults,
            audience=item.audience or defaults.audience,
            publisher=item.publisher or defaults.publisher,
        )
        yield Copy(origin, item.path, item.root, content(item.path), said)


def origin_of(item: Found) -> str:
    """The file's location within its source, as its reader will name it."""
    return item.path.relative_to(item.root).as_posix()


def content(path: Path) -> str:
    """SHA-256 of the file's bytes, hexadecimal; what the system says when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return str(error)  # its reader will say so in the reader's words


def twice(item: Found, origin: str) -> VigieError:
    """Two folders of one source hold a file of the same relative path."""
    return InvalidValue(name=item.path, value=origin, expected=Reason("index.one_origin"))
