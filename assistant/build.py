"""The composition root: settings in, a working assistant out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from vigie.assistant.engine import Assistant, Generative
from vigie.assistant.republished import OneOfEach
from vigie.assistant.retrieval import Retriever
from vigie.assistant.settings import Settings
from vigie.index.catalogue import Catalogue
from vigie.index.collection import built_with
from vigie.index.embedders import Embedder, load_embedder
from vigie.index.reranking import Reranked, Searcher, load_reranker
from vigie.index.search import Index
from vigie.index.stores import Client, open_client

DATABASE = "vigie.db"
VECTORS = "index"


@dataclass(frozen=True, slots=True)
class Vigie:
    """Everything that a face needs; `close` lets another process open the same folder."""

    settings: Settings
    embedder: Embedder
    index: Index
    catalogue: Catalogue
    retriever: Retriever
    assistant: Assistant
    client: Client

    def close(self) -> None:
        """Closes the engine and the database; nothing may be asked afterwards."""
        self.client.close()
        self.catalogue.close()


def build(settings: Settings, today: Callable[[], date] = date.today) -> Vigie:
    """Makes the data folder when there is none; raises the errors of what cannot be opened."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    url = str(settings.qdrant_url) if settings.qdrant_url else None
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    client = open_client(settings.data_dir / VECTORS, url, key)
    embedder = load_embedder(
        settings.embedder, threads=settings.threads, built_with=built_with(client)
    )
    index = Index(client, embedder)
    catalogue = Catalogue(
        settings.database_url or f"sqlite:///{(settings.data_dir / DATABASE).resolve()}"
    )
    searcher: Searcher = OneOfEach(index, catalogue)
    if settings.reranker:
        reranker = load_reranker(settings.reranker, settings.threads)
        searcher = Reranked(searcher, reranker)
    retriever = Retriever(searcher, catalogue, today)
    assistant = Assistant(
        retriever=retriever,
        catalogue=catalogue,
        embedder=embedder,
        generative=_generative(settings),
        today=today,
        language=settings.language,
    )
    return Vigie(settings, embedder, index, catalogue, retriever, assistant, client)


def _generative(settings: Settings) -> Generative | None:
    """The language model of the settings, none without an address."""
    if settings.llm_url is None:
        return None
    # Imported on use: LlamaIndex takes seconds to load and most installations do without it.
    from vigie.assistant.generation.generative import GenerativeAnswerer

    key = settings.llm_api_key
    return GenerativeAnswerer(
        str(settings.llm_url),
        settings.llm_model,
        key.get_secret_value() if key else None,
        seconds=settings.llm_seconds,
    )
