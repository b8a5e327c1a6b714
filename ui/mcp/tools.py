"""The MCP server: four tools that only read, and the words in which models are told of them."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from importlib.metadata import version
from typing import Annotated, Any

from fastmcp import FastMCP
from fastmcp.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from vigie.ingest.errors import VigieError
from vigie.ingest.messages import message
from vigie.ui.api.programmes import ProgrammesOut
from vigie.ui.identity.who import Scope
from vigie.ui.mcp.desk import Asked, Desk, Fetched, Results, Wish

log = logging.getLogger(__name__)

# Who does the work of one call, which needs a scope; over HTTP the request that brings it tells.
Serving = Callable[[Scope], AbstractAsyncContextManager[Desk]]

# In characters: a query longer than the assistant reads is refused by it, with the reason.
QUERY, NAME = 10_000, 200


def build(language: str, serving: Serving) -> FastMCP[Any]:
    """The server; `search` and `fetch` have the exact form that ChatGPT and Claude look for.

    Nothing is opened or asked before a tool is called.
    """
    silence_the_library()
    server: FastMCP[Any] = FastMCP(
        name="Vigie",
        version=version("vigie"),
        instructions=message("connectors.instructions", language),
        # What breaks tells nothing of its inside; what may be told is a ToolError.
        mask_error_details=True,
        # Unknown arguments are refused, and the schemas say so.
        strict_input_validation=True,
    )
    for add in (_add_search, _add_fetch, _add_ask, _add_list_programmes):
        add(server, language, serving)
    return server


def silence_the_library() -> None:
    """What the library logs of a call repeats its arguments: what breaks is logged here instead."""
    library = logging.getLogger("fastmcp")
    library.handlers.clear()
    library.propagate = True
    library.setLevel(logging.CRITICAL)


def _told(name: str, language: str) -> dict[str, Any]:
    title = message(f"connectors.{name}_title", language)
    return {
        "name": name,
        "title": title,
        "description": message(f"connectors.{name}", language),
        "annotations": ToolAnnotations(
            title=title,
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    }


@contextmanager
def _worded(language: str) -> Iterator[None]:
    """Our errors in the reader's words; all others stay unsaid, and go to the operator."""
    try:
        yield
    except ToolError:
        raise
    except VigieError as error:
        raise ToolError(error.message(language)) from error
    except Exception:
        log.exception("a tool broke")
        raise


def _add_search(server: FastMCP[Any], language: str, serving: Serving) -> None:
    told = message("connectors.search_query", language)

    async def search(query: Annotated[str, Field(description=told, max_length=QUERY)]) -> Results:
        with _worded(language):
            async with serving(Scope.SEARCH) as desk:
                return await desk.search(query)

    server.tool(search, **_told("search", language))


def _add_fetch(server: FastMCP[Any], language: str, serving: Serving) -> None:
    told = message("connectors.fetch_id", language)

    async def fetch(id: Annotated[str, Field(description=told, max_length=NAME)]) -> Fetched:
        with _worded(language):
            async with serving(Scope.SEARCH) as desk:
                return await desk.fetch(id)

    server.tool(fetch, **_told("fetch", language))


def _add_ask(server: FastMCP[Any], language: str, serving: Serving) -> None:
    told = message("connectors.ask_question", language)

    async def ask(question: Annotated[str, Field(description=told, max_length=QUERY)]) -> Asked:
        with _worded(language):
            async with serving(Scope.ASK) as desk:
                return await desk.ask(question)

    server.tool(ask, **_told("ask", language))


def _add_list_programmes(server: FastMCP[Any], language: str, serving: Serving) -> None:
    def field(name: str) -> Any:
        told = message(f"connectors.programmes_{name}", language)
        return Field(description=told, max_length=NAME)

    told_open = message("connectors.programmes_open_only", language)
    told_offset = message("connectors.programmes_offset", language)

    async def list_programmes(
        theme: Annotated[str | None, field("theme")] = None,
        territory: Annotated[str | None, field("territory")] = None,
        beneficiary: Annotated[str | None, field("beneficiary")] = None,
        funder: Annotated[str | None, field("funder")] = None,
        open_only: Annotated[bool, Field(description=told_open)] = False,
        offset: Annotated[int, Field(description=told_offset, ge=0, le=10**9)] = 0,
    ) -> ProgrammesOut:
        wish = Wish(theme, territory, beneficiary, funder, open_only, offset)
        with _worded(language):
            async with serving(Scope.SEARCH) as desk:
                return await desk.list_programmes(wish)

    server.tool(list_programmes, **_told("list_programmes", language))
