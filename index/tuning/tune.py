"""A run from the catalogue to a model that finds better, or to the news that none does."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout
from sentence_transformers import SentenceTransformer

from vigie.index import whitening
from vigie.index.embedders import Embedder, Vectors, load_embedder
from vigie.index.sentence_transformer import (
    View,
    from_folder,
    prefixes_of,
    processor_has_bf16,
)
from vigie.index.tuning.pairs import Pair
from vigie.index.tuning.preparation import Base, Prepared, Walk, prepare, prepared
from vigie.index.tuning.training import RATE, Course, Step, steps_for, train
from vigie.index.tuning.trial import (
    Encoder,
    Gain,
    Pool,
    Question,
    Ranks,
    Score,
    gain,
    pair_ranks,
    question_ranks,
    score,
)
from vigie.index.whitening import Whitening
from vigie.ingest.chunking import chunks, embedded_text
from vigie.ingest.errors import IndexLocked

# Pairs learnt from together: a passage is told from so many others, less one.
SIZE = 64
# Later passes over the same pairs teach less than the first.
PASSES = 2.0
# Share of the minutes given that training takes; the rest prepares, tries and saves.
TRAINING_SHARE = 0.85
SEED = 20260
# Held-out pairs that score the model while it trains: seconds, not minutes.
GLIMPSE = 200
# Anchors that join the passages on which a whitening is fitted.
TITLES = 1_000
# Documents that share none of the questions given, among which theirs must be found.
DISTRACTORS = 300
RUN, CHECKPOINTS, TUNED, LOCK = "run", "checkpoints", "tuned", "tune.lock"
FIGURES = "vigie_tuning.json"


class Stage(StrEnum):
    """What a run is doing, in its order; each is the name of a message."""

    RESUMING = "resuming"
    PREPARING = "preparing"
    TRAINING = "training"
    TRYING = "trying"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of a run: how long at most, on how many threads, and under which name."""

    minutes: float
    threads: int
    fresh: bool = False
    size: int = SIZE
    passes: float = PASSES
    rate: float = RATE


@dataclass(frozen=True, slots=True)
class Trial:
    """Scores of the model before and after over the same things to find, and the difference."""

    before: Score
    after: Score
    gain: Gain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run; `folder` holds the model, None when it did not find better."""

    base: str
    folder: Path | None
    held: Trial
    questions: Trial | None
    pairs: Mapping[str, int]
    documents: int
    seconds: float


Tell = Callable[[Stage | Step], None]


def tune(
    home: Path,
    base: Base,
    walk: Walk,
    order: Order,
    tell: Tell,
    given: Sequence[Pair] = (),
    questions: Sequence[Question] = (),
) -> Outcome:
    """Trains, tries and keeps the model if it finds better; goes on with an unfinished run.

    `home` is the data folder: the run is in its `tuning`, the models kept in its `models`. Raises
    IndexLocked while another run works there, InvalidValue for too small a corpus.
    """
    folder = home / "tuning"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=0):
            torch.set_num_threads(order.threads)
            ready = _ready(folder / RUN, base, walk, order, tell, given)
            seconds = _trained(folder / RUN, ready, order, tell)
            tell(Stage.TRYING)
            outcome = _tried(folder / RUN, ready, walk, order, questions, seconds)
            kept = _kept(home / "models", folder / RUN, outcome)
            shutil.rmtree(folder / RUN)
            return kept
    except Timeout:
        raise IndexLocked(path=folder) from None


def _ready(
    run: Path, base: Base, walk: Walk, order: Order, tell: Tell, given: Sequence[Pair]
) -> Prepared:
    found = None if order.fresh else prepared(run, base)
    if found:
        tell(Stage.RESUMING)
        return found
    tell(Stage.PREPARING)
    return prepare(run, base, walk, given)


def _trained(run: Path, ready: Prepared, order: Order, tell: Tell) -> float:
    """Leaves the trained model in the run's folder; gives the seconds that it took."""
    # Eager attention is quicker than the fused kernel in bf16 on processors (1,550 tokens a second
    # and core against 1,430, and 2,060 without dropout).
    model = SentenceTransformer(
        ready.base.folder,
        device="cpu",
        local_files_only=True,
        model_kwargs={"attn_implementation": "eager"},
    )
    tell(Stage.TRAINING)
    course = Course(
        steps_for(len(ready.train), order.size, order.passes),
        order.minutes * 60 * TRAINING_SHARE,
        order.size,
        order.rate,
        SEED,
    )
    prefixes = prefixes_of(model, ready.base.name)
    pairs = [
        replace(pair, anchor=prefixes[0] + pair.anchor, passage=prefixes[1] + pair.passage)
        for pair in ready.train
    ]
    few = ready.held[:GLIMPSE]
    spread = _first_spread(run / whitening.FILE, _under_way(model, prefixes), ready)

    def judge() -> float:
        return score(pair_ranks(_under_way(model, prefixes, spread), few, Pool([], []))).mrr

    # What a family's name told is told by the model itself from now on.
    model.prompts = {"query": prefixes[0], "document": prefixes[1]}
    seconds = train(model, pairs, course, run / CHECKPOINTS, tell, judge, spread)
    model.save(str(run / TUNED), create_model_card=False)
    return seconds


