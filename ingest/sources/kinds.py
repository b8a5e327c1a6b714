"""Which module goes through which kind of source."""

from pkgutil import resolve_name

from vigie.ingest.sources.declarations import SourceKind
from vigie.ingest.sources.offers import Source

SOURCES: dict[SourceKind, str] = {
    SourceKind.FOLDER: "vigie.ingest.sources.folder:offers",
    SourceKind.URLS: "vigie.ingest.sources.urls:offers",
    SourceKind.SITEMAP: "vigie.ingest.sources.sitemap:offers",
    SourceKind.FEED: "vigie.ingest.sources.feed:offers",
    SourceKind.WORDPRESS: "vigie.ingest.sources.wordpress:offers",
    SourceKind.RECORDS: "vigie.ingest.sources.records:offers",
}


def source_of(kind: SourceKind) -> Source:
    """Imports the module of the kind on first use."""
    source: Source = resolve_name(SOURCES[kind])
    return source
