"""The OpenAPI document: what the framework derives, less what is not true of this interface."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from vigie.ui.api.responses import ProblemOut
from vigie.ui.api.schemas import AnswerOut

SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key opens its audience; without one, only what visitors may see.",
}
REFERENCE = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Makes `app.openapi` give the corrected document, computed once."""
    derived = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = corrected(derived())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def corrected(document: dict[str, Any]) -> dict[str, Any]:
    """The document with our error object, our key, and the models that only events carry."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _drop_unused_refusals(document)
    pairs = [(model, "serialization") for model in (ProblemOut, AnswerOut)]
    _, ours = models_json_schema(pairs, ref_template=REFERENCE)  # type: ignore[arg-type]
    schemas.update(ours["$defs"])
    components["securitySchemes"] = {"key": SECURITY}
    # An empty requirement beside it: a key is never compulsory for reading.
    document["security"] = [{}, {"key": []}]
    return document


def _drop_unused_refusals(document: dict[str, Any]) -> None:
    """The framework's own 422, which it describes wherever a route tells of none."""
    for path in document["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in str(operation["responses"].get("422", "")):
                del operation["responses"]["422"]
