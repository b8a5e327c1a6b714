"""What every request and response goes through, as plain ASGI: streams pass untouched."""

import logging
import re
import secrets
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigie.ui.languages import preferred
from vigie.ui.problems import http_problem

log = logging.getLogger(__name__)

# Largest bodies, in bytes: a question with its conversation; files given to /v1/ingest.
BODY_LIMIT = 1024 * 1024
UPLOAD_LIMIT = 256 * 1024 * 1024
UPLOAD_PATH = "/v1/ingest"

REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)

# A page needs its own stylesheet and nothing else: no script, no image, no frame.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "no-store",
}
# Files of the program, the same for everyone; all else may concern one reader.
CACHED = ("/static/", "/chat/static/", "/chat/assets/")


class Envelope:
    """Gives each response its request id and the security headers that it does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if scope["path"].startswith(CACHED):
                    headers.setdefault("Cache-Control", "max-age=3600")
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sealed)


class KnownHosts:
    """Refuses a Host that is not ours, against DNS rebinding; answers 421 (RFC 9110 §15.5.20)."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], language: str) -> None:
        self.app, self.hosts, self.language = app, frozenset(hosts), language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) in self.hosts:
            return await self.app(scope, receive, send)
        language = preferred(headers.get("accept-language"), self.language)
        await http_problem(421, language).response()(scope, receive, send)


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without its port; brackets of IPv6 are dropped."""
    name = host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


class TooLarge(Exception):
    """The body went past its limit while it was read."""


class BodyLimit:
    """Answers 413 to a body that is too large, whether it says so beforehand or not."""

    def __init__(self, app: ASGIApp, language: str) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = UPLOAD_LIMIT if scope["path"] == UPLOAD_PATH else BODY_LIMIT
        headers = Headers(scope=scope)
        language = preferred(headers.get("accept-language"), self.language)
        refusal = http_problem(413, language, limit=limit // 1024 // 1024).response()
        refusal.headers["Connection"] = "close"
        declared = headers.get("content-length", "0")
        # int() also takes signs, underscores and other digits; the server checked the length.
        if not declared.isdecimal() or len(declared) > 18 or int(declared) > limit:
            return await refusal(scope, receive, send)
        size, started, overflow = 0, False, False

        async def counted() -> Message:
            nonlocal size, overflow
            message = await receive()
            size += len(message.get("body", b""))
            overflow = size > limit
            if overflow:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            # The framework turns TooLarge into its own 400; ours is told below.
            if not overflow or started:
                started = True
                await send(message)

        try:
            await self.app(scope, counted, watched)
        except TooLarge:
            log.info("body above %d bytes refused", limit)
        if overflow and not started:
            await refusal(scope, receive, send)
