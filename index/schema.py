"""Tables of the catalogue, and the migrations that bring a database to them.

A change here asks for a new file in `migrations/versions`; a test compares the two.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import NoSuchModuleError, OperationalError

from vigie.ingest.errors import BackendMissing, Unavailable

MIGRATIONS = Path(__file__).with_name("migrations")

# How long a writer waits for another before it gives up.
BUSY_SECONDS = 30
# Seconds between two tries where SQLite itself does not wait.
BUSY_PAUSE = 0.05
# Any constant will do, as long as nothing else in the same PostgreSQL database uses it.
MIGRATION_LOCK = 7_316_474

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

documents = sa.Table(
    "documents",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    # The file or page that the document was read from; one file may hold many documents.
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("audience", sa.String(20), nullable=False),
    sa.Column("publisher", sa.Text),
    sa.Column("author", sa.Text),
    sa.Column("published", sa.Date),
    sa.Column("modified", sa.Date),
    sa.Column("language", sa.String(20), nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("places", sa.JSON, nullable=False),
    sa.Column("record", sa.JSON(none_as_null=True)),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("chunks", sa.Integer, nullable=False),
    sa.Column("indexed_at", sa.DateTime(timezone=True), nullable=False),
    # Equal for documents that are one in several places, "" for one that is never taken for
    # another, NULL when nobody has looked yet.
    sa.Column("content", sa.String(64)),
    sa.Column("words", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_documents_source_origin", "source", "origin"),
    sa.Index("ix_documents_content", "content"),
    sa.Index("ix_documents_audience_kind", "audience", "kind"),
)

# The other places of a document, each with the id that it would have alone; what is not here is
# the document's own.
copies = sa.Table(
    "copies",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("document_id", sa.String(36), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("author", sa.Text),
    sa.Column("published", sa.Date),
    sa.Column("modified", sa.Date),
    sa.Column("url", sa.Text),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Index("ix_copies_document_id", "document_id"),
    sa.Index("ix_copies_source_origin", "source", "origin"),
)

# Samples of a document's phrases, by which articles that resemble it are found.
samples = sa.Table(
    "samples",
    METADATA,
    sa.Column("document_id", sa.String(36), primary_key=True),
    sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("ix_samples_hash", "hash"),
)

# Articles published again elsewhere: a row for each of the two.
twins = sa.Table(
    "twins",
    METADATA,
    sa.Column("document_id", sa.String(36), primary_key=True),
    sa.Column("twin_id", sa.String(36), primary_key=True),
    sa.Index("ix_twins_twin_id", "twin_id"),
)

origins = sa.Table(
    "origins",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)

failures = sa.Table(
    "failures",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("location", sa.Text, primary_key=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("values", sa.JSON, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

# What the last visit of a web page left, to be asked again only for what changed.
pages = sa.Table(
    "pages",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("version", sa.Text),
    # What was said of the source then: when that changes, an unchanged page is read again.
    sa.Column("stamp", sa.String(64), nullable=False),
    sa.Column("checked", sa.DateTime(timezone=True), nullable=False),
)

# Documents that have another id since their file moved, so that old links still lead to them.
moves = sa.Table(
    "moves",
    METADATA,
    sa.Column("former", sa.String(36), primary_key=True),
    sa.Column("id", sa.String(36), nullable=False),
    sa.Index("ix_moves_id", "id"),
)

rounds = sa.Table(
    "rounds",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("code", sa.String(60)),
    sa.Column("values", sa.JSON(none_as_null=True)),
)


@dataclass(frozen=True, slots=True)
class Database:
    """The engines of the one database; transactions of `reads` never wait for a writer."""

    writes: sa.Engine
    reads: sa.Engine


def open_database(url: str) -> sa.Engine:
    """An engine on an up-to-date database, made when it is not there.

    Raises BackendMissing without the database's driver, Unavailable when it does not answer.
    """
    try:
        engine = sa.create_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise BackendMissing(backend=url.partition(":")[0], package="psycopg[binary]") from error
    try:
        if engine.dialect.name == "sqlite":
            prepare_sqlite(engine)
        upgrade(engine)
    except (OperationalError, OSError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        raise Unavailable(what=engine.url.render_as_string(), reason=str(reason)) from error
    tell_failures(engine)
    return engine


def tell_failures(engine: sa.Engine) -> None:
    """From now on a database that is gone, full or locked raises Unavailable."""
    what = engine.url.render_as_string()

    @sa.event.listens_for(engine, "handle_error")
    def on_error(context: sa.engine.ExceptionContext) -> None:
        # Before each use a lost connection is replaced, which is no failure yet.
        if isinstance(context.sqlalchemy_exception, OperationalError) and not context.is_pre_ping:
            raise Unavailable(what=what, reason=str(context.original_exception))


def prepare_sqlite(engine: sa.Engine) -> None:
    """WAL lets readers read while one writes; transactions begin as writers, so that none fails
    half way because another wrote in between."""
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # else the driver begins transactions where it likes
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        keep_log(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def keep_log(connection: sqlite3.Connection) -> None:
    """Gives a new file its write-ahead log, for good; SQLite does not wait for who writes to it."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(BUSY_PAUSE)


def upgrade(engine: sa.Engine) -> None:
    """Applies the migrations that are missing, one process at a time."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with one_at_a_time(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def one_at_a_time(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other process enters at the same time."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        yield connection
