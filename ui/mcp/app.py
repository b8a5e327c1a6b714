"""The MCP server over HTTP: each request is on its own and works for the caller who sent it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastmcp.server.dependencies import get_http_request
from fastmcp.server.http import StarletteWithLifespan

from vigie.assistant.settings import Settings
from vigie.ui.identity.who import Identity, Scope
from vigie.ui.mcp.desk import Desk, Local
from vigie.ui.mcp.door import PATH
from vigie.ui.mcp.tools import build
from vigie.ui.state import base_of, vigie_of


@asynccontextmanager
async def request_desk(scope: Scope) -> AsyncIterator[Desk]:
    """The desk of the request that brings the call; raises ScopeMissing.

    Who sent it was found at the door.
    """
    request = get_http_request()
    identity: Identity = request.state.identity
    identity.require(scope)
    yield Local(vigie_of(request), identity.audience, base_of(request))


def mcp_app(settings: Settings, hosts: Sequence[str]) -> StarletteWithLifespan:
    """The application; pages of other sites are refused, those of our own public address not."""
    public = urlsplit(str(settings.public_url or ""))
    return build(settings.language, request_desk).http_app(
        path=PATH,
        json_response=True,
        stateless_http=True,
        host_origin_protection=True,
        allowed_hosts=list(hosts),
        allowed_origins=[f"{public.scheme}://{public.netloc}"] if public.netloc else None,
    )
