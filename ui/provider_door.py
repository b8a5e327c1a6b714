"""Signing in through the organisation's own provider: there, and back with a session."""

import base64
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from vigie.ingest.errors import NotFound, VigieError
from vigie.ui.access import Access, local_path
from vigie.ui.identity.accounts import STAFF, Account
from vigie.ui.identity.oidc import Departure, Provider
from vigie.ui.identity.who import READING
from vigie.ui.rendering import page_language
from vigie.ui.sign_in import form, opened
from vigie.ui.state import TheAccess, TheBase

router = APIRouter(include_in_schema=False)

PATH = "/login/provider"
COOKIE = "vigie_provider"
# Time to find a password and a telephone.
AWAY_SECONDS = 600

Language = Annotated[str | None, Query(alias="lang")]


@router.get(PATH)
async def leave(
    request: Request, access: TheAccess, base: TheBase, next: str = "/", lang: Language = None
) -> Response:
    """On to the provider; what must match on the way back stays in the browser, sealed."""
    provider, departure = _provider(access), Departure.new()
    try:
        url = await run_in_threadpool(provider.leave, base + PATH + "/callback", departure)
    except VigieError as error:
        return _failed(request, error, lang)
    target = base64.urlsafe_b64encode(local_path(next).encode()).decode()
    kept = (departure.state, departure.nonce, departure.verifier, target)
    response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE,
        access.sealed(".".join(kept), AWAY_SECONDS),
        max_age=AWAY_SECONDS,
        path=PATH,
        secure=access.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(PATH + "/callback")
async def arrive(
    request: Request, access: TheAccess, base: TheBase, lang: Language = None
) -> Response:
    """Back from the provider: a session for an account of its own, once."""
    provider = _provider(access)
    callback = base + PATH + "/callback"
    kept = (access.unsealed(request.cookies.get(COOKIE, "")) or "").split(".")
    # Nothing kept: whatever came back matches nothing.
    departure = Departure(*kept[:3]) if len(kept) == 4 else Departure.new()
    try:
        account = await run_in_threadpool(
            _account, access, provider, callback, departure, f"{callback}?{request.url.query}"
        )
    except VigieError as error:
        response = _failed(request, error, lang)
    else:
        target = local_path(base64.urlsafe_b64decode(kept[3]).decode())
        response = opened(access, account.identity, target, account.stamp)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
    return response


def _account(
    access: Access, provider: Provider, callback: str, departure: Departure, came_back: str
) -> Account:
    arrival = provider.arrive(callback, departure, came_back)
    assert access.identities is not None, "create_app gives them to the doors"
    scopes = STAFF if arrival.audience.value == "staff" else READING
    found = access.identities.accounts.provided(
        provider.issuer, arrival.subject, arrival.name, arrival.audience, scopes
    )
    if found is None:
        raise provider.refused("disabled")
    return found


def _provider(access: Access) -> Provider:
    if access.provider is None:
        raise NotFound(what="OpenID Connect", id=PATH)
    return access.provider


def _failed(request: Request, error: VigieError, lang: str | None) -> Response:
    language = page_language(request, lang)
    words = error.message(language)
    return form(request, language, "/", refused=words, status=HTTPStatus.UNAUTHORIZED)
