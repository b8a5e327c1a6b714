"""Addresses that a reader may follow, each built in one place."""

from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit


class Span(Protocol):
    """Anything that points into a stored document: a citation or a hit."""

    @property
    def document_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def source_url(span: Span, base: str = "", language: str | None = None) -> str:
    """Page of the document, opened and marked at the span; relative without `base`."""
    query: dict[str, object] = {"start": span.start, "end": span.end}
    if language:
        query["lang"] = language
    path = f"/sources/{quote(span.document_id, safe='')}"
    return f"{base.rstrip('/')}{path}?{urlencode(query)}#passage"


def external_url(url: str | None) -> str | None:
    """The address if a browser may open it: http or https with a host; None for all others."""
    try:
        parts = urlsplit(url or "")
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def address(host: str, port: int) -> str:
    """URL that opens the server from its own machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
