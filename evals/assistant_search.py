"""The search of the assistant itself: the question understood, its facets, what is read twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from vigie.assistant.engine import HITS
from vigie.assistant.questions import understand
from vigie.assistant.republished import OneOfEach
from vigie.assistant.retrieval import Retriever, Searcher
from vigie.evals.corpora import Opened
from vigie.evals.dataset import Item
from vigie.evals.systems import Passage, depth
from vigie.index.reranking import Reranked, Reranker, load_reranker
from vigie.index.search import Index
from vigie.ingest.errors import InputError


class _Every(frozenset[str]):
    """Holds whatever one asks for."""

    def __contains__(self, name: object) -> bool:
        return True


NONE: frozenset[str] = frozenset()
EVERY: frozenset[str] = _Every()


@dataclass(frozen=True, slots=True)
class AssistantSearch:
    """What the assistant does with a question before it answers; nothing for one it refuses.

    `refused` names the facets that are not to be applied.
    """

    retriever: Retriever
    locations: Mapping[str, str]
    refused: frozenset[str] = NONE

    def read(self, item: Item, count: int = HITS) -> list[Passage]:
        """The passages that the answer is drawn from."""
        try:
            question = understand(item.question)
        except InputError:
            return []
        found = self.retriever.retrieve(question, item.audience, count, refused=self.refused)
        return [Passage(self.locations[hit.document_id], hit.text) for hit in found.hits]

    def search(self, item: Item) -> list[Passage]:
        """Those passages, then what the same search finds further down, to rank ten documents."""
        return list(dict.fromkeys([*self.read(item), *self.read(item, depth(item))]))


def retriever(opened: Opened, index: Searcher) -> Retriever:
    """As `assistant.build` makes it, over an index of one's own and without a reranker."""
    catalogue = opened.vigie.catalogue
    return Retriever(OneOfEach(index, catalogue), catalogue, opened.today)


def unranked(opened: Opened) -> AssistantSearch:
    """Over kept vectors, before the reranker."""
    return AssistantSearch(retriever(opened, opened.index), opened.locations)


def assistant(opened: Opened) -> AssistantSearch:
    """As the assistant searches, over kept vectors."""
    return _whole(opened, opened.index)


def assistant_afresh(opened: Opened) -> AssistantSearch:
    """The same over an index of its own, which encodes each question: it can be timed."""
    vigie = opened.vigie
    return _whole(opened, Index(vigie.client, vigie.embedder, vigie.index.collection))


def _whole(opened: Opened, index: Index) -> AssistantSearch:
    settings, catalogue = opened.vigie.settings, opened.vigie.catalogue
    if not settings.reranker:
        return AssistantSearch(retriever(opened, index), opened.locations)
    reranked = Reranked(OneOfEach(index, catalogue), _reranker(settings.reranker, settings.threads))
    return AssistantSearch(Retriever(reranked, catalogue, opened.today), opened.locations)


@cache
def _reranker(name: str, threads: int) -> Reranker:
    return load_reranker(name, threads)
