"""Every error of the HTTP interface as one problem object (RFC 9457), never echoing its input."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from vigie.ingest import errors
from vigie.ingest.messages import catalogue, message
from vigie.ui.identity.who import QuotaSpent, WrongKey

MEDIA_TYPE = "application/problem+json"

# The most exact class of an error decides; the order does not matter.
STATUS: dict[type[errors.VigieError], HTTPStatus] = {
    errors.InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsupportedFormat: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    WrongKey: HTTPStatus.UNAUTHORIZED,
    QuotaSpent: HTTPStatus.TOO_MANY_REQUESTS,
    errors.IndexMismatch: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.VigieError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

# What a validation error may tell of its context: bounds of our schemas, never the input.
BOUNDS = frozenset({"ge", "le", "gt", "lt", "min_length", "max_length", "expected"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: `code` is stable, `detail` is a sentence in the reader's language."""

    status: int
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """The members of the JSON object, in the order in which a person reads them."""
        members: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": int(self.status),
            "detail": self.detail,
            "code": self.code,
        }
        return members | ({"errors": list(self.errors)} if self.errors else {})

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The HTTP response, with the challenge that a 401 owes (RFC 9110 §11.6.1)."""
        content = json.dumps(self.body, ensure_ascii=False).encode()
        response = Response(content, self.status, headers, MEDIA_TYPE)
        if self.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response


def problem_of(error: Exception, language: str) -> Problem:
    """The problem that an error is; an unforeseen one tells nothing of its inside."""
    match error:
        case errors.VigieError():
            return Problem(status_of(type(error)), error.code, error.message(language))
        case RequestValidationError():
            detail = message("api.invalid_request", language)
            fields = tuple(_fields(error.errors(), language))
            return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", detail, fields)
        case HTTPException(status_code=status):
            return http_problem(status, language)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal", message("error.internal", language)
    )


def http_problem(status: int, language: str, **values: object) -> Problem:
    """A problem of HTTP itself, such as an unknown path or a body that is too large."""
    key = f"api.http_{status}"
    if key not in catalogue(language):
        key = "api.http_other"
    return Problem(status, f"http_{status}", message(key, language, **values))


def failure(code: str, detail: str) -> Problem:
    """The problem behind an answer that failed, whose error is known by its code only."""
    kinds = (kind for kind in _tree(errors.VigieError) if kind.code == code)
    return Problem(status_of(next(kinds, errors.VigieError)), code, detail)


def status_of(kind: type[errors.VigieError]) -> HTTPStatus:
    """HTTP status of an error class, taken from its nearest ancestor in STATUS."""
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def _fields(found: Any, language: str) -> Iterator[dict[str, str]]:
    """Where a request is wrong and why, in our words: the library's may repeat the input."""
    for item in found:
        place = [str(part) for part in item["loc"]]
        if item["type"] == "extra_forbidden":
            # The last part is the unknown field's name: the sender's own words.
            place.pop()
        key = f"api.invalid_{item['type']}"
        if key not in catalogue(language):
            key = "api.invalid_other"
        bounds = {
            name: str(value).replace(" or ", ", ")
            for name, value in item.get("ctx", {}).items()
            if name in BOUNDS
        }
        detail = _filled(key, language, bounds)
        yield {"field": ".".join(place), "code": item["type"], "detail": detail}


def _filled(key: str, language: str, values: Mapping[str, object]) -> str:
    try:
        return message(key, language, **values)
    except KeyError:
        return message("api.invalid_other", language)


def _tree(kind: type[errors.VigieError]) -> Iterator[type[errors.VigieError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)
