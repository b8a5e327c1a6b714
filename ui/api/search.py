"""`GET /v1/search`: passages without an answer."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from vigie.assistant.questions import understand
from vigie.index import hits
from vigie.ingest.documents import Kind
from vigie.ui.api.responses import problems
from vigie.ui.api.schemas import VALUES, FacetOut, HitOut, SearchOut
from vigie.ui.identity.who import Scope
from vigie.ui.state import TheBase, TheCaller, TheLanguage, TheVigie, needs

router = APIRouter()

# A page of results; more than 50 passages is what /v1/ask and filters are for.
LIMIT, MOST = 10, 50
# In characters: past this, words no longer narrow a search.
LONGEST = 2000


@router.get(
    "/v1/search",
    dependencies=[Depends(needs(Scope.SEARCH))],
    responses=problems(401, 403, 429, 503),
)
async def search(
    vigie: TheVigie,
    caller: TheCaller,
    base: TheBase,
    language: TheLanguage,
    q: Annotated[str, Query(max_length=LONGEST, examples=["subvention numérique"])],
    limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
    kind: Annotated[list[Kind], Query(max_length=VALUES)] = [],  # noqa: B006
    publisher: Annotated[list[str], Query(max_length=VALUES)] = [],  # noqa: B006
    published_from: Annotated[date | None, Query(alias="from")] = None,
    published_to: Annotated[date | None, Query(alias="to")] = None,
    without_facets: Annotated[list[str], Query(max_length=VALUES)] = [],  # noqa: B006
) -> SearchOut:
    """Find passages, best first, among the documents that the caller may see."""
    filters = hits.Filters(
        kinds=tuple(kind),
        publishers=tuple(publisher),
        published_from=published_from,
        published_to=published_to,
    )
    found = await run_in_threadpool(
        vigie.retriever.retrieve,
        understand(q),
        caller.audience,
        limit,
        filters,
        frozenset(without_facets),
    )
    return SearchOut(
        query=q,
        hits=[HitOut.of(hit, base) for hit in found.hits],
        facets=[FacetOut.of(facet, language) for facet in found.facets],
    )
