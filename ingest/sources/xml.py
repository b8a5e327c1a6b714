"""XML from strangers: no entities, no network, no tree without bound."""

import zlib

from lxml import etree  # type: ignore[import-untyped]

from vigie.ingest.errors import PageRefused, Reason
from vigie.ingest.sources.fetching import Page

GZIP_MAGIC = b"\x1f\x8b"
# The protocol's own limit for a sitemap, unpacked; feeds are far smaller.
LARGEST_XML = 50 * 1024 * 1024


def root_of(page: Page) -> tuple[etree._Element, bool]:
    """The root element, and whether it is all there: a damaged one is read as far as it goes.

    Raises PageRefused for what is no XML.
    """
    data = _unpacked(page)
    for damaged in (False, True):
        parser = etree.XMLParser(
            recover=damaged,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None:
            return root, not damaged
    raise PageRefused(url=page.url, reason=Reason("sync.not_xml"))


def name(element: etree._Element) -> str:
    """Its name without namespace: sites mix their versions up. Empty for an entity."""
    return str(etree.QName(element).localname).lower() if isinstance(element.tag, str) else ""


def text(parent: etree._Element, *names: str) -> str | None:
    """Text of the first child of the first of these names that has any."""
    for wanted in names:
        for child in parent:
            if name(child) == wanted and (found := "".join(child.itertext()).strip()):
                return found
    return None


def _unpacked(page: Page) -> bytes:
    """A file that is gzip itself is unpacked as far as the limit, so that a bomb stays small."""
    if not page.data.startswith(GZIP_MAGIC):
        return page.data
    inflating = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = inflating.decompress(page.data, LARGEST_XML)
    except zlib.error as error:
        raise PageRefused(url=page.url, reason=Reason("sync.not_xml")) from error
    if inflating.unconsumed_tail:
        limit = {"limit": f"{LARGEST_XML / 1_000_000:.0f}"}
        raise PageRefused(url=page.url, reason=Reason("sync.too_large", limit))
    return data
