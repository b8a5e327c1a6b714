"""Files into the index: only what changed, whatever interrupts it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.index import batch, sync
from vigie.index.hits import Query
from vigie.index.reindex import drop_former, reindex
from vigie.index.search import Index
from vigie.index.sync import Progress, ingest
from vigie.ingest.documents import Audience, Kind
from vigie.ingest.errors import InvalidValue, SourceMissing
from vigie.ingest.reading import Defaults

PROGRAMMES = """Nom du programme,Financeur,Bénéficiaires,Date de clôture
Fonds fanfare,Région Bretagne,Associations,2030-06-30
Fonds théâtre,Région Bretagne,Associations,2030-09-30
Fonds chorale,Département du Finistère,Associations,2031-01-31
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    root = tmp_path / "files"
    (root / "sous-dossier").mkdir(parents=True)
    (root / "guide.md").write_text(
        "# Guide du bénévolat\n\n## Accueil\n\nLe bénévole est accueilli par un tuteur.\n\n"
        "## Frais\n\nLes frais de déplacement sont remboursés.\n",
        encoding="utf-8",
    )
    (root / "sous-dossier" / "note.txt").write_text(
        "Note sur les fanfares.\n\nLa fanfare reçoit une subvention communale.\n", encoding="utf-8"
    )
    (root / "aides.csv").write_text(PROGRAMMES, encoding="utf-8")
    return root


@pytest.fixture
def run(catalogue, index, demo):
    def run(*paths: Path, audience: Audience = Audience.PUBLIC) -> list[Progress]:
        return list(
            ingest(
                paths,
                catalogue=catalogue,
                index=index,
                embedder=demo,
                source="dossier",
                defaults=Defaults(audience),
            )
        )

    return run


def texts(index: Index, words: str) -> list[str]:
    return [hit.text for hit in index.search(Query(words, limit=3))]


def consistent(catalogue, index) -> bool:
    """Every document's chunks are in the index, quote its text, and there are no others."""
    total = 0
    for document in catalogue.walk():
        hits = index.dense_search(Query(document.title, Audience.STAFF, limit=1000))
        own = [hit for hit in hits if hit.document_id == document.id]
        total += len(own)
        if any(document.text[hit.start : hit.end] != hit.text for hit in own) or not own:
            return False
    return total == index.count()


def test_a_folder_is_read_indexed_and_found(run, files, catalogue, index):
    last = run(files)[-1]
    assert (last.found, last.done, last.failed, last.unchanged) == (3, 3, 0, 0)
    assert last.chunks == index.count() >= 5
    assert "remboursés" in texts(index, "frais de déplacement")[0]
    programmes = catalogue.programmes(Audience.PUBLIC)
    assert [item.title for item in programmes] == [
        "Fonds chorale",
        "Fonds fanfare",
        "Fonds théâtre",
    ]
    assert {item.kind for item in programmes} == {Kind.PROGRAMME}
    assert consistent(catalogue, index)


def test_an_unchanged_file_is_not_even_read(run, files, monkeypatch):
    run(files)
    monkeypatch.setattr(sync.ReaderPool, "read", None)
    last = run(files)[-1]
    assert (last.done, last.unchanged, last.chunks) == (3, 3, 0)


def test_only_what_changed_is_encoded_again(run, files, catalogue, index):
    run(files)
    guide = files / "guide.md"
    guide.write_text(guide.read_text(encoding="utf-8").replace("remboursés", "payés"), "utf-8")
    last = run(files)[-1]
    assert (last.done, last.unchanged) == (3, 2)
    assert last.chunks <= 3
    assert "payés" in texts(index, "frais de déplacement")[0]
    assert consistent(catalogue, index)


def test_a_row_changed_encodes_that_row_alone(run, files, catalogue, index):
    run(files)
    changed = PROGRAMMES.replace("2030-06-30", "2030-07-31")
    (files / "aides.csv").write_text(changed, encoding="utf-8")
    assert run(files)[-1].chunks == 1
    assert consistent(catalogue, index)


