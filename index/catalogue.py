"""What is indexed, from where, at which digest and for which audience."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from vigie.index.ledger import Ledger
from vigie.index.schema import documents, failures, moves, open_database, origins
from vigie.ingest.documents import Audience, Document, Kind, Place, PlaceKind, Programme
from vigie.ingest.errors import Reason, VigieError

# Rows read at a time when a whole catalogue is walked: texts may be long.
PAGE = 200

FIELDS = tuple(item.name for item in fields(Document))


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, with the error's code and values."""

    source: str
    location: str
    code: str
    values: dict[str, Any]
    at: datetime


class Catalogue:
    """Documents by id; what is read for a caller names its audience.

    Raises BackendMissing and Unavailable at opening, as `open_database` does.
    """

    def __init__(self, url: str) -> None:
        self._writes = open_database(url)
        self._reads = self._writes.execution_options(reads_only=True)
        self.ledger = Ledger(self._writes, self._reads)

    def get(self, document_id: str, audience: Audience) -> Document | None:
        """None for a document that is absent or hidden: never told apart.

        The id of a document whose file has moved gives the document as it is now.
        """
        moved = sa.select(moves.c.id).where(moves.c.former == document_id).scalar_subquery()
        own = documents.c.id == document_id
        chosen = visible(audience).where(own | (documents.c.id == moved))
        return next(self._documents(chosen.order_by(own.desc()).limit(1)), None)

    def all(
        self,
        audience: Audience,
        limit: int,
        offset: int = 0,
        kind: Kind | None = None,
        source: str | None = None,
    ) -> list[Document]:
        """A page, by title then id."""
        chosen = visible(audience, kind, source).order_by(documents.c.title, documents.c.id)
        return list(self._documents(chosen.limit(limit).offset(offset)))

    def programmes(self, audience: Audience) -> list[Document]:
        """Every document that is one funding programme, by title."""
        chosen = visible(audience).where(documents.c.record.is_not(None))
        return list(self._documents(chosen.order_by(documents.c.title, documents.c.id)))

    def count(self, audience: Audience, kind: Kind | None = None, source: str | None = None) -> int:
        """How many documents `all` would give."""
        chosen = visible(audience, kind, source).with_only_columns(sa.func.count())
        with self._reads.connect() as connection:
            return connection.execute(chosen).scalar_one()

    def walk(self) -> Iterator[Document]:
        """Every document of every audience, by id, a few at a time: for building an index again."""
        last = ""
        while True:
            chosen = sa.select(documents).where(documents.c.id > last)
            page = list(self._documents(chosen.order_by(documents.c.id).limit(PAGE)))
            if not page:
                return
            yield from page
            last = page[-1].id

    def digest(self, document_id: str) -> str | None:
        """What `Document.digest` was when it was indexed, None when it is not."""
        with self._reads.connect() as connection:
            return connection.execute(
                sa.select(documents.c.digest).where(documents.c.id == document_id)
            ).scalar_one_or_none()

    def from_origin(self, source: str, origin: str) -> list[str]:
        """Ids of the documents that were read from one file."""
        chosen = sa.select(documents.c.id).where(
            documents.c.source == source, documents.c.origin == origin
        )
        with self._reads.connect() as connection:
            return list(connection.execute(chosen).scalars())

    def settle(self, source: str, origin: str, fingerprint: str) -> None:
        """Records that all that a file holds is indexed: it need not be read until it changes."""
        with self._writes.begin() as connection:
            connection.execute(
                origins.delete().where(origins.c.source == source, origins.c.origin == origin)
            )
            connection.execute(
                failures.delete().where(failures.c.source == source, failures.c.location == origin)
            )
            connection.execute(
                origins.insert().values(source=source, origin=origin, fingerprint=fingerprint)
            )

    def doubt(self, ids: Sequence[str] | None = None) -> None:
        """Forgets the digests of these documents, or of all, and the fingerprints of their files.

        Done before their chunks change, so that whatever interrupts it, they are indexed again.
        """
        chosen = documents.c.id.in_(ids) if ids is not None else sa.true()
        told = sa.select(documents.c.source, documents.c.origin).where(chosen)
        file = sa.tuple_(origins.c.source, origins.c.origin)
        with self._writes.begin() as connection:
            connection.execute(origins.delete().where(file.in_(told)))
            connection.execute(documents.update().where(chosen).values(digest=""))

    def put(self, document: Document, chunks: int, origin: str | None = None) -> None:
        """Records a document as indexed in so many chunks; `origin` is its location if not told."""
        self.put_all([(document, chunks, origin or document.location)])

    def put_all(self, entries: Sequence[tuple[Document, int, str]]) -> None:
        """All of them or none; each takes the place of its former version."""
        if not entries:
            return
        rows = [row(*entry) for entry in entries]
        with self._writes.begin() as connection:
            connection.execute(forget([item["id"] for item in rows]))
            connection.execute(documents.insert(), rows)

    def recount(self, chunks: Mapping[str, int]) -> None:
        """Records how many chunks these documents have now, by their ids."""
        with self._writes.begin() as connection:
            for document_id, count in chunks.items():
                chosen = documents.update().where(documents.c.id == document_id)
                connection.execute(chosen.values(chunks=count))

    def remove(self, document_id: str) -> None:
        """Nothing happens when it is not there; its file will be read again."""
        self.doubt([document_id])
        with self._writes.begin() as connection:
            connection.execute(forget([document_id]))

    def fail(self, source: str, location: str, error: VigieError) -> None:
        """Records why a file could not be read; it replaces the file's former failure."""
        values = {name: plain(value) for name, value in error.values.items()}
        with self._writes.begin() as connection:
            connection.execute(
                failures.delete().where(
                    failures.c.source == source, failures.c.location == location
                )
            )
            connection.execute(
                origins.delete().where(origins.c.source == source, origins.c.origin == location)
            )
            connection.execute(
                failures.insert().values(
                    source=source, location=location, code=error.code, values=values, at=now()
                )
            )

    def failures(self) -> list[Failure]:
        """Files that could not be read the last time, by source and location."""
        chosen = sa.select(failures).order_by(failures.c.source, failures.c.location)
        with self._reads.connect() as connection:
            return [
                Failure(**{**found, "at": aware(found["at"])})
                for found in connection.execute(chosen).mappings()
            ]

    def close(self) -> None:
        """Closes the database's connections."""
        self._writes.dispose()

    def _documents(self, chosen: sa.Select[Any]) -> Iterator[Document]:
        with self._reads.connect() as connection:
            rows = connection.execute(chosen).mappings().all()
        yield from map(document, rows)


