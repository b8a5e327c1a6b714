"""Documents and failures in SQL, on SQLite and, when there is one, on PostgreSQL."""

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from importlib import import_module

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from vigie.index.catalogue import Catalogue
from vigie.index.schema import METADATA, open_database
from vigie.ingest.documents import Audience, Document, Kind, Place, PlaceKind, Programme
from vigie.ingest.errors import BackendMissing, EmptyDocument, Reason, Unavailable, UnreadableFile

FULL = Document(
    source="dossier",
    location="aides.csv#fdva",
    text="## FDVA\n\nAide aux « petites » associations — 12 000 €\u202f!",
    title="FDVA",
    kind=Kind.PROGRAMME,
    audience=Audience.PARTNER,
    publisher="Ministère",
    author="Service",
    published=date(2024, 1, 31),
    modified=date(2024, 2, 1),
    language="fr",
    url="https://example.org/fdva",
    media_type="text/csv",
    places=(Place(0, PlaceKind.PAGE, "1"), Place(9, PlaceKind.TIME, "00:12:05")),
    record=Programme(
        name="FDVA",
        funder="État",
        beneficiaries=("associations",),
        themes=("bénévolat", "formation"),
        territories=("Bretagne",),
        opens=date(2024, 1, 1),
        closes=date(2024, 3, 1),
        amount="12 000 €",
        status="ouvert",
        contact="fdva@example.org",
        url="https://example.org",
        permanent=True,
    ),
)
BARE = Document("dossier", "note.txt", "Une note.", "Note", Kind.NOTE)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/new folder/vigie.db"
    elif not (url := os.environ.get("VIGIE_TEST_DATABASE_URL", "")):
        pytest.skip("VIGIE_TEST_DATABASE_URL names no PostgreSQL database")
    opened = Catalogue(url)
    yield opened
    opened.close()


@pytest.mark.parametrize("document", [FULL, BARE], ids=["full", "bare"])
def test_a_document_comes_back_equal_to_itself(catalogue, document):
    catalogue.put(document, 3)
    found = catalogue.get(document.id, Audience.STAFF)
    assert found == document
    assert found.digest == document.digest == catalogue.digest(document.id)


def test_a_hidden_document_is_as_absent_as_one_that_never_was(catalogue):
    catalogue.put(FULL, 1)
    assert catalogue.get(FULL.id, Audience.PUBLIC) is None
    assert catalogue.get(BARE.id, Audience.STAFF) is None
    assert catalogue.get(FULL.id, Audience.PARTNER) == FULL
    assert catalogue.programmes(Audience.PUBLIC) == []
    assert catalogue.all(Audience.PUBLIC, 10) == []
    assert catalogue.count(Audience.PUBLIC) == 0


def test_a_new_version_takes_the_place_of_the_old(catalogue):
    catalogue.put(BARE, 1)
    changed = replace(BARE, text="Une autre note.")
    catalogue.put(changed, 2)
    assert catalogue.count(Audience.PUBLIC) == 1
    assert catalogue.get(BARE.id, Audience.PUBLIC) == changed
    catalogue.remove(BARE.id)
    catalogue.remove(BARE.id)
    assert catalogue.count(Audience.PUBLIC) == 0
    assert catalogue.digest(BARE.id) is None


def test_pages_follow_the_titles_and_narrow_by_kind_and_source(catalogue):
    titles = ["Cévennes", "Aude", "Brest"]
    for title in titles:
        catalogue.put(replace(BARE, location=title, title=title), 1)
    catalogue.put(FULL, 1)
    assert [item.title for item in catalogue.all(Audience.PUBLIC, 2)] == ["Aude", "Brest"]
    assert [item.title for item in catalogue.all(Audience.PUBLIC, 2, 2)] == ["Cévennes"]
    assert catalogue.all(Audience.STAFF, 10, kind=Kind.PROGRAMME) == [FULL]
    assert catalogue.count(Audience.STAFF, kind=Kind.NOTE) == 3
    assert catalogue.count(Audience.STAFF, source="elsewhere") == 0
    assert catalogue.programmes(Audience.STAFF) == [FULL]
    assert len(list(catalogue.walk())) == 4


