"""An embedder without a model: bags of stems, so that what is close can be told by eye."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigie.index.embedders import Vectors
from vigie.index.lexical import term_index, terms

# Wide enough for the few hundred stems of a test corpus to share few dimensions.
DIMENSIONS = 256
# Words, about what the packaged model takes (256 tokens at 2 tokens a French word).
BUDGET = 128


@dataclass(frozen=True, slots=True)
class Demo:
    """Each stem adds one to its own dimension; texts of the same stems have cosine 1."""

    name: str = "demo"
    revision: str = "1"
    dimensions: int = DIMENSIONS
    budget: int = BUDGET
    prefixes: tuple[str, str] = ("", "")
    fallback_from: str | None = None

    def count(self, text: str) -> int:
        """Words between blanks."""
        return len(text.split())

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Rows of non-negative numbers; the last dimension stands for a text without any stem."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for term in terms(text):
                row[term_index(term) % (self.dimensions - 1)] += 1
            if not row.any():
                row[-1] = 1
            row /= np.linalg.norm(row)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The same vector as for a document."""
        vector: Vectors = self.embed_documents([text])[0]
        return vector


def demo(_name: str, _threads: int, _built_with: str | None) -> Demo:
    """There is nothing to load."""
    return Demo()
