"""`python -m vigie.evals.calibrate --data FOLDER…`: fits the assistant's models.

Both models stand in `assistant/data`: which sentence answers (`sentence_model.json`), and whether
to answer at all (`abstention_model.json`). They learn from the shipped questions and from those of
the folders given; what is printed is measured on questions that the measured fit did not see (two
folds).
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from vigie.assistant import abstention
from vigie.assistant.engine import HITS
from vigie.assistant.extraction import sentence_features
from vigie.assistant.extraction.evidence import Evidence, evidence, passages, stored
from vigie.assistant.extraction.extractive import choose
from vigie.assistant.extraction.quoting import quotable
from vigie.assistant.logistic import Logistic, fit
from vigie.assistant.questions import Question, understand
from vigie.assistant.settings import Settings
from vigie.evals.assistant_search import retriever
from vigie.evals.benches import benches, sample_bench
from vigie.evals.corpora import Opened, open_corpus
from vigie.evals.dataset import Item
from vigie.evals.metrics import contains_answer, mean, normalised
from vigie.index.hits import Hit

FOLDS = 2
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)
COMMAND = "python -m vigie.evals.calibrate"
# Questions answered by a list of records never reach the sentence model.
LISTED = frozenset({"programme", "list_programmes"})
# A shorter sentence inside a gold span may be there by chance.
TELLING_CHARACTERS = 15

# Least and most of weights that the questions teach badly: too few ask for a definition, and list
# items hold most of the answers that the sample was written for.
SENTENCE_LIMITS = {"defines": (1.5, math.inf), "item": (-math.inf, 0.6)}
# A sentence without any date, figure or name never answers better for being asked for one.
ABSTENTION_LIMITS = {"defines": (1.0, math.inf), "unanswered": (-math.inf, 0.0)}

Row = tuple[dict[str, float], bool]


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its candidates: features of each, and whether it bears the answer.

    `group` is "answerable", or how far from the corpus a question without answer is.
    """

    rows: tuple[Row, ...]
    group: str = "answerable"


def bears(item: Item, location: str, text: str) -> bool:
    """Whether a sentence of `location` holds a gold answer or stands in a gold span.

    Where only the document is known, any of its sentences counts.
    """
    if location not in item.relevant:
        return False
    if not item.spans and not item.answers:
        return True
    if not item.spans:
        return contains_answer(text, item.answers)
    words = normalised(text)
    gold = [normalised(span.text) for span in item.spans]
    return any(
        span in words or (len(words) > TELLING_CHARACTERS and words in span) for span in gold
    )


def sentence_examples(opened: Opened, items: Sequence[Item]) -> Iterator[Example]:
    """Every candidate sentence of each answerable question, in the order of the questions."""
    for item in items:
        if not (item.answers or item.spans) or item.kind in LISTED:
            continue
        question = understand(item.question)
        hits = _read(opened, question, item)
        document_of = stored(opened.vigie.catalogue, item.audience)
        found = [e for p in passages(hits, document_of) for e in evidence(p) if quotable(e)]
        measured = sentence_features.measured(question, found)
        yield Example(
            tuple(
                (
                    dict(scored.features),
                    bears(item, _location(scored.evidence), scored.evidence.text),
                )
                for scored in measured
            )
        )


def abstention_examples(opened: Opened, items: Sequence[Item]) -> Iterator[Example]:
    """One row a question: the features of its best answer, and whether that answer is right."""
    for item in items:
        if item.kind in LISTED:
            continue
        question = understand(item.question)
        hits = _read(opened, question, item)
        choice = choose(
            question, hits, stored(opened.vigie.catalogue, item.audience), question.language or "fr"
        )
        right = any(
            bears(item, _location(scored.evidence), scored.evidence.text)
            for scored in choice.chosen
        )
        group = "answerable" if item.answerable else item.distance or "other"
        yield Example(((abstention.features(question, hits, choice), right),), group)


def _read(opened: Opened, question: Question, item: Item) -> tuple[Hit, ...]:
    """What the assistant would read, searched over kept vectors."""
    return retriever(opened, opened.index).retrieve(question, item.audience, HITS).hits


def _location(found: Evidence) -> str:
    return found.passage.document.location


def fitted(examples: Sequence[Example], names: Sequence[str]) -> Logistic:
    """A model of the examples that hold something to learn."""
    rows = [row for example in examples for row in example.rows]
    return fit([features for features, _ in rows], [label for _, label in rows], names)


