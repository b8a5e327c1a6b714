"""The pages that work without a script: home, a source at its quoted passage, signing in."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.assistant.answers import Caller, Done, Failed
from vigie.ingest.errors import NotFound
from vigie.ui import problems
from vigie.ui.access import COOKIE, SESSION_SECONDS, is_cross_site, local_path
from vigie.ui.examples import example_questions
from vigie.ui.links import external_url
from vigie.ui.marks import blocks
from vigie.ui.rendering import about, answered, page, page_language
from vigie.ui.state import TheAccess, TheCaller, TheVigie

router = APIRouter(include_in_schema=False)

# Seconds that a wrong key costs, so that guessing is slow.
WRONG_KEY_SECONDS = 1.0

Language = Annotated[str | None, Query(alias="lang")]


@router.get("/")
async def home(
    request: Request,
    vigie: TheVigie,
    caller: TheCaller,
    q: Annotated[str | None, Query()] = None,
    lang: Language = None,
) -> HTMLResponse:
    """What this is, a box for a question, and its answer with cited sources."""
    language = page_language(request, lang)
    answer, problem, status = None, "", 200
    if q is not None:
        async for event in vigie.assistant.ask(q, Caller(caller.audience, language)):
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
        values |= answered(answer, language)
    return page(request, "home.html", language, status, **values)


@router.get("/sources/{document_id}")
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
        host=urlsplit(original or "").hostname,
        blocks=await run_in_threadpool(blocks, document.text, start, end),
    )


@router.get("/login")
async def login_form(request: Request, next: str = "/", lang: Language = None) -> HTMLResponse:
    """The form that takes a key."""
    language = page_language(request, lang)
    return page(request, "login.html", language, next=local_path(next), wrong=False)


@router.post("/login")
async def login(
    request: Request,
    access: TheAccess,
    key: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
    lang: Language = None,
) -> Response:
    """Open a session for a key; a form on another site cannot sign anyone in."""
    target = local_path(next)
    identity = None if is_cross_site(request.headers) else access.key(key.strip())
    # The run token is for the commands of this machine: a browser never holds it.
    if identity is None or identity.owner:
        await asyncio.sleep(WRONG_KEY_SECONDS)
        language = page_language(request, lang)
        return page(request, "login.html", language, 401, next=target, wrong=True)
    response = RedirectResponse(target, 303)
    response.set_cookie(
        COOKIE,
        access.issue(identity),
        max_age=SESSION_SECONDS,
        secure=access.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/logout")
async def logout() -> Response:
    """End the session of this browser."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Where browsers look for it on pages that name none, such as the chat."""
    return RedirectResponse("/static/vigie.svg", 308)
