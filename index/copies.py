"""One document in several places: the first place holds it, the others are copies of it.

Only what is the same to every reader is one document: text, title, kind, publisher, audience. A
text that stands in a public source and in one of the staff is two documents, so that nothing of
the one shows in the other; so is one that two publishers published, which near-duplicates see to.
Rows of tables are never copies: two programmes may be told in the same words.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from vigie.index.schema import copies, documents
from vigie.ingest.documents import Document
from vigie.ingest.republication import is_article

# What a copy has of its own.
OWN = ("source", "location", "author", "published", "modified", "url", "media_type")

# Made once: it is asked for each document.
ORIGINALS = (
    sa.select(documents.c.id)
    .where(documents.c.content == sa.bindparam("content"))
    .order_by(documents.c.id)
)


@dataclass(frozen=True, slots=True)
class Copied:
    """A document found at another place; `document_id` is the one that it is a copy of."""

    document: Document
    origin: str
    document_id: str


def identity(document: Document) -> str:
    """SHA-256 of what two places must have in common to be one document; "" for a table's row."""
    if not is_article(document):
        return ""
    said = (
        document.text,
        document.title,
        document.kind,
        document.publisher,
        document.audience,
        document.language,
        document.places,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def copy_row(copied: Copied) -> dict[str, Any]:
    """A copy as its table holds it."""
    told = {name: getattr(copied.document, name) for name in OWN}
    return told | {
        "id": copied.document.id,
        "document_id": copied.document_id,
        "origin": copied.origin,
        "digest": copied.document.digest,
    }


class Copies:
    """Works in the catalogue's own database."""

    def __init__(self, writes: sa.Engine, reads: sa.Engine) -> None:
        self._writes = writes
        self._reads = reads

    def original(self, content: str, but: Collection[str]) -> str | None:
        """The id of the document with this identity that is not one of `but`."""
        if not content:
            return None
        with self._reads.connect() as connection:
            found = connection.execute(ORIGINALS, {"content": content}).scalars()
            return next((id_ for id_ in found if id_ not in but), None)

    def originals(self, ids: Collection[str]) -> dict[str, str]:
        """Those of the ids that are copies, each with the document that it is a copy of."""
        chosen = sa.select(copies.c.id, copies.c.document_id).where(copies.c.id.in_(list(ids)))
        with self._reads.connect() as connection:
            return {row.id: row.document_id for row in connection.execute(chosen)}

    def heirs(self, ids: Collection[str], but: Collection[str]) -> dict[str, Any]:
        """For each document that has copies not among `but`, the row of the first of them.

        First by source, then by location, so that it does not depend on what came when.
        """
        chosen = sa.select(copies).where(
            copies.c.document_id.in_(list(ids)), copies.c.id.not_in(list(but))
        )
        with self._reads.connect() as connection:
            rows = connection.execute(
                chosen.order_by(copies.c.source.desc(), copies.c.location.desc())
            ).mappings()
            return {row["document_id"]: row for row in rows}


def record(connection: sa.Connection, copied: Sequence[Copied]) -> None:
    """In place of what these ids were; what was a copy of one of them now is one of its original.

    Those whose text differs must have been handed on before.
    """
    for item in copied:
        inherit(connection, {item.document.id: item.document_id})
    if copied:
        connection.execute(copies.insert(), [copy_row(item) for item in copied])


def inherit(connection: sa.Connection, heirs: Mapping[str, str]) -> None:
    """From now on the copies of each document are copies of its heir."""
    for former, heir in heirs.items():
        own = copies.c.document_id == former
        connection.execute(copies.update().where(own).values(document_id=heir))


def forget(connection: sa.Connection, ids: Collection[str]) -> None:
    """These places."""
    connection.execute(copies.delete().where(copies.c.id.in_(list(ids))))
