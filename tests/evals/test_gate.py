"""The shipped questions over the shipped corpus, with the model that needs no network."""

from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.evals.benches import sample_bench
from vigie.evals.gate import below, load_floors
from vigie.evals.measure import measure
from vigie.evals.record import Run
from vigie.evals.systems import OURS, STAGES


class Silent:
    """Nobody watches."""

    def indexing(self, name: str, done: int, chunks: int) -> None: ...
    def asking(self, name: str, done: int, total: int) -> None: ...


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run for every test here: about a minute."""
    folder: Path = tmp_path_factory.mktemp("gate")
    settings = Settings(data_dir=folder, embedder="packaged", threads=1)
    return measure(settings, [sample_bench()], work=folder, progress=Silent())


def test_every_shipped_file_is_read_and_every_question_answered_or_refused(run: Run) -> None:
    (corpus,) = run.label.corpora
    assert not corpus.missing
    assert run.measures["failed"] == 0
    assert run.questions[0].found.keys() == {OURS, *STAGES}


def test_every_citation_is_the_stored_text(run: Run) -> None:
    assert run.measures["citation_exactness"] == 1


def test_no_measure_is_below_its_recorded_floor(run: Run) -> None:
    fallen = below(run, load_floors())
    assert not fallen, "\n".join(f"{one.name}: {one.value:.3f} < {one.floor}" for one in fallen)
