"""Signing in and out, on a page that works without a script: by account, by key, by provider."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from vigie.ingest.messages import message
from vigie.ui.access import COOKIE, SESSION_SECONDS, Access, is_cross_site, local_path
from vigie.ui.identity.who import Identity
from vigie.ui.rendering import page, page_language
from vigie.ui.state import TheAccess, access_of

router = APIRouter(include_in_schema=False)

# Seconds that a wrong key or password costs, so that guessing is slow.
WRONG_KEY_SECONDS = 1.0

Language = Annotated[str | None, Query(alias="lang")]


@router.get("/login")
async def login_form(request: Request, next: str = "/", lang: Language = None) -> Response:
    """The forms that take an account or a key."""
    return form(request, page_language(request, lang), local_path(next))


@router.post("/login")
async def login(
    request: Request,
    access: TheAccess,
    key: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
    lang: Language = None,
) -> Response:
    """Open a session for a key or an account; a form on another site cannot sign anyone in."""
    target, language = local_path(next), page_language(request, lang)
    if name or password:
        return await _account(request, access, name, password, target, language)
    identity = None
    if not is_cross_site(request.headers):
        identity = await run_in_threadpool(access.key, key.strip())
    # The run token is for the commands of this machine: a browser never holds it.
    if identity is None or identity.owner:
        await asyncio.sleep(WRONG_KEY_SECONDS)
        wrong = message("page.login_wrong", language)
        return form(request, language, target, wrong=wrong, status=HTTPStatus.UNAUTHORIZED)
    return opened(access, identity, target)


@router.post("/logout")
async def logout() -> Response:
    """End the session of this browser."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


def form(
    request: Request,
    language: str,
    target: str,
    *,
    wrong: str = "",
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    """The sign-in page; `wrong` tells of the key, `refused` of the account or the provider."""
    provider = access_of(request).provider
    return page(
        request,
        "login.html",
        language,
        status,
        next=target,
        wrong=wrong,
        refused=refused,
        provider=provider.host if provider else "",
    )


def opened(access: Access, identity: Identity, target: str, stamp: str = "") -> Response:
    """On to the page asked for, with a session."""
    response = RedirectResponse(target, 303)
    response.set_cookie(
        COOKIE,
        access.issue(identity, stamp=stamp),
        max_age=SESSION_SECONDS,
        secure=access.secure,
        httponly=True,
        samesite="lax",
    )
    return response


async def _account(
    request: Request, access: Access, name: str, password: str, target: str, language: str
) -> Response:
    identities = access.identities
    assert identities is not None, "create_app gives them to the doors"
    address = request.client.host if request.client else ""
    name = name.strip().lower()
    if seconds := identities.attempts.wait(name, address):
        wait = message("keys.login_wait", language, minutes=-(-seconds // 60))
        status = HTTPStatus.TOO_MANY_REQUESTS
        response = form(request, language, target, refused=wait, status=status)
        response.headers["Retry-After"] = str(seconds)
        return response
    account = None
    if not is_cross_site(request.headers):
        # Counted before it is known to be wrong: attempts made at once count as well.
        identities.attempts.failed(name, address)
        account = await run_in_threadpool(identities.accounts.signed_in, name, password)
    if account is None:
        await asyncio.sleep(WRONG_KEY_SECONDS)
        wrong = message("keys.login_account_wrong", language)
        return form(request, language, target, refused=wrong, status=HTTPStatus.UNAUTHORIZED)
    identities.attempts.succeeded(name, address)
    return opened(access, account.identity, target, account.stamp)
