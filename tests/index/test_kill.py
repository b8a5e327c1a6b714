"""Killed at any point, a round is completed by the next, and nothing shows that it was."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from vigie.index.catalogue import Catalogue
from vigie.index.edge import EdgeClient
from vigie.ingest.documents import Audience

KILLS = 20
# Chosen once: a run that fails can be run again as it was.
SEED = 20_261_124
# Where waiting for a disk costs nothing; a kill loses no more there than on a disk.
MEMORY = Path("/dev/shm")

# A process that has imported everything goes round in children, one for each line that it reads:
# what is killed is a round, and not two seconds of imports.
ROUNDS = """
import os, sys
from pathlib import Path
from vigie.index import batch, rounds
from vigie.index.catalogue import Catalogue
from vigie.index.edge import EdgeClient
from vigie.index.embedders import load_embedder
from vigie.index.search import Index
from vigie.ingest.sources.declarations import Declaration

batch.BATCH_CHUNKS = 4
demo = load_embedder("demo", threads=1)
demo.embed_documents(["chauffe"])


def go(folder):
    source = Declaration(name="notes", kind="folder", where=[str(folder / "files")])
    client, catalogue = EdgeClient(folder / "index"), Catalogue(f"sqlite:///{folder}/vigie.db")
    told = rounds.sync([source], catalogue=catalogue, index=Index(client, demo), embedder=demo,
                       copies=folder / "copies")
    last = list(told)[-1]
    client.close()
    catalogue.close()
    os._exit(1 if last.error or last.failed or last.held else 0)


for line in sys.stdin:
    child = os.fork()
    if not child:
        go(Path(line.strip()))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Walker:
    """Goes round a folder's files in a process of its own, to its end or until it is killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", ROUNDS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )

    def round(self, folder: Path, kill_after: float | None = None) -> int:
        """The exit status, negative for a signal; `kill_after` is in seconds."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it ended before its time
                os.kill(child, signal.SIGKILL)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@pytest.fixture
def walker() -> Iterator[Walker]:
    started = Walker()
    yield started
    started.close()


@pytest.fixture
def room() -> Iterator[Path]:
    parent = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


def note(number: int, words: str = "est versée") -> str:
    """Three passages: what is killed half-way must be able to be half there."""
    sentence = f"La subvention {number} {words} aux associations de la commune. "
    parts = "\n\n".join(f"## Point {part}\n\n{sentence * (8 + part)}" for part in range(3))
    return f"# Note {number}\n\n{parts}\n"


def first_files(folder: Path) -> None:
    """Twenty notes and a table."""
    (folder / "files").mkdir(parents=True)
    for number in range(20):
        (folder / "files" / f"{number:02}.md").write_text(note(number), encoding="utf-8")
    shared_notes(folder)
    write_table(folder, range(12))


def shared_notes(folder: Path) -> None:
    """The same three notes in two more places each, so that they are one document in three."""
    for number, where in ((40, "a"), (41, "b"), (42, "c")):
        for place in ("communes", "ligues"):
            (folder / "files" / place).mkdir(exist_ok=True)
            (folder / "files" / place / f"{where}.md").write_text(note(number), encoding="utf-8")
        (folder / "files" / f"{number}.md").write_text(note(number), encoding="utf-8")


def write_table(folder: Path, rows: Any) -> None:
    head = "Nom du programme,Financeur,Bénéficiaires\n"
    lines = [f"Fonds {row},Région Bretagne,Associations\n" for row in rows]
    (folder / "files" / "aides.csv").write_text(head + "".join(lines), encoding="utf-8")


def later_files(folder: Path) -> None:
    """Edited, deleted, moved, added; rows too."""
    files = folder / "files"
    for number in range(4):
        (files / f"{number:02}.md").write_text(note(number, "est refusée"), encoding="utf-8")
    (files / "04.md").unlink()
    (files / "05.md").unlink()
    (files / "archives").mkdir()
    for number in range(6, 12):
        (files / f"{number:02}.md").rename(files / "archives" / f"{number:02}.md")
    for number in range(20, 26):
        (files / f"{number}.md").write_text(note(number), encoding="utf-8")
    # The first place of each note is lost, edited, or moved; a new copy comes to the second.
    (files / "40.md").unlink()
    (files / "41.md").write_text(note(41, "est refusée"), encoding="utf-8")
    (files / "42.md").rename(files / "archives" / "42.md")
    (files / "ligues" / "c.md").unlink()
    (files / "communes" / "d.md").write_text(note(41), encoding="utf-8")
    write_table(folder, range(1, 14))


def state(folder: Path) -> tuple[dict[str, tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
    """Documents with location, digest and other places; points with payloads and vectors."""
    catalogue = Catalogue(f"sqlite:///{folder}/vigie.db")
    documents = {
        item.id: (item.location, catalogue.digest(item.id), places(catalogue, item.id))
        for item in catalogue.walk()
    }
    catalogue.close()
    client = EdgeClient(folder / "index")
    ids = [point.id for point in client.scroll("vigie", limit=10_000)[0]]
    # Nobody needs the vectors back but this test: the client has no way to ask for them.
    shard = client._collection("vigie").shard
    found = shard.retrieve(ids, with_payload=True, with_vector=True)
    points = {str(point.id): (point.payload, vectors(point.vector)) for point in found}
    client.close()
    return documents, points


def places(catalogue: Catalogue, id_: str) -> tuple[str, ...]:
    """Ids under which a document is known elsewhere, by themselves or by what resembles it."""
    twins = catalogue.twins([id_], Audience.STAFF).get(id_, ())
    return tuple(sorted(twin.document_id for twin in twins))


def vectors(found: Any) -> dict[str, str]:
    """Dense and sparse, as text that is equal when they are."""
    return {name: repr(value) for name, value in found.items()}


def test_a_round_killed_at_any_point_ends_as_if_it_had_not_been(walker: Walker, room: Path) -> None:
    fresh, base, whole = room / "fresh", room / "base", room / "whole"
    first_files(fresh)
    shutil.copytree(fresh, base)
    assert walker.round(base) == 0
    started = time.monotonic()
    shutil.copytree(base, whole)
    later_files(whole)
    assert walker.round(whole) == 0
    length = time.monotonic() - started
    expected = {"fresh": state(base), "base": state(whole)}
    assert len(expected["base"][0]) == 24 + 4 + 13
    assert sum(len(places) for *_, places in expected["base"][0].values()) == 4

    dice = random.Random(SEED)
    killed = 0
    for number in range(KILLS):
        start = "base" if number % 2 else "fresh"
        folder = room / f"trial-{number}"
        shutil.copytree(room / start, folder)
        if start == "base":
            later_files(folder)
        killed += walker.round(folder, kill_after=dice.uniform(0.02, length)) == -signal.SIGKILL
        assert walker.round(folder) == 0
        documents, points = state(folder)
        assert documents == expected[start][0], number
        assert points == expected[start][1], number
        shutil.rmtree(folder)
    # Some rounds end before their time; most must not, or nothing was tried.
    assert killed >= KILLS // 2
