"""The door of widgets: other sites may read answers only where a widget was made for them.

Deny by default: without a widget's id nothing here changes, and no other site reads anything.
"""

from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigie.ingest.errors import VigieError
from vigie.ui.access import Access
from vigie.ui.identity.who import OriginRefused
from vigie.ui.identity.widgets import Widget
from vigie.ui.languages import preferred
from vigie.ui.problems import problem_of

PATHS = frozenset({"/v1/ask", "/v1/search", "/v1/feedback"})
HEADER, PARAMETER = "x-vigie-widget", "widget"
METHODS = "GET, POST"
# What a widget sends besides what browsers let everyone send.
SENT = "accept, accept-language, content-type, idempotency-key, x-vigie-widget"
READ = "RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
# Seconds for which a browser need not ask again: a revoked widget is refused all the same.
REMEMBERED = 600


class WidgetDoor:
    """Answers preflights, and lets the site of a widget read what the widget asked for."""

    def __init__(self, app: ASGIApp, access: Access, language: str) -> None:
        self.app, self.access, self.language = app, access, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        widget_id = headers.get(HEADER) or _parameter(scope)
        asking = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        language = preferred(headers.get("accept-language"), self.language)
        try:
            widget = await run_in_threadpool(self._opened, widget_id, origin)
            welcome = widget is not None
            if asking and not widget_id:
                welcome = await run_in_threadpool(self._welcomes, origin)
        except VigieError as error:
            return await problem_of(error, language).response()(scope, receive, send)
        if asking and welcome:
            return await _preflight(origin)(scope, receive, send)
        if widget_id and widget is None:
            refusal = problem_of(OriginRefused(), language).response({"Vary": "Origin"})
            return await refusal(scope, receive, send)
        if widget is not None:
            scope.setdefault("state", {})["widget"] = widget

        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if widget is not None:
                    answer["Access-Control-Allow-Origin"] = origin
                    answer["Access-Control-Expose-Headers"] = READ
            await send(message)

        await self.app(scope, receive, opened)

    def _opened(self, widget_id: str, origin: str) -> Widget | None:
        if not widget_id or not origin or self.access.identities is None:
            return None
        return self.access.identities.widgets.opened(widget_id, origin)

    def _welcomes(self, origin: str) -> bool:
        identities = self.access.identities
        return identities is not None and identities.widgets.welcomes(origin)


def _preflight(origin: str) -> Response:
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": str(REMEMBERED),
            "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        },
    )


def _parameter(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get(PARAMETER, [""])[0]
