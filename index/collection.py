"""Collections: how one is made, what it remembers of its embedder, which one an alias means."""

from typing import Any

from qdrant_client import models

from vigie.index import lexical, points, sizing
from vigie.index.embedders import Embedder
from vigie.index.stores import Client
from vigie.ingest.errors import IndexMismatch

COLLECTION = "vigie"


def identity(embedder: Embedder) -> dict[str, Any]:
    """What must be the same for a query to meet the chunks; recorded with the collection."""
    return {
        "model": embedder.name,
        "revision": embedder.revision,
        "dimensions": embedder.dimensions,
        "budget": embedder.budget,
        "prefixes": list(embedder.prefixes),
        "terms": lexical.VERSION,
    }


def recorded(client: Client, collection: str) -> dict[str, Any] | None:
    """The identity that a collection was built with, None before its first opening."""
    if not client.collection_exists(collection):
        return None
    return client.get_collection(collection).config.metadata or {}


def built_with(client: Client, collection: str = COLLECTION) -> str | None:
    """The name of the model that an index was built with; `load_embedder` asks for it."""
    return (recorded(client, collection) or {}).get("model")


def ensure(client: Client, embedder: Embedder, collection: str) -> None:
    """Makes the collection when there is none, and checks it against the embedder."""
    if recorded(client, collection) is None:
        create(client, embedder, numbered(collection, 1))
        switch(client, collection, numbered(collection, 1))
    stored, configured = recorded(client, collection) or {}, identity(embedder)
    if stored != configured:
        raise IndexMismatch(stored=label(stored), configured=label(configured))


def create(client: Client, embedder: Embedder, name: str) -> None:
    """An empty collection with its indexes; goes on with one whose creation was cut short."""
    if not client.collection_exists(name):
        client.create_collection(
            name,
            vectors_config={
                name: models.VectorParams(size=embedder.dimensions, distance=models.Distance.COSINE)
                for name in (points.DENSE, points.TITLE)
            },
            sparse_vectors_config={
                name: models.SparseVectorParams(modifier=models.Modifier.IDF)
                for name in (points.LEXICAL, points.DOCUMENT)
            },
            metadata=identity(embedder),
            **sizing.of_server(client),
        )
    for field, schema in points.INDEXED.items():
        client.create_payload_index(name, field, schema)


def switch(client: Client, alias: str, name: str) -> None:
    """From now on the alias is of that collection: one step, without a moment of absence."""
    created = models.CreateAlias(collection_name=name, alias_name=alias)
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=created)])


def numbered(alias: str, number: int) -> str:
    """Collections follow each other behind an alias: vigie-1, vigie-2…"""
    return f"{alias}-{number}"


def number(client: Client, alias: str) -> int:
    """The number of the collection in use, 0 before the first."""
    for item in client.get_aliases().aliases:
        if item.alias_name == alias:
            return int(item.collection_name.rpartition("-")[2])
    return 0


def label(identity: dict[str, Any]) -> str:
    """The model, with what tells two builds of it apart."""
    keys = ("revision", "dimensions", "budget", "terms")
    details = ", ".join(f"{key} {identity.get(key)}" for key in keys)
    return f"{identity.get('model')} ({details})"
