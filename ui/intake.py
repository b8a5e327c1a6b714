"""Paths to index, each under a source of its own, as one ingestion."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from vigie.assistant.build import Vigie
from vigie.index.sync import Progress, ingest
from vigie.ingest.reading import Defaults

# Hexadecimal digits that tell two folders of the same name apart: one chance in 16 million.
MARK_DIGITS = 6


def intake(
    vigie: Vigie, paths: Sequence[Path], source: str | None, defaults: Defaults
) -> Iterator[Progress]:
    """Progress over all the paths; without `source`, each folder is its own."""
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(source or source_of(path), []).append(path)
    before = Progress(0, 0, 0, 0, 0, 0.0, "")
    for name, members in groups.items():
        total = before
        for progress in ingest(
            members,
            catalogue=vigie.catalogue,
            index=vigie.index,
            embedder=vigie.embedder,
            source=name,
            defaults=defaults,
        ):
            total = added(before, progress)
            yield total
        before = total


def added(before: Progress, progress: Progress) -> Progress:
    """The counts of both; the rest is that of the later one."""
    return replace(
        progress,
        found=before.found + progress.found,
        done=before.done + progress.done,
        unchanged=before.unchanged + progress.unchanged,
        failed=before.failed + progress.failed,
        chunks=before.chunks + progress.chunks,
        seconds=before.seconds + progress.seconds,
    )


def source_of(path: Path) -> str:
    """Name of the folder given, or of the file's folder, with a mark of where it lies.

    Two folders of one name stay two sources, and the address of a folder on this machine is told
    to nobody.
    """
    folder = path.resolve() if path.is_dir() else path.resolve().parent
    mark = hashlib.sha256(str(folder).encode(errors="surrogateescape")).hexdigest()[:MARK_DIGITS]
    name = re.sub(r"[^\w.-]+", "-", folder.name).strip("-.") or "source"
    return f"{name}-{mark}"
