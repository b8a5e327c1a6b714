"""What is indexed, from where, at which digest and for which audience."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vigie.index import copies as places
from vigie.index import near_duplicates
from vigie.index.copies import Copied, Copies, identity
from vigie.index.hits import Twin
from vigie.index.ledger import Ledger
from vigie.index.near_duplicates import NearDuplicates
from vigie.index.rows import aware, document, now, plain, row
from vigie.index.schema import (
    Database,
    copies,
    documents,
    failures,
    moves,
    open_database,
    origins,
)
from vigie.ingest.documents import Audience, Document, Kind
from vigie.ingest.errors import VigieError
from vigie.ingest.republication import Article, is_article

# Rows read at a time when a whole catalogue is walked: texts may be long.
PAGE = 200

# Made once: it is asked for each document.
DIGEST = sa.union_all(
    *(
        sa.select(table.c.digest).where(table.c.id == sa.bindparam("id"))
        for table in (documents, copies)
    )
)


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
        self.database = Database(self._writes, self._reads)
        self.ledger = Ledger(self._writes, self._reads)
        self.copies = Copies(self._writes, self._reads)
        self._near_duplicates = NearDuplicates(self._reads)

    def get(self, document_id: str, audience: Audience) -> Document | None:
        """None for a document that is absent or hidden: never told apart.

        The id of a document whose file has moved gives the document as it is now, and that of a
        copy the document that it is a copy of.
        """
        moved = sa.select(moves.c.id).where(moves.c.former == document_id)
        copied = sa.select(copies.c.document_id).where(
            (copies.c.id == document_id) | copies.c.id.in_(moved)
        )
        own = documents.c.id == document_id
        meant = own | documents.c.id.in_(moved) | documents.c.id.in_(copied)
        chosen = visible(audience).where(meant)
        return next(self._documents(chosen.order_by(own.desc()).limit(1)), None)

    def twins(self, ids: Collection[str], audience: Audience) -> dict[str, tuple[Twin, ...]]:
        """Where else each of these documents was published, as far as the caller may see it."""
        return self._near_duplicates.of(ids, audience)

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

    def publishers(self, audience: Audience) -> list[str]:
        """Everyone who published a document that `all` would give, by name."""
        column = documents.c.publisher
        chosen = visible(audience).with_only_columns(column).where(column.is_not(None)).distinct()
        with self._reads.connect() as connection:
            return list(connection.execute(chosen.order_by(column)).scalars())

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
        """What `Document.digest` was when it was indexed or found to be a copy, else None."""
        with self._reads.connect() as connection:
            return connection.execute(DIGEST, {"id": document_id}).scalar()

    def from_origin(self, source: str, origin: str) -> list[str]:
        """Ids of the documents that were read from one file, copies among them."""
        return list(self.ledger.located(source, origin).values())

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
        tables = (documents, copies)
        chosen = [sa.true() if ids is None else table.c.id.in_(ids) for table in tables]
        file = sa.tuple_(origins.c.source, origins.c.origin)
        with self._writes.begin() as connection:
            for table, which in zip(tables, chosen, strict=True):
                told = sa.select(table.c.source, table.c.origin).where(which)
                connection.execute(origins.delete().where(file.in_(told)))
                connection.execute(table.update().where(which).values(digest=""))
            if ids is None:
                # Nothing is known to be in the index: nothing may be a copy of what was.
                known = documents.update().where(documents.c.content.is_not(None))
                connection.execute(known.values(content=""))

    def put(self, document: Document, chunks: int, origin: str | None = None) -> None:
        """Records a document as indexed in so many chunks; `origin` is its location if not told."""
        self.put_all([(document, chunks, origin or document.location)])

    def put_all(
        self,
        entries: Sequence[tuple[Document, int, str]],
        copied: Sequence[Copied] = (),
        heirs: Mapping[str, str] | None = None,
    ) -> None:
        """All of them or none; each takes the place of its former version.

        `heirs` leads from documents to those among the entries that their copies now are of.
        """
        if not entries and not copied:
            return
        rows = [row(*entry) for entry in entries]
        articles = compared(document for document, _, _ in entries)
        for item in rows:
            item["words"] = len(articles[item["id"]].words) if item["id"] in articles else 0
        with self._writes.begin() as connection:
            forget(connection, [*(item["id"] for item in rows), *(c.document.id for c in copied)])
            if rows:
                connection.execute(documents.insert(), rows)
            places.inherit(connection, heirs or {})
            places.record(connection, copied)
            near_duplicates.record(connection, articles)

    def catch_up(self) -> None:
        """Looks for copies and twins among documents that an older version recorded."""
        unseen = sa.select(documents).where(documents.c.content.is_(None))
        while page := list(self._documents(unseen.order_by(documents.c.id).limit(PAGE))):
            articles = compared(page)
            with self._writes.begin() as connection:
                for item in page:
                    words = len(articles[item.id].words) if item.id in articles else 0
                    chosen = documents.update().where(documents.c.id == item.id)
                    connection.execute(chosen.values(content=identity(item), words=words))
                near_duplicates.record(connection, articles)

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
            forget(connection, [document_id])

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
    """Documents that a caller may see, of one kind or with a place in one source if asked."""
    chosen = sa.select(documents).where(documents.c.audience.in_(list(audience.sees)))
    if kind is not None:
        chosen = chosen.where(documents.c.kind == kind)
    if source is not None:
        copied = sa.select(copies.c.document_id).where(copies.c.source == source)
        chosen = chosen.where((documents.c.source == source) | documents.c.id.in_(copied))
    return chosen


def compared(found: Iterable[Document]) -> dict[str, Article]:
    """Documents by id as near-duplicates are sought among them; rows of tables are left out."""
    return {item.id: Article.of(item) for item in found if is_article(item)}


def forget(connection: sa.Connection, ids: Collection[str]) -> None:
    """Documents and copies by their ids."""
    connection.execute(documents.delete().where(documents.c.id.in_(list(ids))))
    places.forget(connection, ids)
    near_duplicates.forget(connection, ids)
