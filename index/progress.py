"""How far an ingestion or a round is, as every face shows it."""

from dataclasses import dataclass
from enum import StrEnum

from vigie.ingest.errors import VigieError


class Change(StrEnum):
    """What becomes, or in a rehearsal would become, of one file or page."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    REMOVED = "removed"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion is: counts of files, but `chunks`; `error` is that of `current`.

    `done` includes the unchanged and the failed; the last one has `done == found`. The rest is
    told by rounds only, each source counting for itself: `moved` files are not `new`; `removed` and
    `held` count documents that left, or that would have but for the safeguard.
    """

    found: int
    done: int
    unchanged: int
    failed: int
    chunks: int
    seconds: float
    current: str
    error: VigieError | None = None
    source: str = ""
    new: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    held: int = 0
    change: Change | None = None
