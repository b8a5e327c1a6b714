"""What is remembered of sources between two rounds: origins, visits, moves, and how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from vigie.index.schema import copies, documents, failures, moves, origins, pages, rounds
from vigie.ingest.sources.offers import Remembered


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last round of a source went; `code` and `values` are those of what broke it off."""

    source: str
    at: datetime
    counts: dict[str, int]
    code: str | None = None
    values: dict[str, Any] | None = None


class Ledger:
    """Works in the catalogue's own database."""

    def __init__(self, writes: sa.Engine, reads: sa.Engine) -> None:
        self._writes = writes
        self._reads = reads

    def origins(self, source: str) -> dict[str, str | None]:
        """Every origin known of a source, with its fingerprint when it was read to its end."""
        known = sa.union(
            *(
                sa.select(column.label("origin")).where(table.c.source == source)
                for table, column in (
                    (documents, documents.c.origin),
                    (copies, copies.c.origin),
                    (origins, origins.c.origin),
                    (failures, failures.c.location),
                )
            )
        )
        prints = self.fingerprints(source)
        with self._reads.connect() as connection:
            found = connection.execute(known).scalars()
            return {origin: prints.get(origin) for origin in sorted(found)}

    def fingerprints(self, source: str) -> dict[str, str]:
        """Those of the origins that were read to their end."""
        settled = sa.select(origins.c.origin, origins.c.fingerprint).where(
            origins.c.source == source
        )
        with self._reads.connect() as connection:
            return {row.origin: row.fingerprint for row in connection.execute(settled)}

    def located(self, source: str, origin: str) -> dict[str, str]:
        """Ids of the documents of an origin by their locations, copies among them."""
        chosen = sa.union_all(
            *(
                sa.select(table.c.location, table.c.id).where(
                    table.c.source == source, table.c.origin == origin
                )
                for table in (documents, copies)
            )
        )
        with self._reads.connect() as connection:
            return {row.location: row.id for row in connection.execute(chosen)}

    def fingerprint(self, source: str, origin: str) -> str | None:
        """That of an origin that was read to its end."""
        settled = sa.select(origins.c.fingerprint).where(
            origins.c.source == source, origins.c.origin == origin
        )
        with self._reads.connect() as connection:
            return connection.execute(settled).scalar()

    def remembered(self, source: str, origin: str, stamp: str) -> Remembered | None:
        """The last visit, if what it gave was read to its end under the same `stamp`."""
        chosen = (
            sa.select(pages)
            .join(
                origins,
                sa.and_(origins.c.source == pages.c.source, origins.c.origin == pages.c.origin),
            )
            .where(pages.c.source == source, pages.c.origin == origin, pages.c.stamp == stamp)
        )
        with self._reads.connect() as connection:
            row = connection.execute(chosen).first()
        if row is None:
            return None
        checked = row.checked if row.checked.tzinfo else row.checked.replace(tzinfo=UTC)
        return Remembered(row.etag, row.last_modified, row.version, checked)

    def remember(self, source: str, origin: str, visit: Remembered, stamp: str) -> None:
        """Records a visit; only once what it gave is settled."""
        with self._writes.begin() as connection:
            connection.execute(
                pages.delete().where(pages.c.source == source, pages.c.origin == origin)
            )
            connection.execute(
                pages.insert().values(
                    source=source,
                    origin=origin,
                    etag=visit.etag,
                    last_modified=visit.last_modified,
                    version=visit.version,
                    stamp=stamp,
                    checked=visit.checked,
                )
            )

    def documents(self, source: str) -> list[str]:
        """Ids of all that a source holds, copies among them."""
        own = (
            sa.select(table.c.id).where(table.c.source == source) for table in (documents, copies)
        )
        with self._reads.connect() as connection:
            return list(connection.execute(sa.union_all(*own)).scalars())

    def forget_source(self, source: str) -> None:
        """Nothing is known of the source any more but its documents, removed before."""
        with self._writes.begin() as connection:
            for table in (origins, failures, pages, rounds):
                connection.execute(table.delete().where(table.c.source == source))

    def forget(self, source: str, origin: str) -> None:
        """Nothing is known of the origin any more but its documents, removed before."""
        with self._writes.begin() as connection:
            for table, column in (
                (origins, origins.c.origin),
                (failures, failures.c.location),
                (pages, pages.c.origin),
            ):
                connection.execute(table.delete().where(table.c.source == source, column == origin))

    def move(self, ids: Mapping[str, str]) -> None:
        """From now on the former ids lead to the new ones, and so do those that led to them."""
        with self._writes.begin() as connection:
            for former, new in ids.items():
                connection.execute(moves.delete().where(moves.c.former.in_((former, new))))
                connection.execute(moves.update().where(moves.c.id == former).values(id=new))
                connection.execute(moves.insert().values(former=former, id=new))

    def conclude(self, outcome: Outcome) -> None:
        """Records how a source's round went, in place of the one before."""
        with self._writes.begin() as connection:
            connection.execute(rounds.delete().where(rounds.c.source == outcome.source))
            connection.execute(
                rounds.insert().values(
                    source=outcome.source,
                    at=outcome.at,
                    counts=outcome.counts,
                    code=outcome.code,
                    values=outcome.values,
                )
            )

    def outcomes(self) -> dict[str, Outcome]:
        """The last round of every source that had one."""
        with self._reads.connect() as connection:
            rows: Sequence[Any] = connection.execute(sa.select(rounds)).all()
        return {
            row.source: Outcome(
                row.source,
                row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC),
                row.counts,
                row.code,
                row.values,
            )
            for row in rows
        }
