"""One table of records, in a file of this machine or at an address."""

from collections.abc import Iterator

from vigie.ingest.sources import folder, urls
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.links import is_address
from vigie.ingest.sources.offers import Offer, Reach


def offers(declared: Declaration, reach: Reach) -> Iterator[Offer]:
    """The one file; its rows become documents when it is read."""
    source = urls if is_address(declared.where[0]) else folder
    yield from source.offers(declared, reach)
