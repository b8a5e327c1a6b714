"""`vigie mcp`: the tools over standard streams, for an application on this machine.

Each call is answered by the folder's server when there is one. Without it the index is opened
here, and left again after a silence: the folder's other commands get their turn.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx2
from fastmcp.exceptions import ToolError
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import Unavailable
from vigie.ui import handover
from vigie.ui.api.programmes import ProgrammesOut
from vigie.ui.handover import Running
from vigie.ui.identity.who import Scope
from vigie.ui.links import address
from vigie.ui.mcp.desk import Asked, Desk, Fetched, Local, Results, Wish
from vigie.ui.mcp.door import PATH
from vigie.ui.mcp.tools import build
from vigie.ui.terminal import OK
from vigie.ui.work import log_to_file, opened

log = logging.getLogger(__name__)

# Seconds without a call after which the index is left: a reader thinks between two questions,
# and a command that waits for the folder says so after a third of a second.
SILENCE_SECONDS = 30.0
# A language model may word the answer: as patient as the longest setting for it.
ANSWER_SECONDS = 600.0


def serve(settings: Settings) -> int:
    """Exit status of `vigie mcp`, which ends with its input; standard output is the protocol's."""
    log_to_file(settings.data_dir)
    asyncio.run(_serve(settings))
    return OK


async def _serve(settings: Settings) -> None:
    counter = Counter(settings)
    try:
        await build(settings.language, counter.desk).run_stdio_async(show_banner=False)
    finally:
        await counter.close()


class Counter:
    """Finds for each call who answers it; one at a time opens or leaves the index."""

    def __init__(self, settings: Settings, silence: float = SILENCE_SECONDS) -> None:
        self._settings, self._silence = settings, silence
        # A lock on the folder belongs to the thread that took it.
        self._thread = ThreadPoolExecutor(1)
        self._changing = asyncio.Lock()
        self._stack: ExitStack | None = None
        self._local: Local | None = None
        self._calls = 0
        self._leaving: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def desk(self, scope: Scope) -> AsyncIterator[Desk]:
        """Whoever answers this call; the index stays open during it.

        The owner of the data folder has every scope and sees every audience, as in `vigie ask`.
        """
        if self._leaving:
            self._leaving.cancel()
        async with self._changing:
            self._calls += 1
            found = self._local or await self._in_thread(self._open)
        try:
            yield found
        finally:
            self._calls -= 1
            if self._local and not self._calls:
                self._leaving = asyncio.create_task(self._leave())

    async def close(self) -> None:
        """Leaves the index and its thread."""
        if self._leaving:
            self._leaving.cancel()
        await self._in_thread(self._shut)
        self._thread.shutdown()

    async def _leave(self) -> None:
        await asyncio.sleep(self._silence)
        async with self._changing:
            if not self._calls:
                await asyncio.shield(self._in_thread(self._shut))

    async def _in_thread(self, work: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> Desk:
        settings = self._settings
        with ExitStack() as stack:
            # Standard output is not ours to tell anyone that we wait.
            waiting = handover.owning(settings.data_dir, lambda: log.info("waiting for the folder"))
            if server := stack.enter_context(waiting):
                return HandedOver(server)
            vigie = stack.enter_context(opened(settings))
            base = str(settings.public_url or address(settings.host, settings.port)).rstrip("/")
            self._local = Local(vigie, Audience.STAFF, base)
            self._stack = stack.pop_all()
            return self._local

    def _shut(self) -> None:
        stack, self._stack, self._local = self._stack, None, None
        if stack:
            stack.close()


class HandedOver:
    """Works through the folder's server, with the key that only the folder's owner can read."""

    def __init__(self, server: Running) -> None:
        self._server = server

    async def search(self, query: str) -> Results:
        return Results.model_validate(await self._call("search", query=query))

    async def fetch(self, id: str) -> Fetched:
        return Fetched.model_validate(await self._call("fetch", id=id))

    async def ask(self, question: str) -> Asked:
        return Asked.model_validate(await self._call("ask", question=question))

    async def list_programmes(self, wish: Wish) -> ProgrammesOut:
        given = {name: getattr(wish, name) for name in Wish.__dataclass_fields__}
        told = {name: value for name, value in given.items() if value is not None}
        return ProgrammesOut.model_validate(await self._call("list_programmes", **told))

    async def _call(self, tool: str, **arguments: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._server.token}"}
        timeout = httpx2.Timeout(ANSWER_SECONDS, connect=handover.CONNECT_SECONDS)
        # A proxy of the environment has no business with this machine's own server.
        async with httpx2.AsyncClient(headers=headers, timeout=timeout, trust_env=False) as http:
            url = self._server.url + PATH
            try:
                async with Client(streamable_http_client(url, http_client=http)) as client:
                    result = await client.call_tool(tool, arguments)
            except* httpx2.HTTPError as errors:
                reason = type(errors.exceptions[0]).__name__
                raise Unavailable(what=self._server.url, reason=reason) from errors
        if result.is_error:
            said = [part.text for part in result.content if isinstance(part, TextContent)]
            raise ToolError(" ".join(said))
        return result.structured_content
