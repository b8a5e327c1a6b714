"""`GET /v1/search`: passages without an answer."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from vigie.index import hits
from vigie.ingest.documents import Kind
from vigie.ingest.errors import QuestionEmpty
from vigie.ui.api.responses import problems
from vigie.ui.api.schemas import VALUES, HitOut, SearchOut
from vigie.ui.state import TheBase, TheCaller, TheVigie

router = APIRouter()

# A page of results; more than 50 passages is what /v1/ask and filters are for.
LIMIT, MOST = 10, 50
# In characters: past this, words no longer narrow a search.
LONGEST = 2000


@router.get("/v1/search", responses=problems(401, 503))
async def search(
    vigie: TheVigie,
    caller: TheCaller,
    base: TheBase,
    q: Annotated[str, Query(max_length=LONGEST, examples=["subvention numérique"])],
    limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
    kind: Annotated[list[Kind], Query(max_length=VALUES)] = [],  # noqa: B006
    publisher: Annotated[list[str], Query(max_length=VALUES)] = [],  # noqa: B006
    published_from: Annotated[date | None, Query(alias="from")] = None,
    published_to: Annotated[date | None, Query(alias="to")] = None,
) -> SearchOut:
    """Find passages, best first, among the documents that the caller may see."""
    if not q.strip():
        raise QuestionEmpty
    filters = hits.Filters(
        kinds=tuple(kind),
        publishers=tuple(publisher),
        published_from=published_from,
        published_to=published_to,
    )
    query = hits.Query(q, caller.audience, limit, filters)
    found = await run_in_threadpool(vigie.index.search, query)
    return SearchOut(query=q, hits=[HitOut.of(hit, base) for hit in found])
