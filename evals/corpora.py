"""Opens a corpus for measuring: an index of its own in the work folder, kept between runs."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from vigie.assistant.build import Vigie, build
from vigie.assistant.settings import Settings
from vigie.evals.benches import Bench
from vigie.evals.dataset import SAMPLE_SOURCE, corpus_ids, load_corpus
from vigie.evals.homes import homes_of, housed
from vigie.evals.vectors import KeptVectors
from vigie.index.search import Index
from vigie.index.stores import Client
from vigie.index.sync import Progress, ingest, ingest_documents
from vigie.ingest.documents import Document
from vigie.ingest.errors import InvalidValue, Reason, SourceMissing
from vigie.ingest.reading import Defaults

# Tells which code an index was made with, once it is whole.
STAMP, UNFINISHED = "made_with.txt", ""
# The packages whose code decides what an index holds.
MAKERS = ("vigie.ingest", "vigie.index")
MAKING = {".py", ".json", ".csv", ".yaml"}


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A corpus with its index open; `index` is Vigie's own, over kept vectors.

    `locations` tells by the id of a document where it stands, or where the one stands that says
    the same and is shown in its place.
    """

    bench: Bench
    vigie: Vigie
    index: Index
    embedder: KeptVectors
    locations: dict[str, str]

    def today(self) -> date:
        """The day that its questions are asked on."""
        return self.bench.today or date.today()

    def documents(self) -> Iterator[Document]:
        """Every document of the corpus, of all audiences."""
        return self.vigie.catalogue.walk()

    def missing(self) -> list[str]:
        """Expected documents that the corpus does not hold, or whose file could not be read."""
        wanted = frozenset[str]().union(*(item.relevant for item in self.bench.items))
        return sorted(wanted - set(self.locations.values()))

    def close(self) -> None:
        """Lets another process open the index."""
        self.vigie.close()


def open_corpus(
    settings: Settings, bench: Bench, work: Path, progress: Callable[[Progress], None]
) -> Opened:
    """Indexes what is new or changed of the bench's corpus, then opens it.

    The index is always an embedded one under `work`, whatever database or server the settings
    name: measuring never touches what readers use. It is made again when the code that makes it
    has changed, or what the corpus holds by name, from vectors kept beside it.
    """
    if not bench.corpus.exists():
        raise SourceMissing(path=bench.corpus)
    folder = work / re.sub(r"[^\w.-]+", "-", f"{bench.name}-{settings.embedder}")
    made_with = code_digest() + names_digest(bench.corpus)
    _clear_unless(made_with, folder)
    ours = settings.model_copy(
        update={"data_dir": folder, "qdrant_url": None, "database_url": None}
    )
    with ExitStack() as failing:
        vigie = failing.enter_context(closing(build(ours, lambda: bench.today or date.today())))
        kept = KeptVectors(vigie.embedder, work)
        hasty: Any = Hasty(vigie.client)
        for step in _ingesting(bench, vigie, Index(hasty, kept, vigie.index.collection)):
            progress(step)
        vigie.client.flush(vigie.index.collection)  # type: ignore[union-attr]  # never a server
        # As it is left to its readers: the hasty client keeps an index from tidying up.
        index = Index(vigie.client, kept, vigie.index.collection)
        index.tidy()
        (folder / STAMP).write_text(made_with, encoding="utf-8")
        locations = {document.id: document.location for document in vigie.catalogue.walk()}
        homes = homes_of(bench, source_of(bench), vigie.catalogue, locations)
        failing.pop_all()
    at = {id_: homes.get(location, location) for id_, location in locations.items()}
    return Opened(housed(bench, homes), vigie, index, kept, at)


def source_of(bench: Bench) -> str:
    """The source under which the documents of a bench are indexed."""
    return bench.corpus.parent.name if bench.corpus.is_file() else SAMPLE_SOURCE


class Hasty:
    """A client that leaves the writing down to its end.

    What is measured can be made again, and each of the hundred and twenty batches of the largest
    development corpus waited half a second for the disk.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def _ingesting(bench: Bench, vigie: Vigie, index: Index) -> Iterator[Progress]:
    if bench.corpus.is_file():
        yield from ingest_documents(
            load_corpus(bench.corpus),
            catalogue=vigie.catalogue,
            index=index,
            embedder=index.embedder,
        )
        return
    yield from ingest(
        [bench.corpus],
        catalogue=vigie.catalogue,
        index=index,
        embedder=index.embedder,
        source=source_of(bench),
        defaults=Defaults(),
    )


def _clear_unless(made_with: str, folder: Path) -> None:
    """Forgets what was made otherwise or not to its end; its vectors are kept elsewhere.

    Raises InvalidValue for a folder that holds something else.
    """
    stamp = folder / STAMP
    if stamp.is_file():
        if stamp.read_text(encoding="utf-8") != made_with:
            shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise InvalidValue(name="--work", value=folder, expected=Reason("eval.own_folder"))
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(UNFINISHED, encoding="utf-8")


def code_digest() -> str:
    """SHA-256 of the files that decide how documents are read, cut, encoded and stored."""
    digest = hashlib.sha256()
    for package in MAKERS:
        root = Path(str(files(package)))
        for path in sorted(root.rglob("*")):
            if path.suffix in MAKING:
                digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def names_digest(corpus: Path) -> str:
    """SHA-256 of what a corpus holds by name: a document that left it must leave the index."""
    if corpus.is_file():
        names = sorted(corpus_ids(corpus))
    else:
        names = sorted(path.relative_to(corpus).as_posix() for path in corpus.rglob("*"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
