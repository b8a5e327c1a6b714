"""Every error under OpenAI's paths in OpenAI's form, wherever it comes from.

The doors, the framework and the routes answer with problem objects; they are translated on the
way out, so that a limit or a refusal added anywhere else has the right form here too.
"""

import json
import logging
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigie.ingest.messages import message as words
from vigie.ui.languages import preferred
from vigie.ui.problems import MEDIA_TYPE, Problem, problem_of

log = logging.getLogger(__name__)

PATHS = ("/v1/chat/completions", "/v1/models", "/v1/responses")
# OpenAI's interface calls what cannot be used a bad request.
UNUSABLE = (HTTPStatus.UNPROCESSABLE_ENTITY,)
# Codes that its clients know; the others keep ours.
CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class OpenAIErrors:
    """Rewrites the problem objects of OpenAI's paths; everything else passes untouched."""

    def __init__(self, app: ASGIApp, language: str) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not any(
            path == known or path.startswith(known + "/") for known in PATHS
        ):
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get("accept-language")
        rewriting = _Rewriting(send, preferred(given, self.language))
        try:
            await self.app(scope, receive, rewriting.send)
        except Exception as error:
            # An unforeseen error is answered from outside of every door: here, to have its form.
            if not rewriting.started:
                problem = problem_of(error, rewriting.language)
                await problem.response()(scope, receive, rewriting.send)
            raise


class _Rewriting:
    """Sends a response on; a problem object is held until it is whole."""

    def __init__(self, send: Send, language: str) -> None:
        self._send, self.language = send, language
        self.started = False
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith(MEDIA_TYPE):
                self._start = message
                return
        elif self._start:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            message = await self._rewritten(self._start)
        await self._send(message)

    async def _rewritten(self, start: Message) -> Message:
        said = translated(json.loads(self._body), self.language)
        body = json.dumps(said, ensure_ascii=False).encode()
        if start["status"] in UNUSABLE:
            start["status"] = int(HTTPStatus.BAD_REQUEST)
        headers = MutableHeaders(scope=start)
        headers["Content-Type"] = "application/json"
        headers["Content-Length"] = str(len(body))
        self._start = None
        await self._send(start)
        return {"type": "http.response.body", "body": body}


def error_body(problem: Problem) -> dict[str, Any]:
    """The error object of a problem, as a stream that has begun tells it."""
    return translated(problem.body, "")


def translated(problem: dict[str, Any], language: str) -> dict[str, Any]:
    """A problem object in OpenAI's form; of several wrong fields, the first one."""
    status, told, param = problem["status"], problem["detail"], None
    if problem.get("errors"):
        wrong = problem["errors"][0]
        param = wrong["field"].removeprefix("body.")
        told = words("connectors.invalid_field", language, field=param, reason=wrong["detail"])
    kind = "server_error" if status >= 500 else TYPES.get(status, "invalid_request_error")
    code = CODES.get(status, problem["code"])
    return {"error": {"message": told, "type": kind, "param": param, "code": code}}