def test_a_walk_gives_every_document_once_across_pages(catalogue, monkeypatch):
    monkeypatch.setattr("vigie.index.catalogue.PAGE", 2)
    catalogue.put_all([(replace(BARE, location=str(n)), 1, "file") for n in range(5)])
    assert len({item.id for item in catalogue.walk()}) == 5
    assert len(catalogue.from_origin("dossier", "file")) == 5


def test_a_batch_is_recorded_whole_or_not_at_all(catalogue):
    with pytest.raises(sa.exc.IntegrityError):
        catalogue.put_all([(BARE, 1, "a"), (FULL, 1, "b"), (BARE, 1, "a")])
    assert catalogue.count(Audience.STAFF) == 0


def test_a_settled_file_is_doubted_with_its_documents(catalogue):
    catalogue.put(BARE, 1)
    catalogue.settle("dossier", "note.txt", "f" * 64)
    catalogue.settle("dossier", "other.txt", "e" * 64)
    assert catalogue.ledger.fingerprints("dossier")["note.txt"] == "f" * 64
    catalogue.doubt([BARE.id])
    assert "note.txt" not in catalogue.ledger.fingerprints("dossier")
    assert catalogue.ledger.fingerprints("dossier")["other.txt"] == "e" * 64
    assert catalogue.digest(BARE.id) == ""
    assert catalogue.get(BARE.id, Audience.PUBLIC) == BARE


def test_a_failure_is_kept_until_its_file_is_read(catalogue):
    reason = Reason("error.not_allowed", {"at": date(2024, 1, 1)})
    catalogue.fail("dossier", "b.pdf", UnreadableFile(path="b.pdf", reason=reason))
    catalogue.fail("dossier", "a.pdf", EmptyDocument(path="a.pdf"))
    catalogue.fail("dossier", "a.pdf", EmptyDocument(path="a.pdf"))
    first, second = catalogue.failures()
    assert (first.location, first.code, first.values) == (
        "a.pdf",
        "empty_document",
        {"path": "a.pdf"},
    )
    assert second.values["reason"] == {"key": reason.key, "values": {"at": "2024-01-01"}}
    assert first.at.tzinfo is not None
    catalogue.settle("dossier", "a.pdf", "f" * 64)
    assert [failure.location for failure in catalogue.failures()] == ["b.pdf"]


def test_a_reader_sees_the_last_whole_state_while_another_writes(catalogue, tmp_path):
    catalogue.put(BARE, 1)
    with catalogue._writes.begin() as writing:
        writing.execute(sa.text("DELETE FROM documents"))
        assert catalogue.count(Audience.PUBLIC) == 1
        writing.rollback()


def test_the_migrations_lead_to_the_tables_of_the_schema(tmp_path):
    import_module("vigie.ui.identity.schema")  # the tables of the doors join those of the index
    engine = open_database(f"sqlite:///{tmp_path}/vigie.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_opening_again_changes_nothing(tmp_path):
    url = f"sqlite:///{tmp_path}/vigie.db"
    first = Catalogue(url)
    first.put(FULL, 1)
    second = Catalogue(url)
    assert second.get(FULL.id, Audience.STAFF) == FULL
    first.close()
    second.close()


def test_two_processes_may_open_a_new_database_at_once(tmp_path):
    script = "import sys; from vigie.index.catalogue import Catalogue; Catalogue(sys.argv[1])"
    url = f"sqlite:///{tmp_path}/vigie.db"
    both = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]


def test_a_database_that_another_process_is_making_is_waited_for(tmp_path):
    path = tmp_path / "vigie.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # As it is in its very first moments: written to, and not yet with a log of its own.
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE elsewhere (id INTEGER)")
    leaving = threading.Timer(1.0, other.rollback)
    leaving.start()
    Catalogue(f"sqlite:///{path}").close()
    leaving.join()
    other.close()


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(Unavailable):
        Catalogue(f"sqlite:///{tmp_path}/file/vigie.db")


def test_a_driver_that_is_not_installed_is_named_with_its_cure():
    with pytest.raises(BackendMissing, match="pip install"):
        Catalogue("mysql+no_such_driver://localhost/vigie")
