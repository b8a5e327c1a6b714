"""A list of pages, by their addresses."""

from collections.abc import Iterator
from urllib.parse import urldefrag

from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.offers import Listing, Offer, Reach
from vigie.ingest.sources.pages import Listed, visits


def offers(declared: Declaration, reach: Reach) -> Iterator[Offer]:
    """Each page of the list; one of another site may answer while this one is down."""
    addresses = list(dict.fromkeys(urldefrag(url).url for url in declared.where))
    yield Listing(len(addresses), whole=True)
    yield from visits(map(Listed, addresses), declared.stated, reach)
