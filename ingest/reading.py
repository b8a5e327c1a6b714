"""One file in, its documents out; runs in a worker process, see `isolation`."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from vigie.ingest.documents import Audience, Document, Kind
from vigie.ingest.errors import (
    EmptyDocument,
    Reason,
    SourceMissing,
    UnreadableFile,
    VigieError,
)
from vigie.ingest.metadata import guess_language
from vigie.ingest.readers.reading import Reading
from vigie.ingest.readers.registry import (
    LARGEST_FILE_MB,
    MEGABYTE,
    actual_suffix,
    reader_for,
)
from vigie.ingest.records import Record

log = logging.getLogger(__name__)

# What a file most often is in an association's folders, when neither it nor its source says.
KINDS: dict[str, Kind] = {
    ".pdf": Kind.REPORT,
    ".pptx": Kind.PRESENTATION,
    ".docx": Kind.NOTE,
    ".odt": Kind.NOTE,
    ".vtt": Kind.WEBINAR,
    ".srt": Kind.WEBINAR,
    ".html": Kind.ARTICLE,
    ".htm": Kind.ARTICLE,
    ".txt": Kind.ARTICLE,
    ".md": Kind.ARTICLE,
}
MEDIA_TYPES: dict[str, str] = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".html": "text/html",
    ".htm": "text/html",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
LONGEST_TITLE = 300
# Ten thousand pages. More is a database extract, whose chunks would drown all other documents.
LONGEST_TEXT = 30_000_000


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a source says of all its files; `publisher` and `kind` stand where files do not say."""

    audience: Audience = Audience.PUBLIC
    publisher: str | None = None
    kind: Kind | None = None


def read(path: Path, *, source: str, root: Path, defaults: Defaults) -> list[Document]:
    """The documents of one file: one, or one per row of a table of records.

    Raises SourceMissing, EmptyDocument, UnreadableFile or UnsupportedFormat, whose `path` is the
    location within the source.
    """
    location = location_of(path, root)
    data = _bytes(path, location)
    if not data.strip():
        raise EmptyDocument(path=location)
    suffix = actual_suffix(data, location)
    reading = _reading(suffix, data, location)
    length = len(reading.text)
    if length > LONGEST_TEXT:
        limits = {"size": length // MEGABYTE, "limit": LONGEST_TEXT // MEGABYTE}
        raise UnreadableFile(path=location, reason=Reason("read.too_long", limits))
    documents = list(_documents(reading, suffix, source, location, defaults))
    if not documents:
        raise EmptyDocument(path=location)
    return documents


def location_of(path: Path, root: Path) -> str:
    """Path within the source, with `/`; the name alone when the source is the file itself."""
    relative = path.relative_to(root) if path.is_relative_to(root) else path
    return relative.as_posix() if relative.parts else path.name


def _bytes(path: Path, location: str) -> bytes:
    try:
        size = path.stat().st_size / MEGABYTE
        if size > LARGEST_FILE_MB:
            limits = {"size": round(size), "limit": LARGEST_FILE_MB}
            raise UnreadableFile(path=location, reason=Reason("read.too_large", limits))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceMissing(path=location) from error
    except PermissionError as error:
        raise UnreadableFile(path=location, reason=Reason("read.permission")) from error
    except OSError as error:
        reason = Reason("read.system", {"detail": error.strerror or str(error)})
        raise UnreadableFile(path=location, reason=reason) from error


def _reading(suffix: str, data: bytes, location: str) -> Reading:
    try:
        return reader_for(suffix)(data, location)
    except VigieError:
        raise
    except MemoryError:
        # The worker knows the limit and gives the reason.
        raise
    except RecursionError as error:
        raise UnreadableFile(path=location, reason=Reason("read.too_deep")) from error
    except Exception as error:
        # Parsers of third parties raise anything on damaged files; one file never stops the rest.
        log.exception("%s: unexpected error", location)
        reason = Reason("read.internal", {"detail": type(error).__name__})
        raise UnreadableFile(path=location, reason=reason) from error


def _documents(
    reading: Reading, suffix: str, source: str, location: str, defaults: Defaults
) -> Iterator[Document]:
    if reading.text.strip():
        yield Document(
            source=source,
            location=location,
            text=reading.text,
            title=_title(reading, location),
            kind=reading.kind or defaults.kind or KINDS.get(suffix, Kind.RECORD),
            audience=defaults.audience,
            publisher=defaults.publisher or reading.publisher,
            author=reading.author,
            published=reading.published,
            modified=reading.modified,
            language=reading.language or guess_language(reading.text) or "fr",
            url=reading.url,
            media_type=MEDIA_TYPES.get(suffix, "text/plain"),
            places=reading.places,
        )
    for record in reading.records:
        yield _record(record, reading, suffix, source, location, defaults)


def _record(
    record: Record,
    reading: Reading,
    suffix: str,
    source: str,
    location: str,
    defaults: Defaults,
) -> Document:
    text = record.text
    return Document(
        source=source,
        location=f"{location}#{record.key}",
        text=text,
        title=record.title[:LONGEST_TITLE],
        kind=Kind.PROGRAMME if record.programme else Kind.RECORD,
        audience=defaults.audience,
        publisher=defaults.publisher or reading.publisher,
        published=reading.published,
        modified=reading.modified,
        language=reading.language or guess_language(text) or "fr",
        url=record.programme.url if record.programme else None,
        media_type=MEDIA_TYPES.get(suffix, "text/plain"),
        record=record.programme,
    )


def _title(reading: Reading, location: str) -> str:
    """The title read, else the first heading, else the file's name with its words apart."""
    heading = re.search(r"^#{1,6} (.+)$", reading.text, re.M)
    stem = re.sub(r"[_\s]+", " ", PurePath(location).stem).strip() or location
    title = (reading.title or "").strip() or (heading[1].strip() if heading else "") or stem
    return title[:LONGEST_TITLE]
