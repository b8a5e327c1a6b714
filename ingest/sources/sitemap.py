"""A site by its sitemap, and by those that it lists (sitemaps.org protocol 0.9)."""

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from vigie.ingest.errors import PageRefused, Reason, Unavailable
from vigie.ingest.sources import xml
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.fetching import Fetcher
from vigie.ingest.sources.links import host, is_address, joined
from vigie.ingest.sources.offers import Listing, Offer, Reach
from vigie.ingest.sources.pages import Listed, visits

log = logging.getLogger(__name__)

# The protocol allows an index of sitemaps and no index of indexes; some sites have one more.
DEEPEST = 3
# At half a second a page, fourteen hours: a larger site is no association's.
MOST_PAGES = 100_000
MOST_SITEMAPS = 2_000


@dataclass(slots=True)
class Survey:
    """What the sitemaps read so far list; `whole` until one of them was damaged."""

    pages: dict[str, Listed] = field(default_factory=dict)
    whole: bool = True


def offers(declared: Declaration, reach: Reach) -> Iterator[Offer]:
    """Every page listed; a sitemap that cannot be had breaks it off before any page."""
    found = survey(declared.where[0], reach.fetcher)
    yield Listing(len(found.pages), found.whole)
    yield from visits(found.pages.values(), declared.stated, reach)


def survey(url: str, fetcher: Fetcher) -> Survey:
    """The sitemap and those below it, breadth first."""
    found = Survey()
    waiting = deque([(url, 1)])
    met: set[str] = set()
    while waiting:
        here, depth = waiting.popleft()
        if here in met:
            continue
        met.add(here)
        if depth > DEEPEST or len(met) > MOST_SITEMAPS:
            raise PageRefused(url=here, reason=Reason("sync.too_deep", {"limit": DEEPEST}))
        index, entries, sound = _entries(here, fetcher)
        found.whole = found.whole and sound
        for entry in entries:
            if host(entry.url) != host(url):
                # A sitemap speaks for its own site; any other address may be a mistake or a trap.
                log.warning("%s lists %s, which is another site", here, entry.url)
            elif index:
                waiting.append((entry.url, depth + 1))
            else:
                found.pages[entry.url] = entry
        if len(found.pages) > MOST_PAGES:
            raise PageRefused(url=url, reason=Reason("sync.too_many", {"limit": MOST_PAGES}))
    return found


def _entries(url: str, fetcher: Fetcher) -> tuple[bool, list[Listed], bool]:
    """Is it an index, what it lists, and is that all of it."""
    page = fetcher.get(url, largest=xml.LARGEST_XML)
    if page.gone:
        raise Unavailable(what=url, reason=Reason("sync.status", {"status": page.status}))
    root, sound = xml.root_of(page)
    kind = xml.name(root)
    if kind not in ("urlset", "sitemapindex"):
        raise PageRefused(url=url, reason=Reason("sync.not_sitemap"))
    found = [
        Listed(joined(page.url, place), xml.text(entry, "lastmod"))
        for entry in root
        if (place := xml.text(entry, "loc"))
    ]
    return kind == "sitemapindex", [entry for entry in found if is_address(entry.url)], sound
