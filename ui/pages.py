"""The pages that work without a script: home, a source at its quoted passage, signing in."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.assistant.answers import Caller, Done, Failed
from vigie.ingest.errors import NotFound
from vigie.ui import problems
from vigie.ui.api.schemas import VALUES
from vigie.ui.examples import example_questions
from vigie.ui.identity.who import Scope
from vigie.ui.links import external_url
from vigie.ui.marks import blocks
from vigie.ui.rendering import about, answered, chips, elsewhere, page, page_language
from vigie.ui.state import TheCaller, TheIdentity, TheVigie, needs

router = APIRouter(include_in_schema=False)

# Seconds that a wrong key costs, so that guessing is slow.
WRONG_KEY_SECONDS = 1.0

Language = Annotated[str | None, Query(alias="lang")]


@router.get("/")
async def home(
    request: Request,
    vigie: TheVigie,
    identity: TheIdentity,
    caller: TheCaller,
    q: Annotated[str | None, Query()] = None,
    without: Annotated[list[str], Query(max_length=VALUES)] = [],  # noqa: B006
    lang: Language = None,
) -> HTMLResponse:
    """What this is, a box for a question, and its answer with cited sources."""
    language = page_language(request, lang)
    answer, problem, status = None, "", 200
    if q is not None:
        identity.require(Scope.ASK)
        asker = Caller(caller.audience, language)
        async for event in vigie.assistant.ask(q, asker, without_facets=without):
            if isinstance(event, Failed):
                problem, status = event.message, problems.failure(event.code, "").status
            elif isinstance(event, Done):
                answer = event.answer
    values: dict[str, Any] = {
        "question": q,
        "asked_language": lang,
        "answer": answer,
        "problem": problem,
        "examples": await run_in_threadpool(example_questions, vigie, language),
        "documents": await run_in_threadpool(vigie.catalogue.count, caller.audience),
        "embedder": vigie.embedder.name,
        "fallback": vigie.embedder.fallback_from is not None,
    }
    if answer:
        values |= answered(answer, language) | {"chips": chips(answer, without, language)}
    return page(request, "home.html", language, status, **values)


@router.get("/sources/{document_id}", dependencies=[Depends(needs(Scope.SEARCH))])
async def source(
    request: Request,
    vigie: TheVigie,
    caller: TheCaller,
    document_id: str,
    start: Annotated[int, Query()] = 0,
    end: Annotated[int, Query()] = 0,
    lang: Language = None,
) -> HTMLResponse:
    """A document to read, with characters `start` to `end` marked."""
    document = await run_in_threadpool(vigie.catalogue.get, document_id, caller.audience)
    if document is None:
        raise NotFound(what="Document", id=document_id)
    language = page_language(request, lang)
    twins = await run_in_threadpool(vigie.catalogue.twins, [document.id], caller.audience)
    marked = 0 <= start < end <= len(document.text)
    original = external_url(document.url)
    return page(
        request,
        "source.html",
        language,
        document=document,
        about=about(document, start if marked else None, language),
        marked=marked,
        original=original,
        also=elsewhere(twins.get(document.id, ()), language),
        host=urlsplit(original or "").hostname,
        blocks=await run_in_threadpool(blocks, document.text, start, end),
    )


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Where browsers look for it on pages that name none, such as the chat."""
    return RedirectResponse("/static/vigie.svg", 308)
