"""`GET /healthz`: is the service up, and with which embedder?"""

from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from vigie.ui.state import TheCaller, TheVigie

router = APIRouter()


class HealthOut(BaseModel):
    """A service that answers this can answer questions; `documents` counts what the caller sees."""

    status: Literal["ok"] = "ok"
    version: str = Field(examples=["0.1.0"])
    documents: int
    embedder: str
    fallback: bool = Field(description="True when the offline model stands in for the default.")


@router.get("/healthz")
async def health(vigie: TheVigie, caller: TheCaller) -> HealthOut:
    """Say that the service answers, and what it holds."""
    documents = await run_in_threadpool(vigie.catalogue.count, caller.audience)
    return HealthOut(
        version=version("vigie"),
        documents=documents,
        embedder=vigie.embedder.name,
        fallback=vigie.embedder.fallback_from is not None,
    )
