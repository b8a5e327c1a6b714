"""What a site's robots.txt lets us read, as RFC 9309 has it."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

AGENT = "Vigie"
# RFC 9309 §2.5 asks for at least 500 KiB.
LONGEST = 500 * 1024
# A site may ask for more patience than a round has; longer delays are taken as this one.
LONGEST_DELAY = 30.0

# The status of robots.txt and its bytes.
Get = Callable[[str], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site; without `parser`, everything is allowed or nothing is."""

    parser: RobotFileParser | None
    everything: bool = True

    def allow(self, url: str) -> bool:
        """May this page be read?"""
        return self.parser.can_fetch(AGENT, url) if self.parser else self.everything

    @property
    def delay(self) -> float:
        """Seconds that the site wants between two requests, 0 where it does not say."""
        asked = self.parser.crawl_delay(AGENT) if self.parser else None
        return min(float(asked or 0), LONGEST_DELAY)


class Robots:
    """Rules of the sites met, each fetched once."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._known: dict[str, Rules] = {}

    def rules(self, url: str) -> Rules:
        """Those of the page's site; errors of `get` pass through."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._known:
            self._known[site] = self._rules(f"{site}/robots.txt")
        return self._known[site]

    def _rules(self, url: str) -> Rules:
        status, data = self._get(url)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Rules(None, everything=False)
        if status != HTTPStatus.OK:
            return Rules(None)
        parser = RobotFileParser(url)
        parser.parse(data[:LONGEST].decode("utf-8-sig", "replace").splitlines())
        return Rules(parser)
