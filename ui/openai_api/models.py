"""`GET /v1/models`: the one model, for clients that list or look one up before they ask."""

from typing import Annotated

from fastapi import APIRouter, Path

from vigie.ingest.errors import NotFound, Reason
from vigie.ui.openai_api.schemas import MODEL, NAME_LIMIT, ModelOut, ModelsOut, described
from vigie.ui.state import TheIdentity

router = APIRouter()

# Clients want a date, in seconds since 1970, and do nothing with it: that of the first version.
CREATED = 1_795_564_800


@router.get("/v1/models", responses=described(401))
async def list_models(identity: TheIdentity) -> ModelsOut:
    """List what `model` may be; a wrong key is told here already."""
    return ModelsOut(data=[ModelOut(created=CREATED)])


@router.get("/v1/models/{model}", responses=described(400, 401, 404))
async def read_model(
    identity: TheIdentity, model: Annotated[str, Path(max_length=NAME_LIMIT, examples=[MODEL])]
) -> ModelOut:
    """Tell whether a model exists."""
    if model != MODEL:
        raise NotFound(what=Reason("connectors.model"), id=model)
    return ModelOut(created=CREATED)