def limited(model: Logistic, limits: Mapping[str, tuple[float, float]]) -> Logistic:
    """The same model with some weights kept within limits."""
    weights = dict(model.weights)
    for name, (least, most) in limits.items():
        weights[name] = min(max(weights[name], least), most)
    return Logistic(model.bias, weights)


def first_right(examples: Sequence[Example], names: Sequence[str], depth: int) -> float:
    """Share of questions with a right sentence in the first `depth`, each fold by the other."""
    hits = []
    for fold in range(FOLDS):
        model = fitted(
            [e for i, e in enumerate(examples) if i % FOLDS != fold and _teaches(e)], names
        )
        for example in examples[fold::FOLDS]:
            order = sorted(example.rows, key=lambda row: -model.logit(row[0]))
            hits.append(float(any(label for _, label in order[:depth])))
    return mean(hits)


def curve(examples: Sequence[Example], names: Sequence[str]) -> Iterator[str]:
    """For each threshold, the share of each group that is answered, each fold by the other."""
    answered: dict[str, list[float]] = {}
    for fold in range(FOLDS):
        others = [e for i, e in enumerate(examples) if i % FOLDS != fold]
        model = limited(fitted(others, names), ABSTENTION_LIMITS)
        for example in examples[fold::FOLDS]:
            features, right = example.rows[0]
            probability = model.probability(features) if features["names"] else 0.0
            answered.setdefault(example.group, []).append(probability)
            if example.group == "answerable":
                answered.setdefault("right" if right else "wrong", []).append(probability)
    for threshold in THRESHOLDS:
        shares = (
            f"{group} {mean([float(p >= threshold) for p in given]):.2f}"
            for group, given in sorted(answered.items())
        )
        yield f"{threshold:.2f}: " + ", ".join(shares)


def _teaches(example: Example) -> bool:
    return any(label for _, label in example.rows)


def save(name: str, models: dict[str, Logistic]) -> None:
    """Writes the models where the assistant reads them, rounded as far as they mean something."""
    content = {
        "fitted_by": COMMAND,
        "models": {
            key: {
                "bias": round(model.bias, 2),
                "weights": {feature: round(value, 2) for feature, value in model.weights.items()},
            }
            for key, model in models.items()
        },
    }
    path = Path(str(files("vigie.assistant"))) / "data" / f"{name}.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fits and writes both models, or with `--sentences` or `--abstention` one of them."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--work", type=Path, default=Path("var/calibrate"))
    parser.add_argument("--sentences", action="store_true")
    parser.add_argument("--abstention", action="store_true")
    options = parser.parse_args(arguments)
    both = not (options.sentences or options.abstention)
    sentences: list[Example] = []
    refusals: list[Example] = []
    names = abstention.FEATURES
    embedder = ""
    benched = [sample_bench(), *(bench for path in options.data for bench in benches(path))]
    for bench in benched:
        opened = open_corpus(Settings(), bench, options.work, lambda step: None)
        items = bench.items
        embedder = opened.embedder.name
        if both or options.sentences:
            examples = list(sentence_examples(opened, items))
            sentences += examples
            _say(f"{bench.name}: " + _accuracy(examples))
        if both or options.abstention:
            refusals += abstention_examples(opened, items)
        opened.close()
    if sentences:
        _say("all: " + _accuracy(sentences))
        teaching = [example for example in sentences if _teaches(example)]
        model = limited(fitted(teaching, sentence_features.FEATURES), SENTENCE_LIMITS)
        save("sentence_model", {"words": model})
    if refusals:
        for line in curve(refusals, names):
            _say(line)
        blind = [name for name in names if name not in ("dense", "both")]
        save(
            "abstention_model",
            {
                embedder: limited(fitted(refusals, names), ABSTENTION_LIMITS),
                abstention.ANY_EMBEDDER: limited(fitted(refusals, blind), ABSTENTION_LIMITS),
            },
        )
    return 0


def _accuracy(examples: Sequence[Example]) -> str:
    shares = (first_right(examples, sentence_features.FEATURES, depth) for depth in (1, 2, 3))
    return f"{len(examples)} questions, right sentence in 1/2/3: " + " ".join(
        f"{share:.3f}" for share in shares
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
