"""An RSS or Atom feed: the latest pages of a site, read where the feed says that they are."""

import html
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from vigie.ingest.errors import PageRefused, Reason, Unavailable
from vigie.ingest.sources import xml
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.fetching import Page
from vigie.ingest.sources.links import is_address, joined
from vigie.ingest.sources.offers import Listing, Offer, Reach, Told
from vigie.ingest.sources.pages import Listed, visits

# Feeds hold ten to fifty entries; a whole site in one is a mistake of its maker.
MOST_ENTRIES = 1_000
LARGEST_FEED = 10_000_000
FEEDS = ("rss", "feed", "rdf")
PUBLISHED = ("pubdate", "published", "issued", "date")
UPDATED = ("updated", "modified")


def offers(declared: Declaration, reach: Reach) -> Iterator[Offer]:
    """The entries of each feed; what has left a feed is old, not gone."""
    listed: list[Listed] = []
    for url in declared.where:
        page = reach.fetcher.get(url, largest=LARGEST_FEED)
        if page.gone:
            raise Unavailable(what=url, reason=Reason("sync.status", {"status": page.status}))
        listed += entries(page)
    yield Listing(len({item.url for item in listed}), whole=False)
    yield from visits(listed, declared.stated, reach)


def entries(page: Page) -> list[Listed]:
    """The feed's entries with an address, first one first; raises PageRefused for no feed."""
    root, _ = xml.root_of(page)
    if xml.name(root) not in FEEDS:
        raise PageRefused(url=page.url, reason=Reason("sync.not_feed"))
    found = [_listed(item, page.url) for item in root.iter("{*}item", "{*}entry")]
    return [item for item in found if is_address(item.url)][:MOST_ENTRIES]


def _listed(item: Any, base: str) -> Listed:
    published, updated = xml.text(item, *PUBLISHED), xml.text(item, *UPDATED)
    told = Told(
        title=_one_line(xml.text(item, "title")),
        published=day(published),
        modified=day(updated),
    )
    # An entry that says when it was updated vouches for its page; one that does not, for nothing.
    return Listed(joined(base, _link(item)), updated, told)


def _link(item: Any) -> str | None:
    """RSS writes the address as text, Atom as an attribute; its other links are not the page."""
    for child in item:
        if xml.name(child) == "link":
            if address := child.get("href"):
                if child.get("rel", "alternate") == "alternate":
                    return str(address)
            elif child.text and child.text.strip():
                return str(child.text.strip())
    guid = xml.text(item, "guid")
    return guid if guid and is_address(guid) else None


def day(text: str | None) -> date | None:
    """The day of an RFC 822 date (RSS) or an ISO 8601 one (Atom); None for anything else."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).date()
    except ValueError:
        return None


def _one_line(text: str | None) -> str | None:
    # RSS escapes what is HTML already: "l&amp;#8217;appel".
    return " ".join(html.unescape(text).split()) if text else None
