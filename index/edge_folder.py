"""The folder of the embedded engine: which collections it holds, and which aliases of them.

A collection is a folder: `collection.json` says what it holds and which of the folders beside it
is Qdrant Edge's own, the first being `shard`. It exists once its folder has its final name, so a
creation cut short leaves nothing. An alias is a line of `aliases.json`, replaced as a whole.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from qdrant_client import models

from vigie.index import edge_convert as convert
from vigie.index.sizing import Layout, Order
from vigie.ingest.errors import IndexLocked

COLLECTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
# What Edge says of a folder that another process has open; it has no class for it.
LOCKED = "WouldBlock"
SHARD = "shard"


@dataclass(frozen=True, slots=True)
class Collection:
    """An open shard, what its points must look like, and how it was last put in order."""

    shard: edge.EdgeShard
    vectors: dict[str, models.VectorParams]
    sparse: dict[str, models.SparseVectorParams]
    metadata: dict[str, Any]
    path: Path
    order: Order

    def config(self, layout: Layout) -> edge.EdgeConfig:
        """What the shard is opened with to become of that layout."""
        return convert.config(self.vectors, self.sparse, layout)

    def check(self, point: models.PointStruct) -> None:
        """Raises ValueError for a point that the shard would refuse."""
        if isinstance(point.id, str):
            UUID(point.id)
        if not isinstance(point.vector, Mapping):
            raise ValueError(f"point {point.id}: its vectors have no names")
        for name, vector in point.vector.items():
            if not self._fits(name, vector):
                raise ValueError(f"point {point.id}: vector {name!r} does not fit the collection")

    def _fits(self, name: str, vector: object) -> bool:
        if isinstance(vector, models.SparseVector):
            return name in self.sparse and len(vector.indices) == len(vector.values)
        params = self.vectors.get(name)
        return params is not None and isinstance(vector, list) and len(vector) == params.size


@dataclass(frozen=True, slots=True)
class CollectionFolder:
    """Collections by name; holds nothing open."""

    path: Path

    def at(self, name: str) -> Path:
        """Where a collection is or would be."""
        if not COLLECTION_NAME.fullmatch(name):
            raise ValueError(f"collection name {name!r}: letters, digits, _ and - only")
        return self.path / name

    def create(
        self,
        name: str,
        vectors: Mapping[str, models.VectorParams],
        sparse: Mapping[str, models.SparseVectorParams],
        metadata: dict[str, Any],
    ) -> None:
        """Builds it under another name first."""
        draft = self.path / f".{name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        (draft / SHARD).mkdir(parents=True)
        config = convert.config(vectors, sparse, Layout())
        shard = edge.EdgeShard.create(str(draft / SHARD), config)
        shard.flush()
        shard.close()
        told = {
            "vectors": {key: item.model_dump(mode="json") for key, item in vectors.items()},
            "sparse": {key: item.model_dump(mode="json") for key, item in sparse.items()},
            "metadata": metadata,
        }
        write(draft / "collection.json", told)
        draft.rename(self.at(name))

    def load(self, name: str, shard: str | None = None) -> Collection:
        """Opens the collection as it is, by another of its folders where `shard` names one.

        Raises ValueError when there is none, IndexLocked when another process has it open.
        """
        folder = self.at(name)
        if not folder.is_dir():
            raise ValueError(f"Collection {name} not found")
        told = self._told(name)
        vectors = {key: models.VectorParams(**item) for key, item in told["vectors"].items()}
        sparse = {key: models.SparseVectorParams(**item) for key, item in told["sparse"].items()}
        order = Order(**told.get("order", {}))
        path = folder / (shard or told.get("shard", SHARD))
        opened = load_shard(path, convert.config(vectors, sparse, Layout()), self.path)
        return Collection(opened, vectors, sparse, told["metadata"], path, order)

    def record(self, name: str, found: Collection) -> None:
        """From now on the collection is this folder, in this order."""
        told = self._told(name) | {"shard": found.path.name, "order": asdict(found.order)}
        write(self.at(name) / "collection.json", told)

    def sweep(self, name: str, found: Collection) -> None:
        """Removes what a change of folder, done or cut short, has left behind."""
        for path in self.at(name).glob(f"{SHARD}*"):
            if path != found.path:
                shutil.rmtree(path, ignore_errors=True)

    def _told(self, name: str) -> dict[str, Any]:
        text = (self.at(name) / "collection.json").read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(text)
        return told

    def delete(self, name: str) -> None:
        """Gone at once by its name, then from the disk."""
        rest = self.path / f".{name}.old"
        shutil.rmtree(rest, ignore_errors=True)
        self.at(name).rename(rest)
        shutil.rmtree(rest)

    def aliases(self) -> dict[str, str]:
        """Alias to collection; empty before the first."""
        try:
            text = (self.path / "aliases.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        found: dict[str, str] = json.loads(text)
        return found

    def resolve(self, name: str) -> str:
        """The collection behind an alias, or the name itself."""
        return self.aliases().get(name, name)

    def change_aliases(self, operations: Sequence[models.CreateAliasOperation | Any]) -> None:
        """All the changes or none; raises ValueError for a collection that does not exist."""
        aliases = self.aliases()
        for operation in operations:
            if isinstance(operation, models.CreateAliasOperation):
                created = operation.create_alias
                name = self.resolve(created.collection_name)
                if not self.at(name).is_dir():
                    raise ValueError(f"Collection {name} not found")
                aliases[created.alias_name] = name
            elif isinstance(operation, models.DeleteAliasOperation):
                aliases.pop(operation.delete_alias.alias_name, None)
            else:
                raise NotImplementedError(type(operation).__name__)
        write(self.path / "aliases.json", aliases)


class OpenCollections:
    """What this process has open of a folder, and how many points it wrote since each was last put
    in order; whoever calls holds the locks."""

    def __init__(self, folder: CollectionFolder) -> None:
        self._folder = folder
        self._open: dict[str, Collection] = {}
        self._written: dict[str, int] = {}

    def named(self, name: str) -> tuple[str, Collection]:
        """A collection by its name or an alias, opened where it is not yet, with its own name."""
        name = self._folder.resolve(name)
        if name not in self._open:
            self._open[name] = found = self._folder.load(name)
            self._written[name] = 0
            self._folder.sweep(name, found)
        return name, self._open[name]

    def wrote(self, name: str, points: int) -> None:
        """So many points more, new ones or in place of others."""
        self._written[self.named(name)[0]] += points

    def changed(self, name: str) -> int:
        """Points written since it was last put in order, by this process and those before."""
        name, found = self.named(name)
        return found.order.changed + self._written[name]

    def move(self, name: str, fresh: Collection) -> None:
        """From now on the collection is `fresh`, which is open already."""
        self._folder.record(name, fresh)
        former, self._open[name] = self._open[name], fresh
        self._written[name] = 0
        former.shard.close()

    def drop(self, name: str) -> None:
        """Closes one for good."""
        self._open.pop(name).shard.close()
        del self._written[name]

    def close(self) -> None:
        """Writes everything down, and what changed with it."""
        for name, found in self._open.items():
            found.shard.flush()
            if self._written[name]:
                order = replace(found.order, changed=self.changed(name))
                self._folder.record(name, replace(found, order=order))
            found.shard.close()
        self._open.clear()
        self._written.clear()


def load_shard(path: Path, config: edge.EdgeConfig, owner: Path) -> edge.EdgeShard:
    """Raises IndexLocked, naming `owner`, when another process has it open."""
    try:
        return edge.EdgeShard.load(str(path), config)
    except Exception as error:  # Edge raises nothing more precise
        if LOCKED in str(error):
            raise IndexLocked(path=owner) from error
        raise


def write(path: Path, content: dict[str, Any]) -> None:
    """Replaces a JSON file as a whole: a reader sees the old one or the new one."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
