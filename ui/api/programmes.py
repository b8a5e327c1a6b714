"""`GET /v1/programmes`: the funding programmes on record, with typed fields."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from vigie.ingest.documents import Programme
from vigie.ui.api.responses import problems
from vigie.ui.identity.who import Scope
from vigie.ui.links import external_url
from vigie.ui.state import TheBase, TheCaller, TheVigie, needs

router = APIRouter()

# A table of programmes that a funder keeps holds tens of rows, a national one hundreds.
LIMIT, MOST = 100, 500


class ProgrammeOut(BaseModel):
    """A funding programme as its record tells it; an empty list or null is unsaid."""

    document_id: str
    name: str = Field(examples=["Élan local"])
    funder: str | None
    beneficiaries: list[str]
    themes: list[str]
    territories: list[str]
    opens: date | None
    closes: date | None
    amount: str | None
    status: str | None
    contact: str | None
    permanent: bool
    url: str | None
    source_url: str

    @classmethod
    def of(cls, document_id: str, record: Programme, base: str) -> "ProgrammeOut":
        """The record; its address is its whole page under `base`."""
        return cls(
            document_id=document_id,
            name=record.name,
            funder=record.funder,
            beneficiaries=list(record.beneficiaries),
            themes=list(record.themes),
            territories=list(record.territories),
            opens=record.opens,
            closes=record.closes,
            amount=record.amount,
            status=record.status,
            contact=record.contact,
            permanent=record.permanent,
            url=external_url(record.url),
            source_url=f"{base}/sources/{document_id}",
        )


class ProgrammesOut(BaseModel):
    """One page; `count` is the number of programmes on all pages."""

    count: int
    programmes: list[ProgrammeOut]


@router.get(
    "/v1/programmes",
    dependencies=[Depends(needs(Scope.SEARCH))],
    responses=problems(401, 403, 429, 503),
)
async def list_programmes(
    vigie: TheVigie,
    caller: TheCaller,
    base: TheBase,
    limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> ProgrammesOut:
    """List the programmes that the caller may see, by title."""
    documents = await run_in_threadpool(vigie.catalogue.programmes, caller.audience)
    records = [(document.id, document.record) for document in documents if document.record]
    page = records[offset : offset + limit]
    return ProgrammesOut(
        count=len(records),
        programmes=[ProgrammeOut.of(document_id, record, base) for document_id, record in page],
    )
