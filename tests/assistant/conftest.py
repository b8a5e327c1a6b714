"""A small base of documents in the embedded engine, with the embedder that needs no model."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from vigie.assistant.answers import Answer, Caller, Delta, Done, Event, Failed
from vigie.assistant.conversations import Turn
from vigie.assistant.engine import Assistant, Generative
from vigie.assistant.republished import OneOfEach
from vigie.assistant.retrieval import Retriever
from vigie.index.catalogue import Catalogue
from vigie.index.embedders import load_embedder
from vigie.index.hits import Filters
from vigie.index.search import Index
from vigie.index.stores import open_client
from vigie.index.sync import ingest_documents
from vigie.ingest.documents import Audience, Document

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class World:
    """An assistant over given documents, asked without a server."""

    assistant: Assistant
    catalogue: Catalogue
    index: Index

    def events(
        self,
        question: str,
        audience: Audience = Audience.PUBLIC,
        conversation: Sequence[Turn] = (),
        filters: Filters | None = None,
    ) -> list[Event]:
        """Every event, in order."""

        async def collect() -> list[Event]:
            asked = self.assistant.ask(question, Caller(audience), conversation, filters)
            return [event async for event in asked]

        return asyncio.run(collect())

    def ask(
        self,
        question: str,
        audience: Audience = Audience.PUBLIC,
        conversation: Sequence[Turn] = (),
        filters: Filters | None = None,
    ) -> Answer:
        """The answer, checked: deltas add up to its text and every quote is verbatim."""
        events = self.events(question, audience, conversation, filters)
        last = events[-1]
        assert not isinstance(last, Failed), last
        assert isinstance(last, Done)
        assert "".join(e.text for e in events if isinstance(e, Delta)) == last.answer.text
        for number, citation in enumerate(last.answer.citations, start=1):
            document = self.catalogue.get(citation.document_id, audience)
            assert document is not None
            assert document.text[citation.start : citation.end] == citation.quote
            assert citation.number == number
        return last.answer


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """A function from documents to a world; closed at the end of the test."""
    opened: list[tuple[Catalogue, object]] = []

    def make(*documents: Document, generative: Generative | None = None) -> World:
        embedder = load_embedder("demo", threads=1)
        client = open_client(tmp_path / "index", None, None)
        index = Index(client, embedder)
        catalogue = Catalogue(f"sqlite:///{tmp_path / 'vigie.db'}")
        opened.append((catalogue, client))
        for _ in ingest_documents(documents, catalogue=catalogue, index=index, embedder=embedder):
            pass
        assistant = Assistant(
            retriever=Retriever(OneOfEach(index, catalogue), catalogue, lambda: TODAY),
            catalogue=catalogue,
            embedder=embedder,
            generative=generative,
            today=lambda: TODAY,
        )
        return World(assistant, catalogue, index)

    yield make
    for catalogue, client in opened:
        catalogue.close()
        client.close()  # type: ignore[attr-defined]
