"""Files into the catalogue and the index, touching only what changed.

At any moment it may be interrupted. The order of the writes sees to it that the next run goes on:
a document is doubted in the catalogue, its chunks are written, then the catalogue records it; a
file is settled once all its documents are.
"""

import hashlib
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from vigie.index.catalogue import Catalogue
from vigie.index.embedders import Embedder
from vigie.index.search import Index
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Chunk, Document
from vigie.ingest.errors import InvalidValue, Reason, VigieError
from vigie.ingest.folder import Found, find
from vigie.ingest.isolation import ReaderPool
from vigie.ingest.reading import Defaults

logger = logging.getLogger(__name__)

# Parsing takes a tenth of the time of encoding: one worker keeps ahead, the second hides the
# start of the first and a slow file.
READERS = 2
# Files read ahead; their documents wait in memory.
AHEAD = 8
# Chunks encoded together: enough for batches of like length, few enough to show progress every
# ten seconds on a slow processor.
BATCH_CHUNKS = 128


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion is: counts of files, but `chunks`; `error` is that of `current`.

    `done` includes the unchanged and the failed; the last one has `done == found`.
    """

    found: int
    done: int
    unchanged: int
    failed: int
    chunks: int
    seconds: float
    current: str
    error: VigieError | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What remains to do for a file once its documents are indexed."""

    origin: str
    fingerprint: str
    leaving: tuple[str, ...]


