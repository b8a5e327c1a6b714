"""What is compared: Vigie's own search, its stages, and what others would have used instead."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Protocol

from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.index.hits import Hit, Query
from vigie.ingest.errors import BackendMissing

# Chunks asked for to rank ten documents: five chunks of one document before the next is rare.
RANKED_CHUNKS = 50
RANKED_DOCUMENTS = 10
# A list of documents is ranked to its own length; programmes have few chunks each.
CHUNKS_BY_LISTED = 3

OURS = "vigie"
# What Vigie's own search is made of, each alone, then together: measured in every run.
STAGES = ("lexical", "dense", "fused")
# The search of the assistant before its reranker, where one is configured.
UNRANKED = "unranked"
SYSTEMS = {
    OURS: "vigie.evals.assistant_search:assistant",
    UNRANKED: "vigie.evals.assistant_search:unranked",
    "fused": "vigie.evals.systems:fused",
    "lexical": "vigie.evals.systems:lexical",
    "dense": "vigie.evals.systems:dense",
    "rrf": "vigie.evals.hybrid:hybrid",
    "bm25-folded": "vigie.evals.bm25:folded",
    "bm25": "vigie.evals.bm25:bm25",
    "llamaindex-10": "vigie.evals.llamaindex:ten",
    "llamaindex-2": "vigie.evals.llamaindex:default",
}
# Libraries that Vigie itself does without: system -> what to import, what to give to pip.
NEEDED = dict.fromkeys(("rrf", "bm25-folded", "bm25"), ("bm25s", "bm25s"))
BASELINES = tuple(name for name in SYSTEMS if name not in (OURS, UNRANKED, "fused"))
# What others would have used: Vigie's own stages are not among them.
PEERS = tuple(name for name in BASELINES if name not in STAGES)


@dataclass(frozen=True, slots=True)
class Passage:
    """Words found, and the location of the document that they stand in."""

    document: str
    text: str


class System(Protocol):
    """Anything that finds passages of the corpus for a question, best first."""

    def search(self, item: Item) -> list[Passage]: ...


def load_system(name: str, opened: Opened) -> System:
    """The system of that name over an opened corpus; raises BackendMissing without its library."""
    library, package = NEEDED.get(name, ("", ""))
    if library and find_spec(library) is None:
        raise BackendMissing(backend=name, package=package)
    factory: Callable[[Opened], System] = resolve_name(SYSTEMS[name])
    return factory(opened)


def documents(passages: Iterable[Passage], item: Item) -> tuple[str, ...]:
    """Documents in the order of their first passage: ten, or as many as the question has."""
    found = dict.fromkeys(passage.document for passage in passages)
    return tuple(found)[: max(RANKED_DOCUMENTS, len(item.relevant))]


def depth(item: Item) -> int:
    """How many passages a ranking of documents needs."""
    return max(RANKED_CHUNKS, CHUNKS_BY_LISTED * len(item.relevant))


@dataclass(frozen=True, slots=True)
class OwnSearch:
    """One way of searching Vigie's index with the words as they were typed."""

    find: Callable[[Query], Sequence[Hit]]
    locations: Mapping[str, str]
    count: int | None = None

    def search(self, item: Item) -> list[Passage]:
        """`count` passages, or as many as it takes to rank documents."""
        hits = self.find(Query(item.question, item.audience, self.count or depth(item)))
        return [Passage(self.locations[hit.document_id], hit.text) for hit in hits]


def fused(opened: Opened) -> OwnSearch:
    """Words and meaning together, without what the assistant makes of the question."""
    return OwnSearch(opened.index.search, opened.locations)


def dense(opened: Opened) -> OwnSearch:
    """By meaning alone."""
    return OwnSearch(opened.index.dense_search, opened.locations)


def lexical(opened: Opened) -> OwnSearch:
    """By words alone."""
    return OwnSearch(opened.index.lexical_search, opened.locations)