def test_a_row_taken_out_of_a_table_leaves_the_index(run, files, catalogue, index):
    run(files)
    shorter = "\n".join(PROGRAMMES.splitlines()[:-1])
    (files / "aides.csv").write_text(shorter, encoding="utf-8")
    before = index.count()
    run(files)
    assert index.count() == before - 1
    assert len(catalogue.programmes(Audience.PUBLIC)) == 2
    assert consistent(catalogue, index)


def test_a_file_closed_to_the_public_disappears_from_its_searches(run, files, index):
    run(files / "guide.md")
    run(files / "guide.md", audience=Audience.STAFF)
    assert index.search(Query("frais de déplacement")) == []
    assert index.search(Query("frais de déplacement", Audience.STAFF))


def test_the_manifest_goes_before_the_defaults(run, files, catalogue):
    (files / "manifest.yaml").write_text(
        "documents:\n  - path: guide.md\n    audience: staff\n    publisher: Réseau\n", "utf-8"
    )
    run(files)
    hidden = [item for item in catalogue.walk() if item.audience is Audience.STAFF]
    assert [(item.location, item.publisher) for item in hidden] == [("guide.md", "Réseau")]


def test_a_file_that_cannot_be_read_is_recorded_and_the_rest_goes_on(run, files, catalogue, index):
    (files / "vide.txt").write_text("   ", encoding="utf-8")
    (files / "cassé.pdf").write_bytes(b"%PDF-1.7 and nothing that follows")
    told = run(files)
    assert (told[-1].done, told[-1].failed) == (5, 2)
    failed = {item.current: item.error.code for item in told if item.error}
    assert failed == {"cassé.pdf": "unreadable_file", "vide.txt": "empty_document"}
    assert [item.location for item in catalogue.failures()] == ["cassé.pdf", "vide.txt"]
    assert consistent(catalogue, index)
    (files / "vide.txt").write_text("Plus vide du tout.", encoding="utf-8")
    run(files)
    assert [item.location for item in catalogue.failures()] == ["cassé.pdf"]


def test_a_file_that_became_unreadable_keeps_its_last_good_version(run, files, index):
    run(files)
    (files / "guide.md").write_text("", encoding="utf-8")
    assert run(files)[-1].failed == 1
    assert "remboursés" in texts(index, "frais de déplacement")[0]


def test_two_files_of_one_path_in_one_source_are_not_confused(run, files, tmp_path, index):
    other = tmp_path / "other"
    other.mkdir()
    (other / "guide.md").write_text("# Autre guide\n\nRien à voir.\n", encoding="utf-8")
    told = run(files, other)
    assert [type(item.error) for item in told if item.error] == [InvalidValue]
    assert "remboursés" in texts(index, "frais de déplacement")[0]


def test_a_folder_that_is_not_there_is_refused_at_once(run, tmp_path):
    with pytest.raises(SourceMissing):
        run(tmp_path / "absent")


