"""What the tools do, for one caller: the same work whether it comes over HTTP or from here."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from fastmcp.exceptions import ToolError
from pydantic import BaseModel, Field

from vigie.assistant.answers import Answer, Caller, Confidence, Done, Failed
from vigie.assistant.build import Vigie
from vigie.assistant.programmes.dates import State, Window
from vigie.assistant.programmes.filters import Wanted, meets, on_subject
from vigie.assistant.questions import understand
from vigie.ingest.documents import Audience, Document
from vigie.ingest.errors import InvalidValue, NotFound, Reason
from vigie.ingest.territories import scope
from vigie.ui.api.programmes import ProgrammeOut, ProgrammesOut
from vigie.ui.api.schemas import CitationOut
from vigie.ui.links import external_url, source_url

# Passages read for a search, and documents told of at most: several passages share a document.
PASSAGES, DOCUMENTS = 30, 10
# Characters of a document given at once, about 25,000 tokens: what a model reads in one go.
TEXT = 100_000
# A part of a long document is fetched as its id, this sign, and where the part begins.
PART = "@"
# Programmes told at once; the next ones follow with `offset`.
PROGRAMMES = 50


class Result(BaseModel):
    """A document found: its id is for `fetch`, its address for citing it."""

    id: str
    title: str
    url: str


class Results(BaseModel):
    """Documents, best first; an empty list when nothing matches."""

    results: list[Result]


class Fetched(BaseModel):
    """A document's text; `metadata.next` is the id of the following part of a long one."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str] | None = None


class Asked(BaseModel):
    """An answer with its markers ([1], [2]…) and their sources; when it abstains, only leads."""

    answer: str
    abstained: bool
    confidence: Confidence
    notice: str
    sources: list[CitationOut]
    leads: list[Result] = Field(description="Nearest documents when nothing answers.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Conditions on programmes; None asks for nothing."""

    theme: str | None = None
    territory: str | None = None
    beneficiary: str | None = None
    funder: str | None = None
    open_only: bool = False
    offset: int = 0


class Desk(Protocol):
    """Does what the tools ask; raises VigieError or ToolError with words for the reader."""

    async def search(self, query: str) -> Results: ...
    async def fetch(self, id: str) -> Fetched: ...
    async def ask(self, question: str) -> Asked: ...
    async def list_programmes(self, wish: Wish) -> ProgrammesOut: ...


class Local:
    """Works with an assistant of this process, within one audience."""

    def __init__(self, vigie: Vigie, audience: Audience, base: str) -> None:
        self._vigie, self._audience, self._base = vigie, audience, base

    async def search(self, query: str) -> Results:
        """The documents of the best passages, each once, by its best one."""
        retrieve = self._vigie.retriever.retrieve
        found = await asyncio.to_thread(retrieve, understand(query), self._audience, PASSAGES)
        results: dict[str, Result] = {}
        for hit in found.hits:
            url = external_url(hit.url) or source_url(hit, self._base)
            results.setdefault(
                hit.document_id, Result(id=hit.document_id, title=hit.title, url=url)
            )
        return Results(results=list(results.values())[:DOCUMENTS])

    async def fetch(self, id: str) -> Fetched:
        """The document or one part of it; hidden and absent are the same NotFound."""
        document_id, _, start = id.partition(PART)
        begin = int(start) if start.isascii() and start.isdecimal() else 0
        get = self._vigie.catalogue.get
        document = await asyncio.to_thread(get, document_id, self._audience)
        if document is None or begin > len(document.text):
            raise NotFound(what="Document", id=id)
        end = begin + TEXT
        metadata = _metadata(document) | {"reader": f"{self._base}/sources/{document.id}"}
        if end < len(document.text):
            metadata["next"] = f"{document.id}{PART}{end}"
        return Fetched(
            id=id,
            title=document.title,
            text=document.text[begin:end],
            url=external_url(document.url) or metadata["reader"],
            metadata=metadata,
        )

    async def ask(self, question: str) -> Asked:
        """The assistant's answer, whole."""
        async with aclosing(self._vigie.assistant.ask(question, Caller(self._audience))) as events:
            async for event in events:
                match event:
                    case Done(answer):
                        return self._asked(answer)
                    case Failed(message=message):
                        raise ToolError(message)
        raise RuntimeError("the assistant's events ended without an answer")

    async def list_programmes(self, wish: Wish) -> ProgrammesOut:
        """Those that meet the wish, by deadline; `count` is of all pages."""
        return await asyncio.to_thread(self._programmes, wish)

    def _asked(self, answer: Answer) -> Asked:
        leads = answer.consulted if answer.abstained else ()
        return Asked(
            answer=answer.text,
            abstained=answer.abstained,
            confidence=answer.confidence,
            notice=answer.notice,
            sources=[CitationOut.of(citation, self._base) for citation in answer.citations],
            leads=[
                Result(
                    id=hit.document_id,
                    title=hit.title,
                    url=external_url(hit.url) or source_url(hit, self._base),
                )
                for hit in leads
            ],
        )

    def _programmes(self, wish: Wish) -> ProgrammesOut:
        conditions, today = _conditions(wish), date.today()
        documents = self._vigie.catalogue.programmes(self._audience)
        kept = [
            document
            for document in on_subject(documents, conditions.subject)
            if document.record and meets(document.record, conditions, today)
        ]
        kept.sort(key=_deadline)
        page = kept[wish.offset : wish.offset + PROGRAMMES]
        told = [ProgrammeOut.of(each.id, each.record, self._base) for each in page if each.record]
        return ProgrammesOut(count=len(kept), programmes=told)


def _conditions(wish: Wish) -> Wanted:
    """Raises InvalidValue for a territory that is none: it would silently leave nothing out."""
    territories = scope(wish.territory) if wish.territory else ()
    if wish.territory and not territories:
        expected = Reason("connectors.known_territory")
        raise InvalidValue(name="territory", value=wish.territory, expected=expected)
    return Wanted(
        window=Window((State.OPEN, State.PERMANENT)) if wish.open_only else Window(),
        territories=territories,
        beneficiaries=(wish.beneficiary,) if wish.beneficiary else (),
        funders=(wish.funder,) if wish.funder else (),
        subject=understand(wish.theme).focus_terms if wish.theme else (),
    )


def _deadline(document: Document) -> tuple[date, str]:
    closes = document.record.closes if document.record else None
    return closes or date.max, document.title


def _metadata(document: Document) -> dict[str, str]:
    known = {
        "kind": document.kind,
        "publisher": document.publisher,
        "author": document.author,
        "published": document.published,
        "modified": document.modified,
        "language": document.language,
    }
    return {name: str(value) for name, value in known.items() if value}
