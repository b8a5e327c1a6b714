"""Files into the catalogue and the index, touching only what changed.

At any moment it may be interrupted. The order of the writes sees to it that the next run goes on:
a document is doubted in the catalogue, its chunks are written, then the catalogue records it; a
file is settled once all its documents are. A document that is indexed already from another place
is recorded as a copy of it; it is neither cut nor encoded.
"""

import hashlib
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from vigie.index.batch import Batch, Settlement
from vigie.index.catalogue import Catalogue
from vigie.index.copies import Copied, identity
from vigie.index.embedders import Embedder
from vigie.index.progress import Change, Progress
from vigie.index.removal import set_free, take_out
from vigie.index.search import Index
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Document
from vigie.ingest.errors import Unavailable, VigieError
from vigie.ingest.folder import find
from vigie.ingest.isolation import ReaderPool
from vigie.ingest.reading import Defaults
from vigie.ingest.sources.folder import files
from vigie.ingest.sources.offers import Copy, Gone, Listing, Offer, Remembered, Unread

__all__ = ["Ingestion", "Progress", "ingest", "ingest_documents"]

logger = logging.getLogger(__name__)

VERSION = version("vigie")

# Parsing takes a tenth of the time of encoding: one worker keeps ahead, the second hides the
# start of the first and a slow file.
READERS = 2
# Files read ahead; their documents wait in memory.
AHEAD = 8


def ingest(
    paths: Sequence[Path],
    *,
    catalogue: Catalogue,
    index: Index,
    embedder: Embedder,
    source: str,
    defaults: Defaults,
) -> Iterator[Progress]:
    """Indexes the files under `paths`; yields after each file and each batch of chunks.

    Files are read in other processes while this one encodes. A file that cannot be read is
    recorded in the catalogue, and what was known of it stays. Raises SourceMissing before
    anything is done, Unavailable and IndexLocked at any time.
    """
    run = Ingestion(catalogue, index, embedder, source)
    yield from run.over(files(find(paths), defaults))
    index.tidy()
    if run.broken:
        raise run.broken


def ingest_documents(
    made: Iterable[Document], *, catalogue: Catalogue, index: Index, embedder: Embedder
) -> Iterator[Progress]:
    """Indexes documents that need no reading, new or changed; yields after each batch of chunks.

    Each counts as a file of its own, and is one even if another says the same; what is no longer
    among them stays.
    """
    yield from Ingestion(catalogue, index, embedder, "").of(made)
    index.tidy()


