"""What a run covers: corpora, each with the questions asked over it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from vigie.evals.dataset import (
    SAMPLE_DAY,
    Item,
    corpus_ids,
    load_all,
    sample_folder,
    sample_questions,
)
from vigie.ingest.errors import InvalidValue, SourceMissing

SAMPLE = "sample"
CORPUS_FILE = "corpus.jsonl"
CORPUS_FOLDER = "corpus"
QUESTIONS = "questions*.jsonl"


@dataclass(frozen=True, slots=True)
class Bench:
    """One corpus, a folder of files or a JSONL file, and its questions; `today` None is today."""

    name: str
    corpus: Path
    items: tuple[Item, ...]
    today: date | None = None


def sample_bench() -> Bench:
    """What is shipped with the package."""
    corpus = sample_folder() / CORPUS_FOLDER
    return Bench(SAMPLE, corpus, tuple(sample_questions()), SAMPLE_DAY)


def benches(folder: Path) -> list[Bench]:
    """The benches of a folder: itself when it holds a corpus, else one for each of its folders.

    Questions in a folder without a corpus are asked over the corpus beside it that holds all
    their documents. Raises SourceMissing for a folder that is not there, InvalidValue when it
    holds no corpus, or questions that no corpus answers.
    """
    if not folder.is_dir():
        raise SourceMissing(path=folder)
    if corpus := _corpus(folder):
        return [Bench(folder.name, corpus, tuple(load_all(_questions(folder))))]
    inside = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    found = [bench for path in inside if _corpus(path) for bench in benches(path)]
    if not found:
        raise InvalidValue(name="--data", value=folder, expected=f"{CORPUS_FILE}, {QUESTIONS}")
    for path in inside:
        if not _corpus(path) and (questions := _questions(path)):
            found = _lodged(found, load_all(questions), path)
    return [bench for bench in found if bench.items]


def _corpus(folder: Path) -> Path | None:
    candidates = (folder / CORPUS_FILE, folder / CORPUS_FOLDER)
    return next((path for path in candidates if path.exists()), None)


def _questions(folder: Path) -> list[Path]:
    return sorted(folder.glob(QUESTIONS))


def _lodged(found: Sequence[Bench], items: Sequence[Item], path: Path) -> list[Bench]:
    """The same benches, with the questions added to the one whose corpus they are about."""
    wanted = frozenset[str]().union(*(item.relevant for item in items))
    for place, bench in enumerate(found):
        if bench.corpus.is_file() and wanted <= corpus_ids(bench.corpus):
            return [
                *found[:place],
                replace(bench, items=bench.items + tuple(items)),
                *found[place + 1 :],
            ]
    raise InvalidValue(name="relevant_ids", value=path, expected=CORPUS_FILE)
