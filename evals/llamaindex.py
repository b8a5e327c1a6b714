"""The LlamaIndex starter: documents, its default splitter, its default vector store, a top k.

https://docs.llamaindex.ai/en/stable/getting_started/starter_example/, with our embedder in the
place of a hosted one and nothing set globally.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from llama_index.core import Document as Source
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from pydantic import PrivateAttr

from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.systems import Passage
from vigie.index.embedders import Embedder
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


@dataclass(frozen=True, slots=True)
class Starter:
    """Passages of 1,024 tokens by cosine, and no more of them than the top k."""

    index: VectorStoreIndex
    top_k: int

    def search(self, item: Item) -> list[Passage]:
        """Passages with the location of their document."""
        nodes = _retrieved(self.index, item.question, item.audience)[: self.top_k]
        return [Passage(node.metadata["location"], node.get_content()) for node in nodes]


def default(opened: Opened) -> Starter:
    """Two passages, as the starter gives."""
    return Starter(_built(opened), DEFAULT_TOP_K)


def ten(opened: Opened) -> Starter:
    """Ten passages, to compare rankings of equal length."""
    return Starter(_built(opened), LARGER_TOP_K)


@lru_cache(maxsize=1)
def _built(opened: Opened) -> VectorStoreIndex:
    """One index for both tops; its vectors are kept between runs like all others."""
    return VectorStoreIndex.from_documents(
        [_source(document) for document in opened.documents()],
        embed_model=Embedding(opened.embedder),
        transformations=[SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP)],
    )


def _source(document: Document) -> Source:
    """As a directory reader gives a page: its title opens the text, its path is embedded too."""
    return Source(
        text=f"{document.title}\n\n{document.text}",
        metadata={"file_path": document.location, "location": document.location}
        | {"audience": str(document.audience)},
        excluded_embed_metadata_keys=["location", "audience"],
        excluded_llm_metadata_keys=["location", "audience"],
    )


@lru_cache(maxsize=4096)
def _retrieved(index: VectorStoreIndex, question: str, audience: Audience) -> list[Any]:
    """The larger top; the smaller is its beginning."""
    sees = [str(other) for other in audience.sees]
    visible = MetadataFilter(key="audience", operator=FilterOperator.IN, value=sees)
    retriever = index.as_retriever(
        similarity_top_k=LARGER_TOP_K, filters=MetadataFilters(filters=[visible])
    )
    return [found.node for found in retriever.retrieve(question)]