@dataclass(slots=True)
class Batch:
    """Documents whose chunks are to be encoded together, and the files that then are settled."""

    entries: list[tuple[Document, list[Chunk], str]] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Chunks."""
        return sum(len(parts) for _, parts, _ in self.entries)


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
    run = Ingestion(catalogue, index, embedder, source, defaults)
    yield from run.over(find(paths))


def ingest_documents(
    made: Iterable[Document], *, catalogue: Catalogue, index: Index, embedder: Embedder
) -> Iterator[Progress]:
    """Indexes documents that need no reading, new or changed; yields after each batch of chunks.

    Each counts as a file of its own; what is no longer among them stays.
    """
    yield from Ingestion(catalogue, index, embedder, "", Defaults()).of(made)


class Ingestion:
    """One run of `ingest`, or of `ingest_documents`."""

    def __init__(
        self,
        catalogue: Catalogue,
        index: Index,
        embedder: Embedder,
        source: str,
        defaults: Defaults,
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._embedder = embedder
        self._source = source
        self._defaults = defaults
        self._batch = Batch()
        self._progress = Progress(0, 0, 0, 0, 0, 0.0, "")
        self._start = time.monotonic()

    def over(self, found: Sequence[Found]) -> Iterator[Progress]:
        """Every file, in the order found."""
        self._tell(found=len(found))
        if self._index.count() == 0:
            self._catalogue.doubt()  # an index that was emptied or replaced
        changed: list[tuple[Found, str]] = []
        origins: set[str] = set()
        for item in found:
            origin, print_ = origin_of(item), fingerprint(item, self._for(item))
            if origin in origins:
                yield self._failed(origin, twice(item, origin))
            elif print_ == self._catalogue.fingerprint(self._source, origin):
                yield self._tell(origin, done=1, unchanged=1)
            else:
                changed.append((item, print_))
            origins.add(origin)
        yield from self._read(changed)
        if self._batch.entries or self._batch.settlements:
            yield self._flush(self._progress.current)

    def of(self, made: Iterable[Document]) -> Iterator[Progress]:
        """Every document, in the order given."""
        if self._index.count() == 0:
            self._catalogue.doubt()
        for document in made:
            self._tell(found=1)
            if self._catalogue.digest(document.id) == document.digest:
                self._tell(document.location, done=1, unchanged=1)
                continue
            parts = chunks(document, self._embedder.budget, self._embedder.count)
            self._batch.entries.append((document, parts, document.location))
            self._tell(document.location, done=1)
            if self._batch.size >= BATCH_CHUNKS:
                yield self._flush(document.location)
        yield self._flush(self._progress.current) if self._batch.entries else self._progress

    def _read(self, files: Sequence[tuple[Found, str]]) -> Iterator[Progress]:
        # The pool closes before the threads are waited for: what they wait for then ends at once.
        with ThreadPoolExecutor(READERS) as threads, ReaderPool(READERS) as pool:
            ahead: deque[tuple[Found, str, Future[list[Document]]]] = deque()
            waiting = iter(files)
            while True:
                while len(ahead) < AHEAD and (following := next(waiting, None)):
                    item, print_ = following
                    reading = threads.submit(
                        pool.read,
                        item.path,
                        source=self._source,
                        root=item.root,
                        defaults=self._for(item),
                    )
                    ahead.append((item, print_, reading))
                if not ahead:
                    return
                item, print_, reading = ahead.popleft()
                yield from self._one(origin_of(item), print_, reading)

    def _one(self, origin: str, print_: str, reading: Future[list[Document]]) -> Iterator[Progress]:
        try:
            documents = reading.result()
        except VigieError as error:
            yield self._failed(origin, error)
            return
        fresh = [item for item in documents if self._catalogue.digest(item.id) != item.digest]
        for document in fresh:
            parts = chunks(document, self._embedder.budget, self._embedder.count)
            self._batch.entries.append((document, parts, origin))
            if self._batch.size >= BATCH_CHUNKS:
                yield self._flush(origin)
        known = self._catalogue.from_origin(self._source, origin)
        leaving = set(known) - {document.id for document in documents}
        self._batch.settlements.append(Settlement(origin, print_, tuple(sorted(leaving))))
        yield self._tell(origin, done=1, unchanged=0 if fresh or leaving else 1)

    def _flush(self, current: str) -> Progress:
        batch, self._batch = self._batch, Batch()
        leaving = [gone for item in batch.settlements for gone in item.leaving]
        self._catalogue.doubt([document.id for document, _, _ in batch.entries] + leaving)
        self._index.add_all([(document, parts) for document, parts, _ in batch.entries])
        self._catalogue.put_all(
            [(document, len(parts), origin) for document, parts, origin in batch.entries]
        )
        for document_id in leaving:
            self._index.remove(document_id)
            self._catalogue.remove(document_id)
        for item in batch.settlements:
            self._catalogue.settle(self._source, item.origin, item.fingerprint)
        return self._tell(current, chunks=batch.size)

    def _failed(self, origin: str, error: VigieError) -> Progress:
        self._catalogue.fail(self._source, origin, error)
        logger.info("%s: %s", origin, error)
        return replace(self._tell(origin, done=1, failed=1), error=error)

    def _tell(self, current: str = "", **more: int) -> Progress:
        counts = {name: getattr(self._progress, name) + count for name, count in more.items()}
        seconds = time.monotonic() - self._start
        self._progress = replace(self._progress, current=current, seconds=seconds, **counts)
        return self._progress

    def _for(self, item: Found) -> Defaults:
        """What the manifest says of a file goes before what the source says of all."""
        return replace(
            self._defaults,
            audience=item.audience or self._defaults.audience,
            publisher=item.publisher or self._defaults.publisher,
        )


def origin_of(item: Found) -> str:
    """The file's location within its source, as its reader will name it."""
    return item.path.relative_to(item.root).as_posix()


def fingerprint(item: Found, defaults: Defaults) -> str:
    """SHA-256 of the file's bytes, of what is said of it, and of the version that reads it."""
    try:
        with item.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        content = str(error)  # its reader will say so in the reader's words
    told = f"{content}\n{defaults!r}\n{version('vigie')}"
    return hashlib.sha256(told.encode()).hexdigest()


def twice(item: Found, origin: str) -> VigieError:
    """Two folders of one source hold a file of the same relative path."""
    return InvalidValue(name=item.path, value=origin, expected=Reason("index.one_origin"))
