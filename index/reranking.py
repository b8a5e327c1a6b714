"""A second, slower reading of the best hits: what a reranker offers, and how one is had by name."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Protocol

from vigie.index.hits import Hit, Query
from vigie.ingest.errors import BackendMissing

logger = logging.getLogger(__name__)

# The name of a model on the hub or the path of a folder that holds one.
NAMED = "vigie.index.cross_encoder:named"
PACKAGES = {"sentence_transformers": "sentence-transformers", "torch": "torch"}

# Hits read again: over 270 French questions the first 30 held the document sought for 89 %, the
# first 10 for 82 %.
DEPTH = 30
BATCH = 8
# A question may wait this much longer for a better order: twice what 30 passages of 128 tokens take
# a model of six layers and 384 dimensions on two cores (14 passages a second on each).
BUDGET_SECONDS = 2.0
# A machine that was too slow may have been busy: it is tried again after this long.
RETRY_SECONDS = 60.0
# Scores kept, so that the same hits under another filter are not read twice.
KEPT = 4096


class Scorer(Protocol):
    """A model that reads a question and a passage together."""

    @property
    def name(self) -> str: ...

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers, greater is better; comparable for one question only."""
        ...


class Searcher(Protocol):
    """What finds hits; `index.search.Index` is one."""

    def search(self, query: Query) -> list[Hit]: ...


class Reranker:
    """Reorders the best hits of a question within a time budget; safe to share between callers."""

    def __init__(
        self,
        scorer: Scorer,
        budget: float = BUDGET_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scorer = scorer
        self._budget = budget
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()
        self._told = False
        self._again = float("-inf")

    def rerank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The same hits, the first `DEPTH` of them in the order of the model.

        They share out the scores that they had, best to the first, so that a list stays sorted by
        `score` and comparable with others of the question. Where the model is too slow for the
        budget the order stays as it was, which is logged once.
        """
        best, rest = hits[:DEPTH], hits[DEPTH:]
        scores = self._scores(question, best)
        if scores is None:
            return list(hits)
        order = sorted(range(len(best)), key=lambda place: -scores[place])
        values = sorted((hit.score for hit in best), reverse=True)
        moved = [
            replace(best[place], score=score) for place, score in zip(order, values, strict=True)
        ]
        return [*moved, *rest]

    def _scores(self, question: str, hits: Sequence[Hit]) -> list[float] | None:
        """One for each hit, None when there is no time."""
        keys = [(question, hit.chunk_id) for hit in hits]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        unread = [hit for hit, key in zip(hits, keys, strict=True) if key not in found]
        if unread and self._clock() < self._again:
            return None
        began = self._clock()
        for done in range(0, len(unread), BATCH):
            batch = unread[done : done + BATCH]
            values = self.scorer.score(question, [passage(hit) for hit in batch])
            read = {(question, hit.chunk_id): v for hit, v in zip(batch, values, strict=True)}
            found |= read
            self._keep(read)
            spent = self._clock() - began
            if len(found) < len(hits) and spent / (done + len(batch)) * len(unread) > self._budget:
                self._give_up(spent / (done + len(batch)))
                return None
        return [found[key] for key in keys]

    def _keep(self, read: dict[tuple[str, str], float]) -> None:
        with self._lock:
            self._known |= read
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

    def _give_up(self, seconds: float) -> None:
        self._again = self._clock() + RETRY_SECONDS
        if not self._told:
            self._told = True
            logger.warning(
                "%s takes %.0f ms a passage, too long for %.1f s a question: hits keep their order",
                self.scorer.name,
                1000 * seconds,
                self._budget,
            )


class Reranked:
    """A searcher whose best hits were read again by a model."""

    def __init__(self, searcher: Searcher, reranker: Reranker) -> None:
        self._searcher = searcher
        self._reranker = reranker

    def search(self, query: Query) -> list[Hit]:
        """At most `limit` hits out of those that the searcher finds for this very caller."""
        hits = self._searcher.search(replace(query, limit=max(DEPTH, query.limit)))
        return self._reranker.rerank(query.text, hits)[: query.limit]


def passage(hit: Hit) -> str:
    """What the model reads of a hit: title, headings and text, one under the other."""
    return "\n".join(filter(None, (hit.title, *hit.heading_path, hit.text)))


def load_reranker(name: str, threads: int) -> Reranker:
    """The cross-encoder of that name; its files are found now, its weights read at first use.

    Raises BackendMissing without its library, SourceMissing for a folder that is not there, and
    Unavailable when the hub does not hold the model or does not answer.
    """
    missing = [module for module in PACKAGES if find_spec(module) is None]
    if missing:
        raise BackendMissing(backend=name, package=PACKAGES[missing[0]])
    factory: Callable[[str, int], Scorer] = resolve_name(NAMED)
    return Reranker(factory(name, threads))
