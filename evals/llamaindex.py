"""The LlamaIndex starter: documents, its default splitter, its default vector store, a top k.

https://docs.llamaindex.ai/en/stable/getting_started/starter_example/, with our embedder in the
place of a hosted one and nothing set globally.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from llama_index.core import Document as Source
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from pydantic import PrivateAttr

from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.systems import Passage
from vigie.index.embedders import Embedder, Vectors
from vigie.ingest.documents import Audience, Document

# What `Settings` holds when nobody sets it (llama-index-core 0.14): constants.py.
CHUNK_TOKENS, OVERLAP = 1024, 20
DEFAULT_TOP_K = 2
# What is read by whoever finds two too few.
LARGER_TOP_K = 10


class Embedding(BaseEmbedding):
    """Our embedder as LlamaIndex calls one."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder, **values: Any) -> None:
        super().__init__(model_name=embedder.name, **values)
        self._embedder = embedder

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self._embedder.embed_documents(texts).tolist()
        return rows

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self._embedder.embed_query(query).tolist()
        return vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


class Nodes:
    """The passages and vectors of a LlamaIndex, searched all at once.

    The default store compares a question with one vector after the other in Python: a tenth of a
    second for 8,000 passages, for the same cosines and the same order.
    """

    def __init__(self, index: VectorStoreIndex) -> None:
        self.index = index
        vectors = index.vector_store.data.embedding_dict  # type: ignore[attr-defined]
        nodes = index.docstore.docs
        found = [(nodes[key], vector) for key, vector in vectors.items()]
        self._nodes: list[Any] = [node for node, _ in found]
        rows = np.array([vector for _, vector in found], dtype=np.float32)
        self._rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def nearest(self, vector: Vectors, audience: Audience, count: int) -> list[Any]:
        """Best first, among those that the audience may see."""
        scores = self._rows @ (vector / np.linalg.norm(vector))
        sees = {str(other) for other in audience.sees}
        order = (self._nodes[place] for place in np.argsort(-scores, kind="stable"))
        return list(islice((one for one in order if one.metadata["audience"] in sees), count))


@dataclass(frozen=True, slots=True)
class Starter:
    """Passages of 1,024 tokens by cosine, and no more of them than the top k."""

    nodes: Nodes
    embedder: Embedder
    top_k: int

    def search(self, item: Item) -> list[Passage]:
        """Passages with the location of their document."""
        vector = self.embedder.embed_query(item.question)
        found = self.nodes.nearest(vector, item.audience, self.top_k)
        return [Passage(node.metadata["location"], node.get_content()) for node in found]


def default(opened: Opened) -> Starter:
    """Two passages, as the starter gives."""
    return Starter(built(opened), opened.embedder, DEFAULT_TOP_K)


def ten(opened: Opened) -> Starter:
    """Ten passages, to compare rankings of equal length."""
    return Starter(built(opened), opened.embedder, LARGER_TOP_K)


@lru_cache(maxsize=1)
def built(opened: Opened) -> Nodes:
    """One index for both tops; its vectors are kept between runs like all others."""
    documents = [
        _source(document, opened.locations[document.id]) for document in opened.documents()
    ]
    return Nodes(
        VectorStoreIndex.from_documents(
            documents,
            embed_model=Embedding(opened.embedder),
            transformations=[SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP)],
        )
    )


def _source(document: Document, location: str) -> Source:
    """As a directory reader gives a page: its title opens the text, its path is embedded too."""
    return Source(
        text=f"{document.title}\n\n{document.text}",
        metadata={"file_path": document.location, "location": location}
        | {"audience": str(document.audience)},
        excluded_embed_metadata_keys=["location", "audience"],
        excluded_llm_metadata_keys=["location", "audience"],
    )
