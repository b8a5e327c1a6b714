"""Puts a large collection of the embedded engine in order on a copy, in a process of its own.

The engine makes codes and graphs while it holds all threads of its process still: 3 s of
processor for 100,000 chunks with codes, over a minute with a graph. A server would not answer.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from qdrant_client import models

from vigie.index import edge_convert as convert
from vigie.index.edge_folder import SHARD, Collection, load_shard
from vigie.index.sizing import Codes, Layout

logger = logging.getLogger(__name__)

# The copy, and what the engine makes beside it before it drops what it replaces.
COPIES = 2
# Whoever asks a question meanwhile goes first.
NICE = 10


def ordered(found: Collection, layout: Layout, spare: int) -> Path | None:
    """The folder of the copy, complete and closed; None where `spare` bytes would not be left, or
    where the other process did not end well. Nobody may write to the collection meanwhile."""
    size = sum(path.stat().st_size for path in found.path.rglob("*") if path.is_file())
    free = shutil.disk_usage(found.path).free
    if free < COPIES * size + spare:
        logger.warning("%s: %d bytes free, %d needed to put it in order", found.path, free, size)
        return None
    copy = _following(found.path)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(found.path, copy)
    told = {
        "vectors": {key: item.model_dump(mode="json") for key, item in found.vectors.items()},
        "sparse": {key: item.model_dump(mode="json") for key, item in found.sparse.items()},
        "layout": asdict(layout),
    }
    command = [sys.executable, "-m", "vigie.index.edge_order", str(copy), json.dumps(told)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        logger.error("%s was not put in order: %s", found.path, done.stderr.decode()[-500:])
        shutil.rmtree(copy, ignore_errors=True)
        return None
    return copy


def _following(path: Path) -> Path:
    """shard, shard-2, shard-3…"""
    number = int(path.name.rpartition("-")[2]) if "-" in path.name else 1
    return path.with_name(f"{SHARD}-{number + 1}")


def main(arguments: Sequence[str]) -> None:
    """In the other process: a folder, and what it holds as JSON."""
    os.nice(NICE)
    folder, told = Path(arguments[0]), json.loads(arguments[1])
    codes = told["layout"].pop("codes")
    layout = Layout(codes=codes and Codes(codes), **told["layout"])
    vectors = {key: models.VectorParams(**item) for key, item in told["vectors"].items()}
    sparse = {key: models.SparseVectorParams(**item) for key, item in told["sparse"].items()}
    shard = load_shard(folder, convert.config(vectors, sparse, layout), folder)
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main(sys.argv[1:])
