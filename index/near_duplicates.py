"""Articles that were published again elsewhere, found as documents are recorded.

Each document leaves samples of its phrases. Those that share enough of them with a new one are
compared with it word by word, so that the samples decide on speed and never on the outcome.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from vigie.index.hits import Twin
from vigie.index.schema import copies, documents, samples, twins
from vigie.ingest.documents import Audience
from vigie.ingest.republication import (
    Article,
    Outline,
    expected_samples,
    is_possible,
    is_republished,
)

# Pages of one kind share phrases by the hundred: those that share most are compared.
COMPARED = 16

# Made once: they are asked for each document.
_SHARED = sa.func.count().label("shared")
_CANDIDATES = (
    sa.select(samples.c.document_id, _SHARED)
    .where(
        samples.c.hash.in_(sa.bindparam("hashes", expanding=True)),
        samples.c.document_id != sa.bindparam("own"),
    )
    .group_by(samples.c.document_id)
    .order_by(_SHARED.desc(), samples.c.document_id)
    .limit(COMPARED)
    .subquery()
)
_OUTLINE = [documents.c[name] for name in ("words", "title", "source", "url", "publisher")]
SHARING = sa.select(_CANDIDATES.c.document_id, _CANDIDATES.c.shared, *_OUTLINE).join(
    documents, documents.c.id == _CANDIDATES.c.document_id
)
COMPARED_TEXTS = sa.select(
    *(documents.c[name] for name in ("id", "text", "title", "source", "url", "publisher"))
).where(documents.c.id.in_(sa.bindparam("ids", expanding=True)))

# In a function, so that no engine begins with every document of an audience: few have a twin.
_SEEN = sa.func.lower(documents.c.audience).in_(
    sa.bindparam("audiences", type_=sa.Text, expanding=True)
)
_ELSEWHERE = (
    sa.select(
        twins.c.document_id.label("of"),
        *(documents.c[name] for name in ("id", "published", "url")),
        sa.null().label("location"),
        *(documents.c[name] for name in ("title", "publisher", "words")),
    )
    .join(documents, documents.c.id == twins.c.twin_id)
    .where(twins.c.document_id.in_(sa.bindparam("ids", expanding=True)), _SEEN)
)
_COPIED = (
    sa.select(
        copies.c.document_id.label("of"),
        *(copies.c[name] for name in ("id", "published", "url", "location")),
        *(documents.c[name] for name in ("title", "publisher", "words")),
    )
    .join(documents, documents.c.id == copies.c.document_id)
    .where(copies.c.document_id.in_(sa.bindparam("ids", expanding=True)), _SEEN)
)
PLACES = sa.union_all(_ELSEWHERE, _COPIED)


def forget(connection: sa.Connection, ids: Collection[str]) -> None:
    """Nothing is a twin of these documents any more."""
    chosen = list(ids)
    connection.execute(samples.delete().where(samples.c.document_id.in_(chosen)))
    connection.execute(
        twins.delete().where(twins.c.document_id.in_(chosen) | twins.c.twin_id.in_(chosen))
    )


def record(connection: sa.Connection, found: Mapping[str, Article]) -> None:
    """Finds the twins of documents whose rows are there."""
    hashes = {id_: article.samples() for id_, article in found.items()}
    rows = [{"document_id": id_, "hash": value} for id_, own in hashes.items() for value in own]
    if not rows:
        return
    connection.execute(samples.insert(), rows)
    pairs = {
        pair
        for id_, article in found.items()
        for twin in _twins(connection, id_, article, hashes[id_])
        for pair in ((id_, twin), (twin, id_))
    }
    if pairs:
        told = [{"document_id": one, "twin_id": other} for one, other in sorted(pairs)]
        connection.execute(twins.insert(), told)


def _twins(
    connection: sa.Connection, document_id: str, article: Article, hashes: Sequence[int]
) -> list[str]:
    """Ids of the recorded documents that are the same article."""
    if not hashes:
        return []
    sharing = connection.execute(SHARING, {"hashes": hashes, "own": document_id})
    close = [
        id_
        for id_, shared, *told in sharing
        if (outline := Outline.told(*told))
        and shared >= expected_samples(len(article.words), outline.words)
        and is_possible(article.outline, outline)
    ]
    if not close:
        return []
    rows: Iterable[Any] = connection.execute(COMPARED_TEXTS, {"ids": close})
    return [row.id for row in rows if is_republished(article, Article.of(row))]


class NearDuplicates:
    """What answers ask of the catalogue's database."""

    def __init__(self, reads: sa.Engine) -> None:
        self._reads = reads

    def of(self, ids: Collection[str], audience: Audience) -> dict[str, tuple[Twin, ...]]:
        """The other places of each document that a caller may see, by date then title.

        Copies come with their own ids; a document without another place is left out.
        """
        found: dict[str, list[Twin]] = {}
        asked = {"ids": list(ids), "audiences": list(audience.sees)}
        with self._reads.connect() as connection:
            for row in connection.execute(PLACES, asked):
                found.setdefault(row.of, []).append(_twin(row))
        return {id_: tuple(sorted(twins, key=_by_date)) for id_, twins in found.items()}


def _twin(row: Any) -> Twin:
    return Twin(row.id, row.title, row.publisher, row.published, row.url, row.words, row.location)


def _by_date(twin: Twin) -> tuple[date, str, str]:
    return twin.published or date.max, twin.title, twin.document_id
