"""The index as a retriever of LlamaIndex, for whoever composes their own pipeline with it."""

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import (
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from vigie.index.hits import Filters, Hit, Query
from vigie.index.search import Index
from vigie.ingest.documents import Audience


class VigieRetriever(BaseRetriever):
    """Hybrid search for one audience; nodes keep the ids and the offsets of their chunks."""

    def __init__(
        self,
        index: Index,
        *,
        audience: Audience = Audience.PUBLIC,
        limit: int = 10,
        filters: Filters | None = None,
    ) -> None:
        super().__init__()
        self._index = index
        self._audience = audience
        self._limit = limit
        self._filters = filters or Filters()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        query = Query(query_bundle.query_str, self._audience, self._limit, self._filters)
        return [node(hit) for hit in self._index.search(query)]


def node(hit: Hit) -> NodeWithScore:
    """A hit as LlamaIndex knows it; only the title goes before the text in a prompt."""
    metadata = {
        "title": hit.title,
        "publisher": hit.publisher,
        "published": hit.published and hit.published.isoformat(),
        "headings": " > ".join(hit.heading_path),
        "place": hit.place and hit.place.label,
        "url": hit.url,
        "kind": str(hit.kind),
        "dense": hit.dense,
        "lexical": hit.lexical,
    }
    told = {key: value for key, value in metadata.items() if value not in (None, "")}
    return NodeWithScore(
        score=hit.score,
        node=TextNode(
            id_=hit.chunk_id,
            text=hit.text,
            start_char_idx=hit.start,
            end_char_idx=hit.end,
            metadata=told,
            excluded_llm_metadata_keys=[key for key in told if key != "title"],
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=hit.document_id)},
        ),
    )
