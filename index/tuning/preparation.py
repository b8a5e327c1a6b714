"""What a run learns from and is judged on, made from the catalogue once and kept in its folder."""

import json
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from vigie.index.tuning.pairs import Pair, held_out, load, made, save, spelt_out
from vigie.index.tuning.trial import Pool
from vigie.ingest.chunking import chunks, embedded_text
from vigie.ingest.documents import Document
from vigie.ingest.errors import InvalidValue, Reason

# In tokens of the model. Short texts are many texts, and the time of a step goes with its tokens:
# not measured against others.
ANCHOR, PASSAGE = 32, 80
# Pairs kept of a larger corpus: more than a course of 90 minutes on two cores can read.
MOST_PAIRS = 60_000
# Pairs that judge, and passages that those must be told from.
MOST_JUDGES, POOL = 800, 2_000
# Fewer documents give too few pairs to judge a difference by.
LEAST_DOCUMENTS, LEAST_JUDGES = 40, 10
SEED = 20260
CARD = "run.json"
TRAIN, HELD, OTHERS = "train.jsonl", "held_out.jsonl", "others.json"

Item = TypeVar("Item")
Walk = Callable[[], Iterator[Document]]


@dataclass(frozen=True, slots=True)
class Base:
    """The model to adapt: as it is loaded, as it is called, its weights and their revision."""

    asked: str
    name: str
    folder: str
    revision: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run has to work with, out of so many documents."""

    base: Base
    documents: int
    train: Sequence[Pair]
    held: Sequence[Pair]
    others: Pool


def prepare(folder: Path, base: Base, walk: Walk, given: Sequence[Pair]) -> Prepared:
    """Makes `folder`, which is there whole or not at all.

    Raises InvalidValue for a corpus too small to learn from and to judge by.
    """
    draft = folder.with_name(f".{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    model = SentenceTransformer(base.folder, device="cpu", local_files_only=True)
    cutter = unbounded(model)
    train, held, others, documents = _sorted(walk(), cutter, given)
    judging = len({pair.document for pair in held})
    if documents < LEAST_DOCUMENTS or judging < LEAST_JUDGES:
        least = {"least": LEAST_DOCUMENTS, "judging": LEAST_JUDGES}
        found = Reason("tune.documents_found", {"count": documents, "judging": judging})
        expected = Reason("tune.enough_documents", least)
        raise InvalidValue(name="documents", value=found, expected=expected)
    save(draft / TRAIN, train)
    save(draft / HELD, held)
    (draft / OTHERS).write_text(json.dumps(asdict(others), ensure_ascii=False), encoding="utf-8")
    card = asdict(base) | {"documents": documents}
    (draft / CARD).write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.replace(folder)
    return prepared(folder, base) or Prepared(base, documents, train, held, others)


def prepared(folder: Path, base: Base) -> Prepared | None:
    """What an unfinished run was given, None without one or when it began from another model."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if card["name"] != base.name or card["revision"] != base.revision:
        return None
    others = Pool(**json.loads((folder / OTHERS).read_text(encoding="utf-8")))
    train, held = load(folder / TRAIN), load(folder / HELD)
    return Prepared(base, card["documents"], train, held, others)


def _sorted(
    documents: Iterable[Document], cutter: Tokenizer, given: Sequence[Pair]
) -> tuple[list[Pair], list[Pair], Pool, int]:
    """Pairs to learn from, pairs to judge by, other passages, and how many documents there are."""
    dice = random.Random(SEED)
    train: list[Pair] = []
    held: list[Pair] = []
    others: list[tuple[str, str]] = []
    count = 0

    def tokens(text: str) -> int:
        return len(cutter.encode(text, add_special_tokens=False).ids)

    for document in documents:
        count += 1
        parts = chunks(document, PASSAGE, tokens)
        found = [*made(document, parts), *spelt_out(document)]
        if held_out(document.id):
            held += (pair for pair in found if pair.kind != "acronym")
            continue
        train += found
        others += (
            (embedded_text(document, part.heading_path, part.text), document.id) for part in parts
        )
    for pair in given:
        (held if held_out(pair.document) else train).append(pair)
    train, held = _some(train, MOST_PAIRS, dice), _some(held, MOST_JUDGES, dice)
    kept = _some(others, POOL, dice)
    pool = Pool([passage for passage, _ in kept], [document for _, document in kept])
    return [_cut(p, cutter) for p in train], [_cut(p, cutter) for p in held], pool, count


def _some(items: list[Item], most: int, dice: random.Random) -> list[Item]:
    """All of them or `most`, in an order drawn: a part of them is then a fair sample."""
    return dice.sample(items, min(most, len(items)))


def unbounded(model: SentenceTransformer) -> Tokenizer:
    """The model's tokenizer, counting texts of any length."""
    cutter = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    cutter.no_truncation()
    cutter.no_padding()
    return cutter


def _cut(pair: Pair, cutter: Tokenizer) -> Pair:
    return replace(
        pair,
        anchor=_first(pair.anchor, ANCHOR, cutter),
        passage=_first(pair.passage, PASSAGE, cutter),
    )


def _first(text: str, tokens: int, cutter: Tokenizer) -> str:
    """The text up to so many tokens."""
    places = cutter.encode(text, add_special_tokens=False).offsets
    return text if len(places) <= tokens else text[: places[tokens - 1][1]]