def test_an_empty_folder_gives_no_progress(run, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty") == []


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_an_ingestion_left_in_the_middle_is_completed_by_the_next(
    run, files, catalogue, index, demo, monkeypatch, stop
):
    monkeypatch.setattr(batch, "BATCH_CHUNKS", 1)
    progress = ingest(
        [files],
        catalogue=catalogue,
        index=index,
        embedder=demo,
        source="dossier",
        defaults=Defaults(),
    )
    for _ in range(stop):
        next(progress)
    progress.close()
    run(files)
    assert len(list(catalogue.walk())) == 5
    assert consistent(catalogue, index)
    assert run(files)[-1].unchanged == 3


@pytest.mark.parametrize("step", ["add_all", "remove"])
def test_whatever_breaks_between_two_writes_the_next_run_mends(
    run, files, catalogue, index, monkeypatch, step
):
    run(files)
    shorter = "\n".join(PROGRAMMES.splitlines()[:-1]).replace("2030-06-30", "2030-07-31")
    (files / "aides.csv").write_text(shorter, encoding="utf-8")
    write = getattr(Index, step)

    def broken(self, *given):
        write(self, *given)
        raise OSError("No space left on device")

    with monkeypatch.context() as during, pytest.raises(OSError, match="space"):
        during.setattr(Index, step, broken)
        run(files)
    # Even when the file goes back to what it was, as if nothing had happened in between.
    (files / "aides.csv").write_text(PROGRAMMES, encoding="utf-8")
    run(files)
    assert len(catalogue.programmes(Audience.PUBLIC)) == 3
    assert consistent(catalogue, index)


INGEST = """
import sys
from pathlib import Path
from vigie.index import batch, sync
from vigie.index.catalogue import Catalogue
from vigie.index.edge import EdgeClient
from vigie.index.embedders import load_embedder
from vigie.index.search import Index
from vigie.ingest.reading import Defaults

batch.BATCH_CHUNKS = 2
files, folder, url = sys.argv[1:]
demo = load_embedder("demo", threads=1)
index = Index(EdgeClient(Path(folder)), demo)
for progress in sync.ingest([Path(files)], catalogue=Catalogue(url), index=index, embedder=demo,
                            source="dossier", defaults=Defaults()):
    print(progress.done, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_process_stopped_while_ingesting_is_completed_by_the_next(
    how, tmp_path, folder, run, catalogue, client, demo, index
):
    files = tmp_path / "many"
    files.mkdir()
    for number in range(40):
        (files / f"{number:02}.txt").write_text(
            f"Note {number}\n\nLa subvention numéro {number} est versée.\n", encoding="utf-8"
        )
    url = f"sqlite:///{tmp_path}/vigie.db"
    client.close()
    stopped = subprocess.Popen(
        [sys.executable, "-c", INGEST, str(files), str(folder / "index"), url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with stopped:
        assert stopped.stdout
        for line in stopped.stdout:
            if int(line) >= 8:
                break
        stopped.send_signal(how)
    assert stopped.returncode != 0
    assert 0 < catalogue.count(Audience.STAFF) < 40
    last = run(files)[-1]
    assert last.done == 40
    assert 0 < last.unchanged < 40
    assert consistent(catalogue, index)
    assert index.count() == 40


def test_an_index_that_was_emptied_is_filled_again(run, files, catalogue, index):
    run(files)
    for document in catalogue.walk():
        index.remove(document.id)
    run(files)
    assert consistent(catalogue, index)


def test_another_model_gets_its_own_collection_and_takes_over(
    run, files, catalogue, client, index, demo
):
    run(files)
    other = type(demo)(name="other", dimensions=64)
    told = []
    for progress in reindex(client, other, catalogue):
        told.append(progress)
        assert texts(index, "frais de déplacement")
    assert (told[-1].done, told[-1].chunks) == (5, index.count())
    assert consistent(catalogue, Index(client, other))
    assert client.collection_exists("vigie-1")
    assert drop_former(client) == 1
    assert not client.collection_exists("vigie-1")


def test_a_reindexing_left_in_the_middle_changes_nothing(
    run, files, catalogue, client, index, demo
):
    run(files)
    other = type(demo)(name="other", dimensions=64)
    progress = reindex(client, other, catalogue)
    next(progress)
    progress.close()
    assert "remboursés" in texts(Index(client, demo), "frais de déplacement")[0]
    list(reindex(client, other, catalogue))
    assert consistent(catalogue, Index(client, other))


def test_reading_leaves_no_process_behind(run, files):
    before = children()
    run(files)
    assert not children() - before


def children() -> set[str]:
    """Of this process; multiprocessing may have one of its own from an earlier test."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(listed.read_text(encoding="utf-8").split()) if listed.exists() else set()
