"""`vigie eval scale`: the same search over indexes of growing size, by each way of keeping them."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vigie.assistant.settings import Settings
from vigie.evals.arguments import OK, Parser, language_of, show, tell
from vigie.evals.benches import Bench, benches, sample_bench
from vigie.evals.corpora import Opened, code_digest, open_corpus
from vigie.evals.progress import Progress
from vigie.evals.scale_measure import Measured, measure, overlap, sampled
from vigie.evals.scale_points import SEED, RealDocument, read
from vigie.evals.scale_run import (
    EXACT,
    LAYOUTS,
    AskedAt,
    Built,
    Figures,
    Known,
    apart,
    build,
    cleared,
    disk,
    order,
)
from vigie.evals.tables import Speech, Table, text
from vigie.index import sync
from vigie.index.edge import EdgeClient
from vigie.ingest.errors import InvalidValue
from vigie.ingest.messages import message

NAME = "scale"
SIZES = "10000,100000,1000000"
# Where indexes and vectors are kept between runs, within the data folder: those of `vigie eval`.
WORK = "evals"
FOLDER, FIGURES, BASE = "scale", "figures.json", "exact"
QUESTIONS = 200
# A line of progress for each tenth of an index.
TOLD = 10


@dataclass(frozen=True, slots=True)
class Ground:
    """What is real: documents with their vectors, and questions about them."""

    documents: list[RealDocument]
    asked: list[AskedAt]
    embedder: Known


def main(given: Sequence[str], settings: Settings) -> int:
    """Exit status 0; raises Misused for what is no option, InvalidValue for a wrong size."""
    language = language_of(given, settings.language)
    parser = Parser(NAME, language)
    parser.add("sizes", default=SIZES, metavar=SIZES)
    parser.add("layouts", default=",".join(LAYOUTS), metavar=",".join(LAYOUTS))
    parser.add_path("data", "folder", nargs="+")
    parser.add_path("work", "folder")
    parser.add("embedder", metavar=message("eval.named", language))
    parser.add_path("json")
    options = parser.read(given)
    if options is None:
        return OK
    if options.embedder:
        settings = settings.model_copy(update={"embedder": options.embedder})
    sizes, layouts = _sizes(options.sizes), _layouts(options.layouts)
    speech = Speech(language)
    work = options.work or settings.data_dir / WORK
    folders = options.data or ()
    found = [bench for folder in folders for bench in benches(folder)] or [sample_bench()]
    figures = scaled(ground(settings, found, work, speech), sizes, layouts, work, speech)
    for table in tables(figures, speech):
        show(text(table))
    if options.json:
        save(options.json, figures)
        tell(speech("written", path=options.json))
    return OK


def ground(settings: Settings, found: Sequence[Bench], work: Path, speech: Speech) -> Ground:
    """Reads the corpora out of their indexes, made where they are not yet."""
    documents: dict[str, RealDocument] = {}
    asked: list[AskedAt] = []
    progress = Progress(speech)
    for bench in found:

        def indexing(step: sync.Progress, name: str = bench.name) -> None:
            progress.indexing(name, step.done, step.chunks)

        opened = open_corpus(settings, bench, work, indexing)
        try:
            client = opened.vigie.client
            assert isinstance(client, EdgeClient)  # `open_corpus` says so
            for document in read(client, opened.index.collection):
                documents[document[0].payload["document_id"]] = document
            asked += _asked(opened)
            model = opened.embedder
        finally:
            opened.close()
    chosen = sampled(asked, QUESTIONS, SEED)
    vectors = {one.text: one.vector for one in chosen}
    known = Known(
        model.name, model.revision, model.dimensions, model.budget, model.prefixes, vectors
    )
    return Ground(list(documents.values()), chosen, known)


def _asked(opened: Opened) -> Iterator[AskedAt]:
    """The questions that have an answer, by the ids of their documents."""
    ids: dict[str, set[str]] = {}
    for id_, location in opened.locations.items():
        ids.setdefault(location, set()).add(id_)
    for item in opened.bench.items:
        relevant = frozenset[str]().union(*(ids.get(at, ()) for at in item.relevant))
        if relevant:
            vector = opened.embedder.embed_query(item.question)
            name = f"{opened.bench.name}/{item.id}"
            yield AskedAt(name, item.question, item.audience, relevant, vector)


def chosen_for(size: int, ground: Ground) -> list[RealDocument]:
    """All real documents, or as many as a smaller index holds: those that are asked for first."""
    wanted = frozenset[str]().union(*(one.relevant for one in ground.asked))
    first = sorted(
        ground.documents, key=lambda document: document[0].payload["document_id"] not in wanted
    )
    kept, chunks = [], 0
    for document in first:
        if chunks >= size:
            break
        kept.append(document)
        chunks += sum("text" in one.payload for one in document)
    return kept


def scaled(
    ground: Ground, sizes: Sequence[int], layouts: Sequence[str], work: Path, speech: Speech
) -> list[Figures]:
    """Every layout of every size; what an interrupted run has measured is not measured again."""
    folder = work / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    label = f"{code_digest()} {len(ground.documents)} {len(ground.asked)}"
    kept = _kept(folder / FIGURES, label)
    for size in sizes:
        lacking = [name for name in layouts if f"{size} {name}" not in kept]
        for found in _of_size(ground, size, lacking, folder, speech):
            kept[f"{size} {found.layout}"] = found
            save(folder / FIGURES, list(kept.values()), label)
    return [kept[f"{size} {name}"] for size in sizes for name in layouts]


def _of_size(
    ground: Ground, size: int, layouts: Sequence[str], folder: Path, speech: Speech
) -> Iterator[Figures]:
    if not layouts:
        return
    base = cleared(folder / str(size)) / BASE
    documents = chosen_for(size, ground)
    progress = Telling(size, speech.language)
    built = apart(build, base, size, documents, ground.embedder, progress)
    tell(message("scale.built", speech.language, size=speech.number(size)))
    exact = apart(measure, base, ground.asked, ground.embedder, built.window)
    for name in layouts:
        if name == EXACT:
            yield _figures(size, name, built, (0.0, 0.0), base, exact, exact)
            continue
        copy = cleared(folder / str(size) / name)
        shutil.copytree(base, copy)
        ordering = apart(order, copy, LAYOUTS[name])
        found = apart(measure, copy, ground.asked, ground.embedder, built.window)
        yield _figures(size, name, built, ordering, copy, found, exact)
        shutil.rmtree(copy)
        words = {"size": speech.number(size), "name": name}
        tell(message("scale.measured", speech.language, **words))
    shutil.rmtree(folder / str(size))


@dataclass
class Telling:
    """How far an index is built, in tenths; told by the process that builds it."""

    size: int
    language: str
    last: int = 0

    def __call__(self, chunks: int) -> None:
        if (tenth := TOLD * chunks // self.size) > self.last:
            self.last = tenth
            words = {"size": self.size, "percent": 100 * tenth // TOLD}
            tell(message("scale.building", self.language, **words))


def _figures(
    size: int,
    name: str,
    built: Built,
    ordering: tuple[float, float],
    folder: Path,
    found: Measured,
    exact: Measured,
) -> Figures:
    return Figures(
        size=size,
        layout=name,
        points=built.points,
        chunks=built.chunks,
        build_seconds=built.seconds,
        chunks_per_second=built.chunks / built.seconds,
        build_peak=built.peak,
        order_seconds=ordering[0],
        order_peak=ordering[1],
        disk=disk(folder),
        overlap=overlap(found.hits, exact.hits),
        dense_overlap=overlap(found.dense, exact.dense),
        **found.figures,
    )


def tables(figures: Sequence[Figures], speech: Speech) -> list[Table]:
    """What an index costs, how long it takes to answer, what it finds."""

    def table(key: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
        words = tuple(message(f"scale.{name}", speech.language) for name in columns)
        caption = message(f"scale.caption_{key}", speech.language)
        return Table(key, caption, (words[0], *words[1:]), tuple(rows))

    def named(one: Figures) -> tuple[str, str]:
        return speech.number(one.size), one.layout

    number, share = speech.number, speech.share
    costs = [
        (*named(one), number(one.build_seconds, 1), number(one.chunks_per_second),
         number(one.order_seconds, 1), number(one.build_peak), number(one.order_peak),
         number(one.disk), number(one.open_seconds, 2), number(one.opened), number(one.resident),
         number(one.own))
        for one in figures
    ]  # fmt: skip
    times = [
        (*named(one), *(number(at, 1) for at in (*one.search, *one.processor)),
         number(one.lexical, 1), number(one.dense, 1), number(one.filtered[0], 1),
         number(one.filtered[1], 1), number(one.filtered_processor[0], 1),
         share(one.filter_keeps), number(one.at_once[1], 1), number(one.per_second))
        for one in figures
    ]  # fmt: skip
    found = [
        (*named(one), share(one.hit), share(one.ndcg), share(one.overlap), share(one.dense_overlap))
        for one in figures
    ]
    return [
        table("costs", ("size", "layout", "build", "rate", "order", "build_peak", "order_peak",
                        "disk", "open", "opened", "resident", "own"), costs),
        table("times", ("size", "layout", "p50", "p95", "p99", "processor50", "processor95",
                        "processor99", "lexical", "dense", "filtered50", "filtered95",
                        "filtered_processor", "keeps", "at_once", "per_second"), times),
        table("found", ("size", "layout", "hit", "ndcg", "overlap", "dense_overlap"), found),
    ]  # fmt: skip


def save(path: Path, figures: Sequence[Figures], label: str = "") -> None:
    """As JSON, in a list."""
    told = {"label": label, "figures": [asdict(one) for one in figures]}
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _kept(path: Path, label: str) -> dict[str, Figures]:
    """Figures of an earlier run over the same code and corpora."""
    if not path.is_file():
        return {}
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if told["label"] != label:
        return {}
    found = [Figures(**one) for one in told["figures"]]
    return {f"{one.size} {one.layout}": one for one in found}


def _sizes(given: str) -> list[int]:
    try:
        sizes = [int(size) for size in given.split(",")]
    except ValueError as error:
        raise InvalidValue(name="--sizes", value=given, expected=SIZES) from error
    if min(sizes) < 1:
        raise InvalidValue(name="--sizes", value=given, expected=SIZES)
    return sizes


def _layouts(given: str) -> list[str]:
    names = given.split(",")
    if unknown := [name for name in names if name not in LAYOUTS]:
        raise InvalidValue(name="--layouts", value=unknown[0], expected=", ".join(LAYOUTS))
    return names
