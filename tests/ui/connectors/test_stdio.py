"""`vigie mcp` as a desktop application runs it, with and without a server of the same folder."""

import asyncio
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastmcp.exceptions import ToolError
from filelock import FileLock, Timeout
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from vigie.assistant.build import Vigie, build
from vigie.assistant.settings import Settings
from vigie.ingest.chunking import chunks
from vigie.ingest.documents import Document
from vigie.ingest.errors import Unavailable
from vigie.ui.handover import LOCK, Running, announced
from vigie.ui.identity.who import Scope
from vigie.ui.mcp.desk import Local, Wish
from vigie.ui.mcp.stdio import Counter, HandedOver

QUESTION = "Qui a créé le Fonds Rivage ?"
COMMAND = [sys.executable, "-c", "from vigie.ui.cli import main; main(['mcp'])"]


def environment(data_dir: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE")}
    ours = {"VIGIE_DATA_DIR": str(data_dir), "VIGIE_EMBEDDER": "demo", "OMP_NUM_THREADS": "1"}
    return kept | ours


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("var"), embedder="demo", threads=1)


@pytest.fixture
def filled(settings: Settings, public: Document, hidden: Document) -> Settings:
    """A data folder that no process has open."""
    built = build(settings)
    for document in (public, hidden):
        cut = chunks(document, built.embedder.budget, built.embedder.count)
        built.index.add(document, cut)
        built.catalogue.put(document, len(cut))
    built.close()
    return settings


@pytest.fixture
def served(vigie: Vigie, address: str, run_token: str) -> Iterator[Settings]:
    """The data folder of a server that runs, as `vigie serve` leaves it for other commands."""
    folder = vigie.settings.data_dir
    with FileLock(folder / LOCK), announced(folder, address, run_token):
        yield vigie.settings


@asynccontextmanager
async def desktop(data_dir: Path, kept: Path, mode: str) -> Any:
    """The official client; what the command writes is kept beside."""
    shell = f"{shlex.join(COMMAND)} 2> {kept}/err | tee {kept}/out"
    parameters = StdioServerParameters(
        command="sh", args=["-c", shell], env=environment(data_dir), cwd=data_dir
    )
    async with Client(stdio_client(parameters), mode=mode) as client:
        yield client


def is_free(data_dir: Path) -> bool:
    try:
        with FileLock(data_dir / LOCK).acquire(timeout=0):
            return True
    except Timeout:
        return False


async def used(data_dir: Path, kept: Path, mode: str) -> tuple[list[str], Any, Any, Any]:
    async with desktop(data_dir, kept, mode) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        found = (await client.call_tool("search", {"query": QUESTION})).structured_content
        read = await client.call_tool("fetch", {"id": found["results"][0]["id"]})
        asked = await client.call_tool("ask", {"question": QUESTION})
        return names, found, read.structured_content, asked.structured_content


def check_written(kept: Path) -> None:
    """Nothing but the protocol on standard output, and nothing to complain of."""
    lines = (kept / "out").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 4 and all(json.loads(line)["jsonrpc"] == "2.0" for line in lines)
    assert (kept / "err").read_text(encoding="utf-8") == ""


def test_a_desktop_application_without_any_server(
    filled: Settings, public: Document, tmp_path: Path
) -> None:
    names, found, read, asked = asyncio.run(used(filled.data_dir, tmp_path, "legacy"))
    assert set(names) == {"search", "fetch", "ask", "list_programmes"}
    assert found["results"][0]["id"] == public.id and read["text"] == public.text
    assert "Lumen" in asked["answer"]
    assert asked["sources"][0]["source_url"].startswith("http://127.0.0.1:8000/sources/")
    check_written(tmp_path)
    assert is_free(filled.data_dir)


def test_a_desktop_application_beside_a_running_server(
    served: Settings, address: str, tmp_path: Path
) -> None:
    names, found, _, asked = asyncio.run(used(served.data_dir, tmp_path, "auto"))
    assert len(names) == 4 and found["results"]
    assert asked["sources"][0]["source_url"].startswith(f"{address}/sources/")
    check_written(tmp_path)


def test_the_index_is_left_after_a_silence_and_opened_again(filled: Settings) -> None:
    async def visited() -> None:
        counter = Counter(filled, silence=0.1)
        for _ in range(2):
            async with counter.desk(Scope.SEARCH) as desk:
                assert isinstance(desk, Local)
                assert (await desk.search(QUESTION)).results
                assert not is_free(filled.data_dir)
            await asyncio.sleep(0.05)
            assert not is_free(filled.data_dir), "left too early"
            for _ in range(100):
                await asyncio.sleep(0.05)
                if is_free(filled.data_dir):
                    break
            assert is_free(filled.data_dir)
        await counter.close()

    asyncio.run(visited())


def test_calls_at_the_same_time_share_the_index(filled: Settings) -> None:
    async def visited() -> None:
        counter = Counter(filled, silence=0.05)

        async def one(pause: float) -> int:
            async with counter.desk(Scope.SEARCH) as desk:
                await asyncio.sleep(pause)
                return len((await desk.search(QUESTION)).results)

        assert len(set(await asyncio.gather(*(one(n / 10) for n in range(4))))) == 1
        await counter.close()
        assert is_free(filled.data_dir)

    asyncio.run(visited())


def test_every_tool_is_handed_over(served: Settings, hidden: Document) -> None:
    async def visited() -> None:
        counter = Counter(served)
        async with counter.desk(Scope.SEARCH) as desk:
            assert isinstance(desk, HandedOver)
            assert (await desk.fetch(hidden.id)).text == hidden.text, "the owner sees all"
            assert "Lumen" in (await desk.ask(QUESTION)).answer
            assert (await desk.search(QUESTION)).results
            assert (await desk.list_programmes(Wish(territory="Bretagne"))).count == 1
            with pytest.raises(ToolError, match="introuvable"):
                await desk.fetch("absent")
        await counter.close()

    asyncio.run(visited())


def test_a_server_that_is_gone_is_told() -> None:
    gone = HandedOver(Running(os.getpid(), "http://127.0.0.1:9", "jeton"))
    started = time.monotonic()
    with pytest.raises(Unavailable, match="127.0.0.1:9"):
        asyncio.run(gone.search(QUESTION))
    assert time.monotonic() - started < 10
