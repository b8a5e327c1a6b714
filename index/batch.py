"""What an ingestion has read and not yet written."""

from dataclasses import dataclass, field

from vigie.index.copies import Copied
from vigie.ingest.documents import Chunk, Document
from vigie.ingest.sources.offers import Remembered

# Chunks encoded together: enough for batches of like length, few enough to show progress every
# ten seconds on a slow processor.
BATCH_CHUNKS = 128


@dataclass(frozen=True, slots=True)
class Settlement:
    """What remains to do for a file once its documents are indexed."""

    origin: str
    fingerprint: str
    leaving: tuple[str, ...]
    remembered: Remembered | None = None


@dataclass(slots=True)
class Batch:
    """Documents whose chunks are to be encoded together, and the files that then are settled.

    `contents` leads from the identity of each entry to its id.
    """

    entries: list[tuple[Document, list[Chunk], str]] = field(default_factory=list)
    copied: list[Copied] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Chunks."""
        return sum(len(parts) for _, parts, _ in self.entries)

    @property
    def full(self) -> bool:
        """Whether it is time to write; a copy takes the room of a chunk."""
        return self.size + len(self.copied) >= BATCH_CHUNKS

    @property
    def documents(self) -> list[Document]:
        """All that are recorded anew."""
        return [document for document, _, _ in self.entries] + [c.document for c in self.copied]
