"""The door of /mcp: a key opens its audience; without one, nothing unless a setting says so.

The protocol's library takes a second to load and few installations use it: it is loaded and set
up by the first request, which waits for it.
"""

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from importlib import import_module

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from vigie.assistant.build import Vigie
from vigie.ingest.documents import Audience
from vigie.ingest.errors import VigieError
from vigie.ingest.messages import message
from vigie.ui.access import Access
from vigie.ui.identity.who import Identity
from vigie.ui.languages import preferred
from vigie.ui.problems import Problem, problem_of

log = logging.getLogger(__name__)

PATH = "/mcp"
APP = "vigie.ui.mcp.app"


class McpDoor:
    """Serves MCP to whoever has a key, whatever the path's final slash."""

    def __init__(self, vigie: Vigie, access: Access, hosts: Collection[str]) -> None:
        self._vigie, self._access, self._hosts = vigie, access, sorted(hosts)
        self._made: asyncio.Future[ASGIApp] | None = None
        self._life: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Ends on exit what a first request began."""
        try:
            yield
        finally:
            self._leaving.set()
            if self._life:
                await self._life
            self._leaving.clear()
            self._made = self._life = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        language = preferred(headers.get("accept-language"), self._vigie.settings.language)
        client = scope.get("client")
        address = client[0] if client else ""
        found = await run_in_threadpool(self.identity, headers, address, language)
        if isinstance(found, Problem):
            return await found.response()(scope, receive, send)
        scope.setdefault("state", {})["identity"] = found
        app = await self._app()
        await app({**scope, "path": PATH}, receive, send)

    def identity(self, headers: Headers, address: str, language: str) -> Identity | Problem:
        """What the key opens; a session never counts here, for browsers send it unasked."""
        try:
            given = {"authorization": headers.get("authorization", "")}
            identity = self._access.identify("POST", given, address)
        except VigieError as error:
            return problem_of(error, language)
        if identity.known:
            return identity
        if self._vigie.settings.mcp_public:
            # Visitors of an intranet may see more on its pages: here, only what is for everyone.
            return replace(identity, audience=Audience.PUBLIC)
        detail = message("connectors.key_needed", language)
        return Problem(HTTPStatus.UNAUTHORIZED, "key_needed", detail)

    async def _app(self) -> ASGIApp:
        if self._made is None:
            self._made = asyncio.get_running_loop().create_future()
            # Outside of the request that happens to be the first.
            context = contextvars.Context()
            self._life = asyncio.create_task(self._live(self._made), context=context)
        return await asyncio.shield(self._made)

    async def _live(self, made: asyncio.Future[ASGIApp]) -> None:
        try:
            module = await asyncio.to_thread(import_module, APP)
            app = module.mcp_app(self._vigie.settings, self._hosts)
            async with app.lifespan(app):
                made.set_result(app)
                await self._leaving.wait()
        except Exception as error:
            # The other faces go on without it; its callers get the error.
            log.exception("the MCP server could not be made")
            if not made.done():
                made.set_exception(error)
                made.exception()
