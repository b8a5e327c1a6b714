"""Vectors kept between runs, so that a change of the code re-encodes only new text."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np

from vigie.index.embedders import Embedder, Vectors

FILE = "vectors.sqlite"
# Texts encoded before they are saved: an interruption loses at most about half a minute.
SAVED_EVERY = 256
# SQLite takes at most 32,766 values in a statement; older builds take 999.
ASKED_AT_ONCE = 500
# Sets the keys of questions apart: no text that is read begins with this character.
QUESTION = "\0"

Item = TypeVar("Item")


class KeptVectors:
    """An embedder with a memory on disk.

    Its times say nothing about the embedder: what is timed is asked of the embedder itself.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._path = folder / FILE
        self.name = embedder.name
        self.revision = embedder.revision
        self.dimensions = embedder.dimensions
        self.budget = embedder.budget
        self.prefixes = embedder.prefixes
        self.fallback_from = embedder.fallback_from
        self._asked: dict[str, Vectors] = {}
        with closing(self._open()) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, row BLOB)")

    def count(self, text: str) -> int:
        """Tokens, as the embedder counts them."""
        return self._embedder.count(text)

    def embed_query(self, text: str) -> Vectors:
        """Encoded once for all the systems that are compared, and for the runs that follow."""
        if text not in self._asked:
            key = self._key(QUESTION + text, self.prefixes[0])
            row = self._kept({key: text}, lambda texts: self._embedder.embed_query(*texts))
            self._asked[text] = row.reshape(-1)
        return self._asked[text]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Rows in the order of the texts, read where known, encoded and kept where not."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        keys = [self._key(text, self.prefixes[1]) for text in texts]
        distinct = dict(zip(keys, texts, strict=True))
        rows = dict(
            zip(distinct, self._kept(distinct, self._embedder.embed_documents), strict=True)
        )
        return np.stack([rows[key] for key in keys])

    def _kept(
        self, texts: Mapping[bytes, str], encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        """One row for each key, in order."""
        with closing(self._open()) as database:
            known = dict(self._known(database, list(texts)))
            missing = {key: text for key, text in texts.items() if key not in known}
            for part in batches(list(missing.items()), SAVED_EVERY):
                rows = encode([text for _, text in part]).reshape(len(part), -1)
                fresh = [(key, row.tobytes()) for (key, _), row in zip(part, rows, strict=True)]
                with database:
                    database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", fresh)
                known.update(fresh)
        return np.stack([np.frombuffer(known[key], dtype=np.float32) for key in texts])

    def _known(
        self, database: sqlite3.Connection, keys: Sequence[bytes]
    ) -> Iterator[tuple[bytes, bytes]]:
        for part in batches(keys, ASKED_AT_ONCE):
            places = ", ".join("?" * len(part))
            yield from database.execute(
                f"SELECT key, row FROM vectors WHERE key IN ({places})", part
            )

    def _key(self, text: str, prefix: str) -> bytes:
        label = f"{self.name}\n{self.revision}\n{self.budget}\n{prefix}\n"
        return hashlib.sha256((label + text).encode()).digest()

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)


def batches(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The values in order, `size` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
