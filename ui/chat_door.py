"""The door of /chat: no request from another site, and a content policy that names its scripts.

Gradio writes inline scripts without a nonce; its page is rewritten on the way out. Its styles
are set by scripts and stay `unsafe-inline`; nothing needs `unsafe-eval`.
"""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigie.ui.access import is_cross_site
from vigie.ui.languages import preferred
from vigie.ui.problems import http_problem

PREFIX = "/chat"
SCRIPT = re.compile(rb"<script(?=[\s>])", re.IGNORECASE)
PAGE_LANGUAGE = re.compile(rb'(<html[^>]*\blang=")[a-z-]*"', re.IGNORECASE)
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; "
    "base-uri 'self'; object-src 'none'; frame-src 'none'; frame-ancestors 'none'"
)


class ChatDoor:
    """Guards every path under /chat, also those that Gradio leaves open to all."""

    def __init__(self, app: ASGIApp, language: str) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == PREFIX or path.startswith(PREFIX + "/")):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        language = preferred(headers.get("accept-language"), self.language)
        arriving = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if is_cross_site(headers) and not arriving:
            return await http_problem(403, language).response()(scope, receive, send)
        # A compressed page could not be rewritten.
        kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        page = _Page(send, language)
        is_page = "text/html" in headers.get("accept", "")
        scope = {**scope, "headers": kept} if is_page else scope
        await self.app(scope, receive, page.send)


class _Page:
    """Sends a response on; a whole HTML page gets its nonce, its language and its length."""

    def __init__(self, send: Send, language: str) -> None:
        self._send, self._language = send, language
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = POLICY.format(nonce=self._nonce)
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        elif self._start:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            message = await self._rewritten()
        await self._send(message)

    async def _rewritten(self) -> Message:
        assert self._start is not None
        body = SCRIPT.sub(b'<script nonce="%s"' % self._nonce.encode(), self._body)
        body = PAGE_LANGUAGE.sub(rb'\g<1>%s"' % self._language.encode(), body, count=1)
        MutableHeaders(scope=self._start)["Content-Length"] = str(len(body))
        await self._send(self._start)
        self._start = None
        return {"type": "http.response.body", "body": body}
