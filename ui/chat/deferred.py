"""The chat, made while the server already answers: its library takes seconds to load."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from vigie.assistant.build import Vigie
from vigie.ui.access import Access

logger = logging.getLogger(__name__)

PAGE = "vigie.ui.chat.page"


class DeferredChat:
    """Serves the chat once it is there; whoever comes before waits for it."""

    def __init__(self, vigie: Vigie, access: Access) -> None:
        self._vigie = vigie
        self._access = access
        self._made: asyncio.Future[ASGIApp] | None = None

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Makes the chat in the background on entry, ends it on exit."""
        self._made = asyncio.get_running_loop().create_future()
        leaving = asyncio.Event()
        life = asyncio.create_task(self._live(self._made, leaving))
        try:
            yield
        finally:
            leaving.set()
            await life

    async def _live(self, made: asyncio.Future[ASGIApp], leaving: asyncio.Event) -> None:
        try:
            page = await asyncio.to_thread(import_module, PAGE)
            app = FastAPI(openapi_url=None)
            # Made in the loop that serves it: elsewhere Gradio makes loops that it never closes.
            page.mount_chat(app, self._vigie, self._access)
            async with app.router.lifespan_context(app):
                made.set_result(app)
                await leaving.wait()
        except Exception as error:
            # The other faces go on without the chat; its visitors get the error.
            logger.exception("the chat could not be made")
            if not made.done():
                made.set_exception(error)
                made.exception()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._made is not None, "the server's lifespan has not begun"
        app = await asyncio.shield(self._made)
        await app({**scope, "root_path": scope.get("app_root_path", "")}, receive, send)
