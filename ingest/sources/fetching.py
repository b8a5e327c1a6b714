"""Pages over HTTP: politely to their sites, safely for this machine."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from vigie.ingest.errors import PageRefused, Reason, Unavailable
from vigie.ingest.sources.addresses import Resolver, system_resolver
from vigie.ingest.sources.links import joined
from vigie.ingest.sources.robots import Robots
from vigie.ingest.sources.transport import CheckedTransport

USER_AGENT = f"Vigie/{version('vigie')}"
# Between two requests to one host: what a hurried reader does.
PAUSE_SECONDS = 0.5
CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
# A whole page, however slowly it drips: a report of 30 MB on a line of 1 Mbit/s takes 240.
WHOLE_SECONDS = 300.0
# It is held in memory, for a moment twice; the largest reports on the web have half of it.
LARGEST_BYTES = 100_000_000
CHUNK_BYTES = 65_536
# Browsers follow 20; real sites need 3.
MOST_REDIRECTS = 5
# Seconds before each new try, doubled by half at random so that clients do not come back together.
RETRIES = (1.0, 3.0, 9.0)
# A site that asks for more patience is left for the next round.
LONGEST_RETRY_AFTER = 60.0
# A host that failed so many pages in a row is down: the others would only wait in vain.
FAILURES_IN_A_ROW = 5
# Encodings whose bombs stay in proportion to what was received: others may inflate without bound.
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
AGAIN = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


class SiteDown(Unavailable):
    """Values as Unavailable: a site that failed several times in a row is left alone."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent; `url` is where the redirects ended, `media_type` is lower case.

    `status` is 200, 304 without data, 404 or 410; or any other where it was asked for.
    """

    url: str
    status: int
    data: bytes
    media_type: str
    headers: Mapping[str, str]

    @property
    def gone(self) -> bool:
        """The server knows of no such page."""
        return self.status in GONE


class Fetcher:
    """One round's visits. Raises PageRefused for what may not be read, Unavailable for the rest."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolver = system_resolver,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = httpx.Client(
            transport=CheckedTransport(allow_private=allow_private, resolve=resolve),
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            trust_env=False,
        )
        self._pause = pause
        self._robots = Robots(self._robots_txt)
        self._last: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        largest: int = LARGEST_BYTES,
        accept: tuple[int, ...] = (),
    ) -> Page:
        """The page, 304 if it still is the one of these validators; obeys robots.txt.

        `largest` is in bytes, unpacked; `accept` are statuses that are an answer as well.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        sent = {name: value for name, value in headers.items() if value and value.isascii()}
        good = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, *GONE, *accept)
        here = url
        for _ in range(MOST_REDIRECTS + 1):
            rules = self._robots.rules(_http(here))
            if not rules.allow(here):
                raise PageRefused(url=here, reason=Reason("sync.robots"))
            page = self._patiently(here, sent, largest, rules.delay, accept)
            if page.status in good:
                return page
            here = self._following(page, here)
        raise PageRefused(url=url, reason=Reason("sync.redirects", {"limit": MOST_REDIRECTS}))

    def _following(self, page: Page, here: str) -> str:
        """Where a redirect leads; raises for any other status."""
        target = page.headers.get("location")
        if httpx.codes.is_redirect(page.status) and target:
            return joined(here, target)
        if httpx.codes.is_client_error(page.status) and page.status not in AGAIN:
            raise PageRefused(url=here, reason=Reason("sync.status", {"status": page.status}))
        raise Unavailable(what=here, reason=Reason("sync.status", {"status": page.status}))

    def _robots_txt(self, url: str) -> tuple[int, bytes]:
        """A site without an answer is a site that cannot be read now, whatever its rules."""
        here = url
        for _ in range(MOST_REDIRECTS + 1):
            page = self._patiently(_http(here), {}, LARGEST_BYTES, 0.0, ())
            target = page.headers.get("location")
            if not (httpx.codes.is_redirect(page.status) and target):
                return page.status, page.data
            here = joined(here, target)
        return HTTPStatus.NOT_FOUND, b""

    def _patiently(
        self,
        url: str,
        headers: Mapping[str, str],
        largest: int,
        delay: float,
        accept: tuple[int, ...],
    ) -> Page:
        """Tries again what may pass; gives the last answer, raises Unavailable without one."""
        host = urlsplit(url).netloc
        if self._failures.get(host, 0) >= FAILURES_IN_A_ROW:
            raise SiteDown(what=host, reason=Reason("sync.down"))
        for wait in (*RETRIES, None):
            self._wait_for(host, max(delay, PAUSE_SECONDS))
            try:
                page = self._once(url, headers, largest, accept)
            except httpx.InvalidURL as error:  # a redirect to what is no address
                raise PageRefused(url=url, reason=Reason("sync.address_form")) from error
            except httpx.HTTPError as error:
                if wait is None:
                    self._failures[host] = self._failures.get(host, 0) + 1
                    raise Unavailable(what=url, reason=type(error).__name__) from error
                self._pause(_jittered(wait))
                continue
            finally:
                self._last[host] = time.monotonic()
            if page.status not in AGAIN:
                self._failures[host] = 0
                return page
            asked = retry_after(page.headers.get("retry-after"))
            if wait is None or asked > LONGEST_RETRY_AFTER:
                self._failures[host] = self._failures.get(host, 0) + 1
                return page
            self._pause(max(asked, _jittered(wait)))
        raise AssertionError("the last try returns or raises")

    def _wait_for(self, host: str, delay: float) -> None:
        since = time.monotonic() - self._last.get(host, float("-inf"))
        if since < delay:
            self._pause(delay - since)

    def _once(
        self, url: str, headers: Mapping[str, str], largest: int, accept: tuple[int, ...]
    ) -> Page:
        deadline = time.monotonic() + WHOLE_SECONDS
        with self._client.stream("GET", url, headers=headers, follow_redirects=False) as response:
            status = response.status_code
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            wanted = status == HTTPStatus.OK or status in accept
            # What other pages say is of no use; leaving them unread closes the connection.
            data = _body(response, url, largest, deadline) if wanted else b""
            return Page(url, status, data, kind, dict(response.headers))


def _body(response: httpx.Response, url: str, largest: int, deadline: float) -> bytes:
    if response.headers.get("content-encoding", "").strip().lower() not in ENCODINGS:
        raise PageRefused(url=url, reason=Reason("sync.encoding"))
    parts: list[bytes] = []
    length = 0
    for part in response.iter_bytes(CHUNK_BYTES):
        length += len(part)
        if length > largest:
            limit = {"limit": f"{largest / 1_000_000:g}"}
            raise PageRefused(url=url, reason=Reason("sync.too_large", limit))
        if time.monotonic() > deadline:
            raise PageRefused(url=url, reason=Reason("sync.too_slow", {"limit": WHOLE_SECONDS}))
        parts.append(part)
    return b"".join(parts)


def _http(url: str) -> str:
    """The address, if it is one that may be asked for; a redirect may lead to anything."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise PageRefused(url=url, reason=Reason("sync.address_form")) from error
    if not good:
        raise PageRefused(url=url, reason=Reason("sync.address_form"))
    return url


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(1.0, 1.5)


def retry_after(header: str | None) -> float:
    """Seconds that the header asks for, as a number or a date; 0 for none or one not understood."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
