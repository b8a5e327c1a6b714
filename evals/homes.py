"""Documents that say the same: whichever is found, what was expected is found."""

from collections.abc import Mapping
from dataclasses import replace

from vigie.evals.benches import Bench
from vigie.index.catalogue import Catalogue
from vigie.ingest.documents import Audience, Document, Kind


def homes_of(
    bench: Bench, source: str, catalogue: Catalogue, locations: Mapping[str, str]
) -> dict[str, str]:
    """From the location of a document to that of the one which stands for all that say the same.

    Copies of a document are indexed once, and articles published twice are shown once: whichever
    is found, by whatever system, what was expected is found.
    """
    expected = frozenset[str]().union(*(item.relevant for item in bench.items))
    absent = {
        Document(
            source=source, location=location, text="", title="", kind=Kind.ARTICLE
        ).id: location
        for location in expected.difference(locations.values())
    }
    homes: dict[str, str] = {}
    twins = catalogue.twins(list(locations), Audience.STAFF)
    for id_, location in sorted(locations.items(), key=lambda pair: pair[1]):
        others = (locations[twin.document_id] for twin in twins.get(id_, ()))
        known = [homes[other] for other in others if other in homes]
        homes[location] = known[0] if known else location
    for copy, original in catalogue.copies.originals(list(absent)).items():
        homes[absent[copy]] = homes[locations[original]]
    return {location: home for location, home in homes.items() if location != home}


def housed(bench: Bench, homes: Mapping[str, str]) -> Bench:
    """The same questions, which expect the documents that stand for theirs."""
    items = (
        replace(
            item,
            relevant=frozenset(homes.get(one, one) for one in item.relevant),
            grades=tuple({homes.get(one, one): grade for one, grade in item.grades}.items()),
        )
        for item in bench.items
    )
    return replace(bench, items=tuple(items))
