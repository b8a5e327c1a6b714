"""`POST /v1/ingest`: files or, for the owner of the data folder, paths of this machine."""

import asyncio
import logging
import re
import shutil
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from vigie.index.sync import Progress
from vigie.ingest.documents import Audience
from vigie.ingest.reading import Defaults
from vigie.ui import sse
from vigie.ui.api import events, responses
from vigie.ui.api.schemas import Given, Words
from vigie.ui.identity.who import Scope
from vigie.ui.intake import intake
from vigie.ui.state import Owner, Staff, TheLanguage, TheVigie

log = logging.getLogger(__name__)
router = APIRouter()

# Source under which uploads are kept, unless the sender names another.
UPLOADS = "uploads"
MOST_FILES = 100
# Longest file name that every common file system takes, in bytes, less a margin for a suffix.
LONGEST_NAME = 200

EVENTS = {
    "description": "Progress as server-sent events",
    "content": {
        sse.MEDIA_TYPE: {
            "itemSchema": {
                "type": "object",
                "required": ["event", "data"],
                "properties": {
                    "event": {"enum": ["progress", "failure", "done", "error"]},
                    "data": {"type": "string", "contentMediaType": "application/json"},
                },
            }
        }
    },
}


class PathsIn(Given):
    """What `vigie ingest` was given, handed over to the server that holds the index."""

    paths: list[Words] = Field(min_length=1)
    source: Words | None = Field(None, max_length=200)
    audience: Annotated[Audience, Field(strict=False)] = Audience.PUBLIC
    publisher: Words | None = None


@router.post(
    "/v1/ingest",
    response_class=StreamingResponse,
    responses={200: EVENTS, **responses.problems(401, 403)},
)
async def ingest_files(
    request: Request,
    vigie: TheVigie,
    identity: Staff,
    language: TheLanguage,
    files: Annotated[list[UploadFile], File(max_length=MOST_FILES)],
    audience: Annotated[Audience, Form()] = Audience.PUBLIC,
    publisher: Annotated[str | None, Form(max_length=200)] = None,
) -> StreamingResponse:
    """Index files; staff only. A file of the same name replaces the earlier one."""
    identity.require(Scope.INGEST)
    folder = vigie.settings.data_dir / UPLOADS
    paths = [await run_in_threadpool(_keep, file, folder) for file in files]
    defaults = Defaults(audience, publisher)
    steps = intake(vigie, paths, UPLOADS, defaults)
    told = stream(request.state.ingestion, steps, language)
    return StreamingResponse(sse.with_pings(told), 200, sse.HEADERS, sse.MEDIA_TYPE)


@router.post("/v1/ingest/paths", include_in_schema=False)
async def ingest_paths(
    body: PathsIn, request: Request, vigie: TheVigie, identity: Owner, language: TheLanguage
) -> StreamingResponse:
    """Index paths of this machine, for a command that found this server in its data folder."""
    defaults = Defaults(body.audience, body.publisher)
    paths = [Path(path) for path in body.paths]
    steps = intake(vigie, paths, body.source, defaults)
    told = stream(request.state.ingestion, steps, language)
    return StreamingResponse(sse.with_pings(told), 200, sse.HEADERS, sse.MEDIA_TYPE)


async def stream(
    turn: asyncio.Lock,
    steps: Iterator[Progress],
    language: str,
    encode: Callable[[Progress, str], events.Named] = events.ingesting,
) -> AsyncGenerator[bytes]:
    """Progress as events, begun when its turn comes; it stops where its listener leaves."""
    counts: dict[str, object] = {}
    async with turn:
        try:
            # A step in its thread is never abandoned: a listener who leaves stops the next one.
            while progress := await run_in_threadpool(next, steps, None):
                name, counts = encode(progress, language)
                yield sse.encode(name, counts)
            yield sse.encode("done", counts)
        except Exception as error:  # the status is sent: whatever happens must become an event
            log.exception("the ingestion broke off")
            yield sse.encode(*events.broken(error, language))
        finally:
            if isinstance(steps, Generator):
                steps.close()


def _keep(file: UploadFile, folder: Path) -> Path:
    """Where the upload now lies, under a name that stays inside `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / safe_name(file.filename)
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as kept:
        shutil.copyfileobj(file.file, kept)
    partial.replace(path)
    return path


def safe_name(name: str | None) -> str:
    """Last part of a file name in ordinary characters; never empty, hidden or too long."""
    last = re.split(r"[/\\]", name or "")[-1]
    plain = re.sub(r"[^\w .()’'-]", "_", last).strip(" .") or "document"
    stem, dot, suffix = plain.rpartition(".")
    kept = stem.encode()[: LONGEST_NAME - len(suffix.encode())].decode(errors="ignore")
    return f"{kept}{dot}{suffix}"[-LONGEST_NAME:]
