"""Articles that several places published: one is kept in answers, the others are told beside it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Protocol

from vigie.index.hits import Hit, Query, Twin
from vigie.ingest.documents import Audience
from vigie.ingest.republication import folded_words

# Articles whose lengths differ less say the same; the earliest of them is taken for the original.
AS_COMPLETE = 0.9
# Share of a passage's words that a passage of the original must have to stand for it: both were
# cut apart, so no passage has them all.
STANDS_FOR = 0.5

Twins = Mapping[str, Sequence[Twin]]
# Where else a document was published, as far as the caller may see.
AlsoOf = Callable[[str], tuple[Twin, ...]]


class Searcher(Protocol):
    """What finds hits; `index.search.Index` is one."""

    def search(self, query: Query) -> list[Hit]: ...


class Republications(Protocol):
    """Who published the same; `index.catalogue.Catalogue` tells."""

    def twins(self, ids: Collection[str], audience: Audience) -> dict[str, tuple[Twin, ...]]: ...


class OneOfEach:
    """A searcher whose hits do not say the same twice."""

    def __init__(self, index: Searcher, catalogue: Republications) -> None:
        self._index = index
        self._catalogue = catalogue

    def search(self, query: Query) -> list[Hit]:
        """As the index finds them, twins collapsed, `limit` at most.

        More are asked for only where some take each other's place: the index keeps the last places
        of a list for further documents, and a longer list cut short would lose them.
        """
        hits = self._index.search(query)
        shown = self._collapsed(hits, query.audience)
        if lost := len(hits) - len(shown):
            more = self._index.search(replace(query, limit=query.limit + lost))
            shown = self._collapsed(more, query.audience)
        return shown[: query.limit]

    def _collapsed(self, hits: Sequence[Hit], audience: Audience) -> list[Hit]:
        return collapsed(hits, self._catalogue.twins({hit.document_id for hit in hits}, audience))


def also_of(catalogue: Republications, audience: Audience) -> AlsoOf:
    """Asked once for each document; good for one question only."""

    @cache
    def told(document_id: str) -> tuple[Twin, ...]:
        return catalogue.twins([document_id], audience).get(document_id, ())

    return told


def collapsed(hits: Sequence[Hit], twins: Twins) -> list[Hit]:
    """Hits in their order, those of republished articles as passages of the original.

    The original of several twins among the hits is the most complete, then the earliest published.
    Its passage comes at the rank of the first one that says the same. What a twin alone says stays.
    """
    originals = _originals(hits, twins)
    if not originals:
        return list(hits)
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.document_id, []).append(hit)
    kept: dict[str, Hit] = {}
    for hit in hits:
        home = originals.get(hit.document_id)
        shown = (home and _standing_for(hit, found[home])) or hit
        kept.setdefault(shown.chunk_id, replace(shown, score=max(shown.score, hit.score)))
    return list(kept.values())


def _originals(hits: Sequence[Hit], twins: Twins) -> dict[str, str]:
    """From each document that is not to be shown to the one that stands for it."""
    ids = list(dict.fromkeys(hit.document_id for hit in hits))
    links = {id_: {t.document_id for t in twins.get(id_, ())} & set(ids) for id_ in ids}
    told = {twin.document_id: twin for some in twins.values() for twin in some}
    left = sorted((id_ for id_ in ids if links[id_]), key=lambda id_: -told[id_].words)
    originals: dict[str, str] = {}
    while left:
        longest = left[0]
        least = AS_COMPLETE * told[longest].words
        equals = [
            id_ for id_ in left if id_ in links[longest] | {longest} and told[id_].words >= least
        ]
        original = min(equals, key=lambda id_: (told[id_].published or date.max, left.index(id_)))
        originals |= {id_: original for id_ in left if id_ in links[original]}
        left = [id_ for id_ in left if id_ not in links[original] | {original}]
    return originals


def _standing_for(hit: Hit, candidates: Sequence[Hit]) -> Hit | None:
    """The passage that has most of a hit's words; None when none has enough of them."""
    words = set(folded_words(hit.text))

    def share(other: Hit) -> float:
        return len(words & set(folded_words(other.text))) / max(1, len(words))

    best = max(candidates, key=share)
    return best if share(best) >= STANDS_FOR else None
