"""`GET /v1/documents/{id}`: a stored document with its text and passages."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from vigie.index.hits import Twin
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Chunk, Document, Kind
from vigie.ingest.errors import NotFound
from vigie.ui.api.responses import problems
from vigie.ui.api.schemas import AlsoOut, PlaceOut
from vigie.ui.identity.who import Scope
from vigie.ui.links import external_url
from vigie.ui.state import TheBase, TheCaller, TheVigie, needs

router = APIRouter()

DocumentId = Annotated[str, Path(max_length=64, examples=["1b4e28ba-2fa1-5d21-883f-0016d3cca427"])]


class PassageOut(BaseModel):
    """A passage as the index knows it: `text[start:end]` of its document."""

    chunk_id: str
    start: int
    end: int
    heading_path: list[str]
    place: PlaceOut | None


class DocumentOut(BaseModel):
    """A document as stored; `text` is light Markdown and every citation counts its characters."""

    id: str
    source: str
    location: str
    title: str
    kind: Kind
    publisher: str | None
    author: str | None
    published: date | None
    modified: date | None
    language: str
    url: str | None
    source_url: str
    text: str
    passages: list[PassageOut]
    also: list[AlsoOut] = Field(description="Who else published it, oldest first.")

    @classmethod
    def of(
        cls, document: Document, passages: list[Chunk], also: Sequence[Twin], base: str
    ) -> "DocumentOut":
        """The document, its passages in reading order, and its other places."""
        return cls(
            id=document.id,
            source=document.source,
            location=document.location,
            title=document.title,
            kind=document.kind,
            publisher=document.publisher,
            author=document.author,
            published=document.published,
            modified=document.modified,
            language=document.language,
            url=external_url(document.url),
            source_url=f"{base}/sources/{document.id}",
            text=document.text,
            passages=[
                PassageOut(
                    chunk_id=chunk.id,
                    start=chunk.start,
                    end=chunk.end,
                    heading_path=list(chunk.heading_path),
                    place=PlaceOut.of(chunk.place),
                )
                for chunk in passages
            ],
            also=[AlsoOut.of(twin) for twin in also],
        )


@router.get(
    "/v1/documents/{document_id}",
    dependencies=[Depends(needs(Scope.SEARCH))],
    responses=problems(401, 403, 404, 429, 503),
)
async def read_document(
    document_id: DocumentId, vigie: TheVigie, caller: TheCaller, base: TheBase
) -> DocumentOut:
    """One document; hidden from the caller and absent are the same 404."""

    def read() -> DocumentOut:
        document = vigie.catalogue.get(document_id, caller.audience)
        if document is None:
            raise NotFound(what="Document", id=document_id)
        # The same cut as at indexing: chunks depend on the document and the embedder only.
        passages = chunks(document, vigie.embedder.budget, vigie.embedder.count)
        also = vigie.catalogue.twins([document.id], caller.audience).get(document.id, ())
        return DocumentOut.of(document, passages, also, base)

    return await run_in_threadpool(read)