def _first_spread(path: Path, model: Encoder, ready: Prepared) -> Whitening:
    """Of the model's vectors before it learns anything; the same when a run goes on."""
    if not path.is_file():
        whitening.fit(model.documents(_spread_texts(ready))).write(path)
    return whitening.read(path)


def _spread_texts(ready: Prepared) -> list[str]:
    return [*ready.others.passages, *(pair.anchor for pair in ready.train[:TITLES])]


def _under_way(
    model: SentenceTransformer, prefixes: tuple[str, str], spread: Whitening | None = None
) -> Encoder:
    """The model that is being trained, as it is now."""
    view = View(model, spread)
    dimensions = int(model.get_embedding_dimension() or 0)

    def rows(texts: Sequence[str], prefix: str) -> Vectors:
        if not texts:
            return np.zeros((0, dimensions), dtype=np.float32)
        training = model.training
        model.eval()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=processor_has_bf16()):
            found = view.encode(texts, prefix)
        model.train(training)
        return found

    return Encoder(lambda texts: rows(texts, prefixes[0]), lambda texts: rows(texts, prefixes[1]))


def _tried(
    run: Path,
    ready: Prepared,
    walk: Walk,
    order: Order,
    questions: Sequence[Question],
    seconds: float,
) -> Outcome:
    before = load_embedder(ready.base.asked, threads=order.threads)
    after, found_after = _spread(run, ready, order.threads)
    ranks = pair_ranks(Encoder.of(before), ready.held, ready.others)
    held = _trial((ranks, found_after), [pair.document for pair in ready.held])
    asked = None
    if questions:
        pools = [_pool(walk, questions, one) for one in (before, after)]
        found = [
            question_ranks(Encoder.of(one), questions, pool)
            for one, pool in zip((before, after), pools, strict=True)
        ]
        asked = _trial(found, [question.group for question in questions])
    kinds = [pair.kind for pair in ready.train]
    counts: dict[str, int] = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    path = run / TUNED if _better(held, asked) else None
    name = ready.base.name
    return Outcome(name, path, held, asked, counts, ready.documents, seconds)


def _better(held: Trial, asked: Trial | None) -> bool:
    """Surely better on the documents set aside, and not surely worse on the questions given."""
    return held.gain.low > 0 and (asked is None or asked.gain.high >= 0)


def _spread(run: Path, ready: Prepared, threads: int) -> tuple[Embedder, Ranks]:
    """The trained model, with the whitening it learnt under or a new one, whichever finds better.

    Better is judged on held-out passages.
    """
    folder = run / TUNED
    first = whitening.read(run / whitening.FILE)
    (folder / whitening.FILE).unlink(missing_ok=True)
    bare = from_folder(folder, TUNED, threads)
    fresh = whitening.fit(bare.embed_documents(_spread_texts(ready)))
    found: list[tuple[Embedder, Ranks]] = []
    for spread in (first, fresh):
        spread.write(folder / whitening.FILE)
        embedder = from_folder(folder, TUNED, threads)
        found.append((embedder, pair_ranks(Encoder.of(embedder), ready.held, ready.others)))
    if score(found[0][1]).mrr < score(found[1][1]).mrr:
        return found[1]
    first.write(folder / whitening.FILE)
    return found[0]


def _trial(ranks: Sequence[Ranks], units: Sequence[str]) -> Trial:
    before, after = ranks
    return Trial(score(before), score(after), gain(before, after, units))


def _pool(walk: Walk, questions: Sequence[Question], embedder: Embedder) -> Pool:
    """Passages of the documents that answer, and of others, as this embedder would index them."""
    wanted = {name for question in questions for name in question.documents}
    answering = (document for document in walk() if document.id in wanted)
    others = islice((document for document in walk() if document.id not in wanted), DISTRACTORS)
    passages: list[str] = []
    names: list[str] = []
    for documents in (answering, others):
        for document in documents:
            for part in chunks(document, embedder.budget, embedder.count):
                passages.append(embedded_text(document, part.heading_path, part.text))
                names.append(document.id)
    return Pool(passages, names)


def _kept(models: Path, run: Path, outcome: Outcome) -> Outcome:
    """Moves a better model among those kept, with its figures, under a name not taken yet."""
    if outcome.folder is None:
        return outcome
    models.mkdir(parents=True, exist_ok=True)
    path = next(path for path in _names(models, outcome.base) if not path.exists())
    told = asdict(replace(outcome, folder=None)) | {"made": date.today().isoformat()}
    figures = json.dumps(told, ensure_ascii=False, indent=1)
    (outcome.folder / FIGURES).write_text(figures, encoding="utf-8")
    outcome.folder.replace(path)
    return replace(outcome, folder=path)


def _names(models: Path, base: str) -> Iterator[Path]:
    stem = f"{Path(base).name}-{date.today():%Y%m%d}"
    yield models / stem
    number = 1
    while number := number + 1:
        yield models / f"{stem}-{number}"
