"""A second collection built beside the first with another model, then put in its place."""

import time
from collections.abc import Iterator
from itertools import islice

from vigie.index.catalogue import Catalogue
from vigie.index.collection import COLLECTION, create, number, numbered, switch
from vigie.index.embedders import Embedder
from vigie.index.search import Index
from vigie.index.stores import Client, answering
from vigie.index.sync import Progress
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Audience

# Documents chunked, encoded and written together; what they hold waits in memory.
BATCH = 16


def reindex(
    client: Client, embedder: Embedder, catalogue: Catalogue, collection: str = COLLECTION
) -> Iterator[Progress]:
    """Builds the whole index again from the catalogue; counts documents, not files.

    The index in use serves until the new one is whole, and is kept after: see `drop_former`.
    Interrupted, it changes nothing, and the next call begins again.
    """
    start = time.monotonic()
    found, done, written = catalogue.count(Audience.STAFF), 0, 0
    with answering():
        draft = numbered(collection, number(client, collection) + 1)
        client.delete_collection(draft)
        create(client, embedder, draft)
    index = Index(client, embedder, draft)
    documents = catalogue.walk()
    counts: dict[str, int] = {}
    while batch := list(islice(documents, BATCH)):
        entries = [
            (document, chunks(document, embedder.budget, embedder.count)) for document in batch
        ]
        index.add_all(entries)
        counts |= {document.id: len(parts) for document, parts in entries}
        done, written = done + len(batch), sum(counts.values())
        yield Progress(found, done, 0, 0, written, time.monotonic() - start, batch[-1].title)
    if index.count() != written:
        raise RuntimeError(f"{draft} holds {index.count()} chunks instead of {written}")
    index.tidy()
    with answering():
        switch(client, collection, draft)
    catalogue.recount(counts)


def drop_former(client: Client, collection: str = COLLECTION) -> int:
    """Deletes the collections that the one in use has replaced, and tells how many there were."""
    dropped = 0
    with answering():
        for former in range(1, number(client, collection)):
            name = numbered(collection, former)
            if client.collection_exists(name):
                client.delete_collection(name)
                dropped += 1
    return dropped