def visible(
    audience: Audience, kind: Kind | None = None, source: str | None = None
) -> sa.Select[Any]:
    """Documents that a caller may see, of one kind or source if asked."""
    chosen = sa.select(documents).where(documents.c.audience.in_(list(audience.sees)))
    if kind is not None:
        chosen = chosen.where(documents.c.kind == kind)
    if source is not None:
        chosen = chosen.where(documents.c.source == source)
    return chosen


def forget(ids: Sequence[str]) -> sa.Delete:
    """Documents by their ids."""
    return documents.delete().where(documents.c.id.in_(ids))


def row(document: Document, chunks: int, origin: str) -> dict[str, Any]:
    """A document as its table holds it."""
    told = {name: getattr(document, name) for name in FIELDS}
    return told | {
        "id": document.id,
        "origin": origin,
        "kind": str(document.kind),
        "audience": str(document.audience),
        "places": [[place.start, str(place.kind), place.label] for place in document.places],
        "record": document.record
        and {name: plain(value) for name, value in asdict(document.record).items()},
        "digest": document.digest,
        "chunks": chunks,
        "indexed_at": now(),
    }


def document(found: Any) -> Document:
    """The document that `row` was made from, equal to it."""
    told = {name: found[name] for name in FIELDS}
    return Document(
        **told
        | {
            "kind": Kind(told["kind"]),
            "audience": Audience(told["audience"]),
            "places": tuple(
                Place(start, PlaceKind(kind), label) for start, kind, label in told["places"]
            ),
            "record": told["record"] and programme(told["record"]),
        }
    )


def programme(told: dict[str, Any]) -> Programme:
    """A programme from its JSON: lists become tuples, the two dates dates."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }
    for name in ("opens", "closes"):
        values[name] = values[name] and date.fromisoformat(values[name])
    return Programme(**values)


def plain(value: object) -> Any:
    """A value as JSON holds it; a reason keeps its key, so that it can be told in any language."""
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case Reason(key=key, values=values):
            return {"key": key, "values": {name: plain(item) for name, item in values.items()}}
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def now() -> datetime:
    """UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def aware(moment: datetime) -> datetime:
    """UTC again: SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
