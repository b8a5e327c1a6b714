"""The web application, and the server that runs it."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from vigie.assistant.build import Vigie
from vigie.assistant.settings import Settings
from vigie.ingest.errors import InvalidValue, VigieError
from vigie.ingest.messages import message
from vigie.ui import pages, provider_door, sign_in
from vigie.ui.access import Access
from vigie.ui.api import ask, documents, health, ingestion, programmes, search, sync
from vigie.ui.api.description import describe
from vigie.ui.chat.deferred import DeferredChat
from vigie.ui.chat_door import PREFIX, ChatDoor
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import QuotaSpent
from vigie.ui.links import address
from vigie.ui.mcp.door import PATH, McpDoor
from vigie.ui.middleware import SECURITY_HEADERS, BodyLimit, Envelope, KnownHosts
from vigie.ui.openai_api import completions, models, responses
from vigie.ui.openai_api.errors import OpenAIErrors
from vigie.ui.problems import http_problem, problem_of
from vigie.ui.rendering import error_page
from vigie.ui.state import State, language_of
from vigie.ui.widget_door import WidgetDoor

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Seconds left to open streams when the server is told to stop: an extracted answer takes one, and
# what follows must end within the ten that service managers wait.
GRACE_SECONDS = 3
# Errors on these paths are read by programs, on all others by people.
PROGRAM_PATHS = ("/v1/", "/mcp", "/healthz", "/openapi.json")

# What programs call, then what people open.
API = (ask, search, documents, programmes, ingestion, sync, health, completions, models, responses)
PAGES = (pages, sign_in, provider_door)


def create_app(vigie: Vigie, access: Access | None = None) -> FastAPI:
    """The application around an assistant, which its caller closes; nothing is read from outside.

    Without `access`, the doors are those of the settings.
    """
    access = access or Access.of(vigie.settings)
    access.identities = identities = Identities(vigie.catalogue.database)
    chat = DeferredChat(vigie, access)
    mcp = McpDoor(vigie, access, known_hosts(vigie.settings))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        async with chat.living(), mcp.living():
            yield State(vigie=vigie, access=access, ingestion=asyncio.Lock())
        await run_in_threadpool(identities.finish)

    app = FastAPI(
        lifespan=lifespan,
        title="Vigie",
        version=version("vigie"),
        summary="Answers with cited sources, from the documents of an association.",
        # Their pages would load scripts from another site.
        docs_url=None,
        redoc_url=None,
    )
    guard(app, vigie.settings, access)
    for module in (*API, *PAGES):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=Path(str(files("vigie.ui"))) / "static"))
    for kind in (VigieError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, told)
    describe(app)
    app.mount(PREFIX, chat)
    for path in (PATH, PATH + "/"):
        app.router.routes.append(Route(path, mcp, include_in_schema=False))
    return app


def guard(app: FastAPI, settings: Settings, access: Access) -> None:
    """What each request goes through before its route, and each answer on its way out."""
    # The last added is the outermost. With no origin allowed, no other site may read an answer.
    app.add_middleware(ChatDoor, language=settings.language)
    app.add_middleware(BodyLimit, language=settings.language)
    app.add_middleware(CORSMiddleware, allow_origins=())
    app.add_middleware(WidgetDoor, access=access, language=settings.language)
    app.add_middleware(KnownHosts, hosts=known_hosts(settings), language=settings.language)
    app.add_middleware(OpenAIErrors, language=settings.language)
    app.add_middleware(Envelope)


async def told(request: Request, error: Exception) -> Response:
    """An error as a problem object for programs, as a page for people."""
    language = language_of(request)
    problem = problem_of(error, language)
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        problem = http_problem(error.status_code, language)
        headers |= error.headers or {}
    elif isinstance(error, QuotaSpent):
        headers["Retry-After"] = str(error.values["retry_after"])
    elif problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # An unforeseen error is answered from outside the envelope that adds them otherwise.
        headers |= SECURITY_HEADERS
    people = "text/html" in request.headers.get("accept", "")
    if people and not request.url.path.startswith(PROGRAM_PATHS):
        response: Response = error_page(request, problem, language)
    else:
        response = problem.response()
    response.headers.update(headers)
    return response


def known_hosts(settings: Settings) -> set[str]:
    """Names under which this server answers: loopback, its own address, its public one."""
    public = settings.public_url.host if settings.public_url else None
    return {*LOOPBACK, settings.host.lower(), *([public.lower().strip("[]")] if public else [])}


class Server(uvicorn.Server):
    """Calls `ready` with the address once it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(address(host, port))


def bound(host: str, port: int) -> socket.socket:
    """The address, taken before anything slow starts; raises InvalidValue when it is not free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        expected = message("cli.free_address", reason=error.strerror)
        raise InvalidValue(name="host:port", value=f"{host}:{port}", expected=expected) from error
    return taken


def run(app: FastAPI, taken: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; open streams get GRACE_SECONDS to end."""
    config = uvicorn.Config(
        app,
        # Addresses of pages carry questions, which may hold personal data.
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config, ready).run(sockets=[taken])
