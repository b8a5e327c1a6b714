"""`vigie eval ablation`: what each ingredient of the search is worth, over the same questions.

Every variant is the product itself with one part replaced (`ingredients.py`), over an index made of
the same passages and vectors; its difference from the whole is taken question by question.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vigie.assistant.engine import HITS
from vigie.assistant.retrieval import Retriever
from vigie.evals.assistant_search import EVERY, NONE, AssistantSearch, retriever
from vigie.evals.bootstrap import Interval, difference, interval
from vigie.evals.corpora import Hasty, Opened
from vigie.evals.dataset import KINDS_APART, Item
from vigie.evals.hybrid import every_chunk
from vigie.evals.ingredients import Variant, changed
from vigie.evals.metrics import mean, ranking
from vigie.evals.systems import OwnSearch, Passage, documents
from vigie.evals.vectors import batches
from vigie.index.edge import EdgeClient
from vigie.index.ranking import RANKING, Ranking
from vigie.index.search import Entry, Index
from vigie.ingest.documents import Chunk

MEASURES = ("hit@1", "hit@5", "ndcg@10")
# What a verdict is given on: it says most of a ranking.
DECIDING = "ndcg@10"
# Documents put into an index at once.
ENTRIES = 500
# Which questions are asked where there are more than wanted.
SEED = 20260


@dataclass(frozen=True, slots=True)
class Worth:
    """What the search scores with and without an ingredient, and its worth, by measure.

    `change` is with less without: above zero, the ingredient pays.
    """

    bench: str
    name: str
    value: str
    without: dict[str, float]
    change: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Whole:
    """What the whole search scores over a bench."""

    bench: str
    score: dict[str, Interval]


Values = Mapping[str, Mapping[str, float]]
Read = Callable[[Item], list[Passage]]
WHOLE = Variant("all")


def asked(items: Iterable[Item], most: int | None) -> list[Item]:
    """Questions with an answer, without the kinds told apart; `most` of them, always the same."""
    kept = [item for item in items if item.answerable and item.kind not in KINDS_APART]
    if most is None or len(kept) <= most:
        return kept
    chosen = set(random.Random(SEED).sample(range(len(kept)), most))
    return [item for place, item in enumerate(kept) if place in chosen]


class Ablation:
    """One bench with its passages and vectors at hand."""

    def __init__(self, opened: Opened, items: Sequence[Item], work: Path) -> None:
        self._opened = opened
        self._items = items
        self._work = work
        self._entries = list(entries(opened))
        self._full = self._values(WHOLE, opened.index)

    def whole(self) -> Whole:
        """With every ingredient."""
        score = {
            name: interval(list(units(self._items, self._full, name).values())) for name in MEASURES
        }
        return Whole(self._opened.bench.name, score)

    def worth(self, variant: Variant) -> Worth:
        """Of what the variant leaves out or changes."""
        base = self._full
        if variant.reindexed:
            base = self._full_rebuilt
            with changed(variant), self.rebuilt() as index:
                found = self._values(variant, index)
        else:
            found = self._values(variant, self._opened.index)
        without = {name: units(self._items, found, name) for name in MEASURES}
        full = {name: units(self._items, base, name) for name in MEASURES}
        return Worth(
            bench=self._opened.bench.name,
            name=variant.name,
            value=variant.value,
            without={name: mean(list(of.values())) for name, of in without.items()},
            change={name: difference(without[name], full[name]) for name in MEASURES},
        )

    @cached_property
    def _full_rebuilt(self) -> Values:
        """Passages of equal score come in the order of the index: a new one is compared with one
        made alike."""
        with changed(WHOLE), self.rebuilt() as index:
            return self._values(WHOLE, index)

    @contextmanager
    def rebuilt(self) -> Iterator[Index]:
        """The same passages under the code as it is now; gone afterwards."""
        with TemporaryDirectory(dir=self._work) as folder:
            client = EdgeClient(Path(folder))
            hasty: Any = Hasty(client)
            try:
                index = Index(hasty, self._opened.embedder)
                for part in batches(self._entries, ENTRIES):
                    index.add_all(part)
                yield index
            finally:
                client.close()

    def _values(self, variant: Variant, index: Index) -> Values:
        read = reading(variant, index, self._opened)
        found = {item.id: documents(read(item), item) for item in self._items}
        return ranking(
            {item.id: dict.fromkeys(item.relevant, 1) for item in self._items},
            {item.id: dict(item.grades) for item in self._items},
            found,
        )


def reading(variant: Variant, index: Index, opened: Opened) -> Read:
    """The passages that the assistant reads, with the changes of a variant that need no index."""
    weighed = {name: getattr(RANKING, name) * by for name, by in variant.weights.items()}
    ranking = with_weights(weighed | dict(variant.set_to))
    made = Index(index.client, index.embedder, index.collection, ranking)
    if variant.question == "understanding":
        return OwnSearch(made.search, opened.locations, HITS).search
    if variant.question == "collapse":
        plain = Retriever(made, opened.vigie.catalogue, opened.today)
        return AssistantSearch(plain, opened.locations).read
    refused = EVERY if variant.question == "facets" else NONE
    return AssistantSearch(retriever(opened, made), opened.locations, refused).read


def with_weights(changes: Mapping[str, float]) -> Ranking:
    """The ranking in force with some of its fields changed."""
    typed = {name: type(getattr(RANKING, name))(value) for name, value in changes.items()}
    return replace(RANKING, **typed)


def entries(opened: Opened) -> Iterator[Entry]:
    """Every document with its passages, as they were cut."""
    by_document: dict[str, list[Chunk]] = {}
    for hit in every_chunk(opened):
        chunk = Chunk(
            id=hit.chunk_id,
            document_id=hit.document_id,
            ordinal=hit.ordinal,
            start=hit.start,
            end=hit.end,
            text=hit.text,
            heading_path=hit.heading_path,
            place=hit.place,
            tokens=0,  # only decides where to cut
        )
        by_document.setdefault(hit.document_id, []).append(chunk)
    for document in opened.documents():
        chunks = by_document.get(document.id, [])
        yield document, sorted(chunks, key=lambda chunk: chunk.ordinal)


def units(items: Iterable[Item], values: Values, measure: str) -> dict[str, float]:
    """One value for each need."""
    groups: dict[str, list[float]] = {}
    for item in items:
        unit = f"{item.set}\n{item.group or item.id}"
        groups.setdefault(unit, []).append(values[item.id][measure])
    return {unit: mean(group) for unit, group in groups.items()}
