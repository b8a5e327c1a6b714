"""A small French corpus in memory, for the tests of this folder."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vigie.index.catalogue import Catalogue
from vigie.index.edge import EdgeClient
from vigie.index.embedders import load_embedder
from vigie.index.search import Index
from vigie.ingest.documents import Audience, Chunk, Document, Kind, chunk_ids

Maker = Callable[..., tuple[Document, list[Chunk]]]


# Waiting for a disk proves nothing here and takes most of the time.
MEMORY = Path("/dev/shm")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the embedded engine may write to at no cost."""
    parent = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


@pytest.fixture
def client(folder: Path) -> Iterator[EdgeClient]:
    opened = EdgeClient(folder / "index")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def demo():
    return load_embedder("demo", threads=1)


@pytest.fixture
def index(client: EdgeClient, demo) -> Index:
    return Index(client, demo)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(f"sqlite:///{tmp_path}/vigie.db")
    yield opened
    opened.close()


@pytest.fixture
def made() -> Maker:
    """Makes a document of one chunk for each paragraph given."""

    def make(location: str, *paragraphs: str, audience: str = "public", **fields):
        document = Document(
            source="test",
            location=location,
            text="\n\n".join(paragraphs),
            title=fields.pop("title", location),
            kind=fields.pop("kind", Kind.ARTICLE),
            audience=Audience(audience),
            **fields,
        )
        ids = chunk_ids(document.id, iter(paragraphs))
        chunks, start = [], 0
        for ordinal, (id_, text) in enumerate(zip(ids, paragraphs, strict=True)):
            end = start + len(text)
            place = document.place_at(start)
            chunks.append(
                Chunk(id_, document.id, ordinal, start, end, text, (), place, len(text.split()))
            )
            start = end + 2
        return document, chunks

    return make
