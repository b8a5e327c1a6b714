"""How the interface's answers are described to those who build on it."""

from typing import Any

from pydantic import BaseModel, Field

from vigie.ui.problems import MEDIA_TYPE


class FieldProblem(BaseModel):
    """One field of a request that cannot be used."""

    field: str = Field(examples=["body.filters.kinds"])
    code: str = Field(examples=["enum"])
    detail: str


class ProblemOut(BaseModel):
    """An error (RFC 9457); `code` is stable, `detail` follows Accept-Language."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    code: str = Field(examples=["not_found"])
    errors: list[FieldProblem] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors of a route; every route may also answer 413, 421 and 422."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    texts = {
        401: "The key opens nothing",
        403: "The credential does not open this door",
        404: "Absent, or hidden from this caller",
        413: "The body is too large",
        415: "No reader for this format",
        421: "This server has another name",
        422: "The request cannot be used",
        429: "Too much was asked; Retry-After tells when to come back",
        503: "A part of the service does not answer",
    }
    return {
        status: {"description": texts[status], "content": content}
        for status in sorted({*statuses, 413, 421, 422})
    }
