"""`python -m vigie.evals.weigh --data FOLDER…`: how much an embedder's cosines should count.

Every question is asked with each pair of weights, by meaning of the passage and of the title; one
line a pair tells nDCG@10 and hit@5 by kind of question. A single best line is mostly luck: what
deserves to be kept is the middle of a plateau.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from vigie.assistant.settings import Settings
from vigie.evals.benches import benches
from vigie.evals.corpora import Opened, open_corpus
from vigie.evals.dataset import Item
from vigie.evals.metrics import mean, ranking
from vigie.index.hits import Query
from vigie.index.ranking import Ranking

COMMAND = "python -m vigie.evals.weigh"
DENSE = (0.0, 0.3, 0.5, 0.7, 1.0)
TITLES = (0.0, 0.2, 0.4)
# Passages read for each question: ten documents are among them almost always.
HITS = 50
MEASURES = ("ndcg@10", "hit@5")


def lines(opened: Opened, pairs: Sequence[tuple[float, float]]) -> Iterator[str]:
    """One for each pair of weights and kind of question, in the order of the pairs."""
    items = [item for item in opened.bench.items if item.answerable]
    usual = opened.index.ranking
    for dense, titles in pairs:
        opened.index.ranking = replace(usual, dense=dense, titles=titles)
        for kind, values in _by_kind(opened, items).items():
            told = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
            yield f"dense {dense:.1f}  titles {titles:.1f}  {opened.bench.name}/{kind}  {told}"
    opened.index.ranking = usual


def _by_kind(opened: Opened, items: Sequence[Item]) -> dict[str, dict[str, float]]:
    found = {item.id: _documents(opened, item) for item in items}
    qrels = {item.id: dict.fromkeys(item.relevant, 1) for item in items}
    values = ranking(qrels, {item.id: dict(item.grades) for item in items}, found)
    kinds = sorted({item.kind for item in items})
    return {
        kind: {
            name: mean([values[item.id][name] for item in items if item.kind == kind])
            for name in MEASURES
        }
        for kind in kinds
    }


def _documents(opened: Opened, item: Item) -> list[str]:
    hits = opened.index.search(Query(item.question, item.audience, HITS))
    return list(dict.fromkeys(opened.locations[hit.document_id] for hit in hits))


def pairs_of(usual: Ranking) -> list[tuple[float, float]]:
    """The weights in use first, then the grid."""
    return list(dict.fromkeys([(usual.dense, usual.titles), *product(DENSE, TITLES)]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the table; the time is that of a hundred searches or so for each question."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--embedder")
    chosen = parser.parse_args(arguments)
    given: Mapping[str, str] = {"embedder": chosen.embedder} if chosen.embedder else {}
    settings = Settings().model_copy(update=dict(given))
    for bench in [bench for folder in chosen.data for bench in benches(folder)]:
        opened = open_corpus(settings, bench, chosen.work, lambda _: None)
        try:
            for line in lines(opened, pairs_of(opened.index.ranking)):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
        finally:
            opened.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