class Ingestion:
    """One run of `ingest`, of `ingest_documents`, or over one source of a round.

    With `holding`, what leaves files that are still there is not removed but kept in `held`, for
    the caller to decide; `stamp` goes with what is remembered of pages. Afterwards `present` and
    `gone` have the origins that are there and that are not, `whole` tells whether there are no
    others, and `broken` is the error that ended the offers, if one did.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        index: Index,
        embedder: Embedder,
        source: str,
        *,
        holding: bool = False,
        stamp: str = "",
    ) -> None:
        self.held: list[Settlement] = []
        self.present: set[str] = set()
        self.gone: set[str] = set()
        self.whole = False
        self.broken: VigieError | None = None
        self._catalogue = catalogue
        self._index = index
        self._embedder = embedder
        self._source = source
        self._holding = holding
        self._stamp = stamp
        self._prints: dict[str, str] = {}
        self._batch = Batch()
        self._progress = Progress(0, 0, 0, 0, 0, 0.0, "", source=source if holding else "")
        self._start = time.monotonic()

    def over(self, offers: Iterable[Offer]) -> Iterator[Progress]:
        """Every offer, in its order; errors of the offers end up in `broken`."""
        self._begin()
        # One question for all: a thousand would take half the time of an unchanged folder.
        self._prints = self._catalogue.ledger.fingerprints(self._source)
        # The pool closes before the threads are waited for: what they wait for then ends at once.
        with ThreadPoolExecutor(READERS) as threads, ReaderPool(READERS) as pool:
            ahead: deque[tuple[Copy, str, Future[list[Document]]]] = deque()
            for offer in self._following(offers):
                changed = self._changed(offer)
                if isinstance(changed, Progress):
                    yield changed
                elif changed:
                    copy, print_ = changed
                    reading = threads.submit(
                        pool.read,
                        copy.path,
                        source=self._source,
                        root=copy.root,
                        defaults=copy.defaults,
                    )
                    ahead.append((copy, print_, reading))
                if len(ahead) >= AHEAD:
                    yield from self._one(*ahead.popleft())
            while ahead:
                yield from self._one(*ahead.popleft())
        if self._batch.documents or self._batch.settlements:
            yield self._flush(self._progress.current)

    def of(self, made: Iterable[Document]) -> Iterator[Progress]:
        """Every document, in the order given."""
        self._begin()
        for document in made:
            self.tell(found=1)
            if self._catalogue.digest(document.id) == document.digest:
                self.tell(document.location, done=1, unchanged=1)
                continue
            parts = chunks(document, self._embedder.budget, self._embedder.count)
            self._batch.entries.append((document, parts, document.location))
            self.tell(document.location, done=1)
            if self._batch.full:
                yield self._flush(document.location)
        yield self._flush(self._progress.current) if self._batch.entries else self._progress

    def _begin(self) -> None:
        self._catalogue.catch_up()
        if self._index.count() == 0:
            self._catalogue.doubt()  # an index that was emptied or replaced

    def _following(self, offers: Iterable[Offer]) -> Iterator[Offer]:
        """The offers until they end or break off; what was read before that is kept."""
        waiting = iter(offers)
        while self.broken is None:
            try:
                yield next(waiting)
            except StopIteration:
                return
            except VigieError as error:
                self.broken = error
            except OSError as error:
                self.broken = Unavailable(what=self._source, reason=error.strerror or str(error))
            except Exception:
                # What strangers publish breaks code in ways that nobody foresaw; the sources that
                # follow must have their turn.
                logger.exception("%s: unexpected error", self._source)
                self.broken = VigieError()
        self.whole = False

    def _changed(self, offer: Offer) -> tuple[Copy, str] | Progress | None:
        """A copy to read and its fingerprint; else the progress, None when there is none."""
        if isinstance(offer, Listing):
            self.whole = offer.whole
            self.tell(found=max(offer.count, self._progress.done) - self._progress.found)
            return None
        if isinstance(offer, Gone):
            self.gone.add(offer.origin)
            self.tell(found=-1)
            return None
        self.present.add(offer.origin)
        if isinstance(offer, Unread):
            return self._failed(offer.origin, offer.error)
        if isinstance(offer, Copy):
            print_ = fingerprint(offer)
            if print_ != self._prints.get(offer.origin):
                return offer, print_
            offer.discard()
        if offer.remembered:
            self._remember(offer.origin, offer.remembered)
        return self.tell(offer.origin, Change.UNCHANGED, done=1, unchanged=1)

    def _one(self, copy: Copy, print_: str, reading: Future[list[Document]]) -> Iterator[Progress]:
        origin = copy.origin
        try:
            documents = [copy.described(document) for document in reading.result()]
        except VigieError as error:
            yield self._failed(origin, located(error, origin) if copy.temporary else error)
            return
        finally:
            copy.discard()
        known = self._catalogue.from_origin(self._source, origin)
        fresh = [item for item in documents if self._catalogue.digest(item.id) != item.digest]
        for document in fresh:
            self._take(document, origin)
            if self._batch.full:
                yield self._flush(origin)
        leaving = tuple(sorted(set(known) - {document.id for document in documents}))
        settlement = Settlement(origin, print_, leaving, copy.remembered)
        (self.held if leaving and self._holding else self._batch.settlements).append(settlement)
        if not fresh and not leaving:
            yield self.tell(origin, Change.UNCHANGED, done=1, unchanged=1)
        else:
            change = Change.CHANGED if known else Change.NEW
            yield self.tell(origin, change, done=1, **{change.value: 1})

    def _take(self, document: Document, origin: str) -> None:
        """Puts a document among those to be indexed, or among the copies of what is."""
        content, batch = identity(document), self._batch
        original = batch.contents.get(content) if content else None
        if original in (None, document.id):
            changing = [document.id, *(other.id for other in batch.documents)]
            original = self._catalogue.copies.original(content, but=changing)
        if original is not None:
            batch.copied.append(Copied(document, origin, original))
            return
        parts = chunks(document, self._embedder.budget, self._embedder.count)
        batch.entries.append((document, parts, origin))
        batch.contents[content] = document.id

    def _flush(self, current: str) -> Progress:
        batch, self._batch = self._batch, Batch()
        leaving = [gone for item in batch.settlements for gone in item.leaving]
        set_free(batch.documents, self._catalogue, self._index)
        self._catalogue.doubt([document.id for document in batch.documents] + leaving)
        self._index.add_all([(document, parts) for document, parts, _ in batch.entries])
        for copied in batch.copied:
            # It may have been a document of its own, or an interrupted run left its chunks.
            self._index.remove(copied.document.id)
        self._catalogue.put_all(
            [(document, len(parts), origin) for document, parts, origin in batch.entries],
            batch.copied,
        )
        take_out(leaving, self._catalogue, self._index)
        for item in batch.settlements:
            self.settle(item)
        return self.tell(current, chunks=batch.size)

    def settle(self, item: Settlement) -> None:
        """Nothing more is to be done for a file until it changes."""
        # The fingerprint before the visit: a visit remembered alone would hide what it gave.
        self._catalogue.settle(self._source, item.origin, item.fingerprint)
        if item.remembered:
            self._remember(item.origin, item.remembered)

    def _remember(self, origin: str, visit: Remembered) -> None:
        self._catalogue.ledger.remember(self._source, origin, visit, self._stamp)

    def _failed(self, origin: str, error: VigieError) -> Progress:
        self._catalogue.fail(self._source, origin, error)
        logger.info("%s: %s", origin, error)
        return replace(self.tell(origin, Change.FAILED, done=1, failed=1), error=error)

    def tell(self, current: str = "", change: Change | None = None, **more: int) -> Progress:
        """The progress, with these counts added to it."""
        counts = {name: getattr(self._progress, name) + count for name, count in more.items()}
        seconds = time.monotonic() - self._start
        now = replace(self._progress, current=current, seconds=seconds, change=change, **counts)
        self._progress = replace(now, found=max(now.found, now.done))
        return self._progress


def fingerprint(copy: Copy) -> str:
    """SHA-256 of the content, of what is said of it, and of the version that reads it."""
    said = f"{copy.content}\n{copy.defaults!r}\n{copy.told!r}\n{VERSION}"
    return hashlib.sha256(said.encode()).hexdigest()


def located(error: VigieError, origin: str) -> VigieError:
    """The error of a copy, told of what it is a copy of."""
    return type(error)(**(error.values | {"path": origin}))
