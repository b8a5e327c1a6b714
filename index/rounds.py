"""One round over the sources that are followed: what is new, changed, moved or gone in each."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from vigie.index.catalogue import Catalogue
from vigie.index.embedders import Embedder
from vigie.index.ledger import Outcome
from vigie.index.progress import Change, Progress
from vigie.index.prune import (
    departures,
    is_suspicious,
    lost,
    prune,
    settle_moves,
    still_there,
    total,
)
from vigie.index.removal import take_out
from vigie.index.rows import now, plain
from vigie.index.search import Index
from vigie.index.sync import Ingestion
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.fetching import Fetcher
from vigie.ingest.sources.kinds import source_of
from vigie.ingest.sources.offers import Offer, Reach

# Documents of a forgotten source that leave between two signs of life.
TAKEN_OUT = 50

COUNTS = ("found", "new", "changed", "unchanged", "moved", "removed", "held", "failed")

# Makes the fetcher of one source, which may read private addresses or not.
Fetching = Callable[[bool], Fetcher]


def fetching(allow_private: bool) -> Fetcher:
    """A fetcher that takes its time, for real sites."""
    return Fetcher(allow_private=allow_private)


@dataclass(frozen=True, slots=True)
class Round:
    """One source's turn."""

    declared: Declaration
    catalogue: Catalogue
    fetching: Fetching
    copies: Path | None

    @property
    def name(self) -> str:
        """The source's name."""
        return self.declared.name

    @property
    def stamp(self) -> str:
        """Of what is said of the pages and what reads them: when it changes, all are read again."""
        said = f"{self.declared.stated!r}\n{version('vigie')}"
        return hashlib.sha256(said.encode()).hexdigest()

    @contextmanager
    def offers(self) -> Iterator[Iterator[Offer]]:
        """What the source offers; its copies are there until the context is left."""
        ledger = self.catalogue.ledger
        with (
            self.fetching(self.declared.allow_private) as fetcher,
            room(self.copies) as folder,
        ):
            known = partial(ledger.remembered, self.name, stamp=self.stamp)
            reach = Reach(fetcher, known, folder)
            yield source_of(self.declared.kind)(self.declared, reach)

    def made(self, index: Index, embedder: Embedder, confirm: bool) -> Iterator[Progress]:
        """Brings catalogue and index in step with the source."""
        ledger = self.catalogue.ledger
        before = total(self.catalogue, self.name)
        former = set(ledger.origins(self.name))
        run = Ingestion(self.catalogue, index, embedder, self.name, holding=True, stamp=self.stamp)
        with self.offers() as offers:
            yield from run.over(offers)
        known = ledger.origins(self.name)
        present = still_there(known, run.present, run.gone, run.whole)
        found = departures(known, present, run.held)
        settle_moves(found, self.catalogue, index, self.name)
        # Their new places were counted as new when they were met.
        run.tell(moved=len(found.moved), new=-len(set(found.moved.values()) - former))
        count = lost(found, self.catalogue, self.name)
        if is_suspicious(count, before) and not confirm:
            last = run.tell(self.name, Change.HELD, held=count)
        else:
            prune(found, self.catalogue, index, self.name)
            for item in found.rows:
                run.settle(item)
            last = run.tell(self.name, removed=count)
        if run.broken:
            last = replace(last, error=run.broken, change=Change.FAILED)
        self._conclude(last)
        yield last

    def _conclude(self, last: Progress) -> None:
        counts = {name: getattr(last, name) for name in COUNTS}
        error = last.error
        values = {name: plain(value) for name, value in error.values.items()} if error else None
        code = error.code if error else None
        self.catalogue.ledger.conclude(Outcome(self.name, now(), counts, code, values))


@contextmanager
def room(folder: Path | None) -> Iterator[Path]:
    """An empty folder for copies, without what a killed round left in it; None for any."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="vigie-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync(
    sources: Sequence[Declaration],
    *,
    catalogue: Catalogue,
    index: Index,
    embedder: Embedder,
    confirm: bool = False,
    fetching: Fetching = fetching,
    copies: Path | None = None,
) -> Iterator[Progress]:
    """Goes through the sources in their order; the last progress of each has its whole count.

    A source that breaks off keeps what it had and stops no other. One that lost suspiciously much
    keeps it too, and tells how many documents are `held`, until `confirm`. `copies` is a folder for
    pages on their way, emptied first. Raises Unavailable and IndexLocked when catalogue or index
    fail.
    """
    for declared in sources:
        yield from Round(declared, catalogue, fetching, copies).made(index, embedder, confirm)
    index.tidy()


def forget(source: str, *, catalogue: Catalogue, index: Index) -> Iterator[Progress]:
    """Removes all that a source gave, and what is remembered of it; yields as it goes.

    What stands in another source too stays there. Interrupted, it is to be called again.
    """
    ids = catalogue.ledger.documents(source)
    for start in range(0, len(ids), TAKEN_OUT):
        take_out(ids[start : start + TAKEN_OUT], catalogue, index)
        done = min(start + TAKEN_OUT, len(ids))
        yield Progress(len(ids), done, 0, 0, 0, 0.0, source, source=source, removed=done)
    catalogue.ledger.forget_source(source)
    count = len(ids)
    yield Progress(count, count, 0, 0, 0, 0.0, source, source=source, removed=count)
