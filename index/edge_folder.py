"""The folder of the embedded engine: which collections it holds, and which aliases of them.

A collection is a folder: `collection.json` says what it holds, `shard` is Qdrant Edge's own. It
exists once its folder has its final name, so a creation cut short leaves nothing. An alias is a
line of `aliases.json`, replaced as a whole.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from qdrant_client import models

from vigie.index import edge_convert as convert
from vigie.ingest.errors import IndexLocked

COLLECTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
# What Edge says of a folder that another process has open; it has no class for it.
LOCKED = "WouldBlock"


@dataclass(frozen=True, slots=True)
class Collection:
    """An open shard and what its points must look like."""

    shard: edge.EdgeShard
    vectors: dict[str, models.VectorParams]
    sparse: dict[str, models.SparseVectorParams]
    metadata: dict[str, Any]

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
        (draft / "shard").mkdir(parents=True)
        shard = edge.EdgeShard.create(str(draft / "shard"), convert.config(vectors, sparse))
        shard.flush()
        shard.close()
        told = {
            "vectors": {key: item.model_dump(mode="json") for key, item in vectors.items()},
            "sparse": {key: item.model_dump(mode="json") for key, item in sparse.items()},
            "metadata": metadata,
        }
        replace(draft / "collection.json", told)
        draft.rename(self.at(name))

    def load(self, name: str) -> Collection:
        """Raises ValueError when there is none, IndexLocked when another process has it open."""
        folder = self.at(name)
        if not folder.is_dir():
            raise ValueError(f"Collection {name} not found")
        told = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
        vectors = {key: models.VectorParams(**item) for key, item in told["vectors"].items()}
        sparse = {key: models.SparseVectorParams(**item) for key, item in told["sparse"].items()}
        try:
            shard = edge.EdgeShard.load(str(folder / "shard"), convert.config(vectors, sparse))
        except Exception as error:  # Edge raises nothing more precise
            if LOCKED in str(error):
                raise IndexLocked(path=self.path) from error
            raise
        return Collection(shard, vectors, sparse, told["metadata"])

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

    def write_aliases(self, aliases: dict[str, str]) -> None:
        """All of them at once."""
        replace(self.path / "aliases.json", aliases)


def replace(path: Path, content: dict[str, Any]) -> None:
    """Replaces a JSON file as a whole: a reader sees the old one or the new one."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
