"""`POST /v1/sync`: a round over the followed sources, for the owner of the data folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from vigie.assistant.build import Vigie
from vigie.index.progress import Progress
from vigie.index.rehearsal import rehearse
from vigie.index.rounds import forget, sync
from vigie.ingest.sources.declarations import chosen, declared
from vigie.ui import sse
from vigie.ui.api import events
from vigie.ui.api.ingestion import stream
from vigie.ui.api.schemas import Given, Words
from vigie.ui.state import Owner, TheLanguage, TheVigie

router = APIRouter()

# Pages on their way into the index; one round at a time has it.
COPIES = "copies"


class SyncIn(Given):
    """What `vigie sync` was given, handed over to the server that holds the index."""

    sources: Words
    names: list[Words] = []
    dry_run: bool = False
    confirm: bool = False
    forget: Words | None = None


@router.post("/v1/sync", include_in_schema=False)
async def sync_sources(
    body: SyncIn, request: Request, vigie: TheVigie, identity: Owner, language: TheLanguage
) -> StreamingResponse:
    """Go through the sources of a file of this machine."""
    if body.forget is None:
        steps = going_round(vigie, Path(body.sources), body.names, body.dry_run, body.confirm)
    else:
        steps = forget(body.forget, catalogue=vigie.catalogue, index=vigie.index)
    told = stream(request.state.ingestion, steps, language, events.syncing)
    return StreamingResponse(sse.with_pings(told), 200, sse.HEADERS, sse.MEDIA_TYPE)


def going_round(
    vigie: Vigie, sources: Path, names: Sequence[str], dry_run: bool, confirm: bool
) -> Iterator[Progress]:
    """The round, or its rehearsal; raises for a file that declares nothing that can be followed."""
    found = chosen(declared(sources), names)
    catalogue = vigie.catalogue
    copies = vigie.settings.data_dir / COPIES
    if dry_run:
        yield from rehearse(found, catalogue=catalogue, confirm=confirm, copies=copies)
    else:
        yield from sync(
            found,
            catalogue=catalogue,
            index=vigie.index,
            embedder=vigie.embedder,
            confirm=confirm,
            copies=copies,
        )
