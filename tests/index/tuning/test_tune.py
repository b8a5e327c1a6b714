"""A real training of a tiny model: kept when better, else not; killed, it goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from vigie.index.embedders import load_embedder
from vigie.index.hub import weights_digest
from vigie.index.tuning.given import given_pairs
from vigie.index.tuning.preparation import Base, prepare
from vigie.index.tuning.training import Step, last_checkpoint
from vigie.index.tuning.trial import Gain, Question, Score
from vigie.index.tuning.tune import Order, Stage, Trial, _better, tune
from vigie.ingest.errors import IndexLocked, InvalidValue

# Seconds that a busy machine may need to import the libraries and take twenty steps.
PATIENCE = 200
# An untrained model of 32 dimensions learns with larger steps than a trained one.
SHORT = Order(minutes=5, threads=1, size=16, passes=5, rate=3e-3)


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory, documents, base: Base):
    """A whole run: its folder, what it told, and what came of it."""
    home, told = tmp_path_factory.mktemp("home"), []
    questions = [Question(doc.title, frozenset({doc.id}), doc.id) for doc in documents[:20]]
    outcome = tune(home, base, lambda: iter(documents), SHORT, told.append, (), questions)
    return home, told, outcome


def test_a_better_model_is_kept_with_its_figures(better) -> None:
    home, _, outcome = better
    assert outcome.held.gain.low > 0
    assert outcome.held.after.mrr > outcome.held.before.mrr
    assert outcome.folder and outcome.folder.parent == home / "models"
    figures = json.loads((outcome.folder / "vigie_tuning.json").read_text(encoding="utf-8"))
    assert figures["held"]["after"]["mrr"] == outcome.held.after.mrr
    assert figures["base"] == "tiny"
    assert outcome.questions and outcome.questions.after.count == 20


def test_the_kept_model_gives_unit_vectors(better) -> None:
    embedder = load_embedder(str(better[2].folder), threads=1)
    vectors = embedder.embed_documents(["Le véhicule relève du service.", "Argent vélo"])
    assert vectors.shape == (2, embedder.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_run_tells_its_stages_and_steps(better) -> None:
    told = better[1]
    assert [item for item in told if isinstance(item, Stage)] == [
        Stage.PREPARING,
        Stage.TRAINING,
        Stage.TRYING,
    ]
    steps = [item for item in told if isinstance(item, Step)]
    assert steps[-1].step == steps[-1].steps
    assert steps[-1].remaining == 0
    assert any(step.score is not None for step in steps)


def test_a_finished_run_leaves_nothing_to_go_on_with(better) -> None:
    assert not (better[0] / "tuning" / "run").exists()


def test_a_worse_result_is_discarded(tmp_path: Path, walk, better) -> None:
    """Steps so large that they undo what a model has learnt."""
    learnt = better[2].folder
    base = Base(str(learnt), "learnt", str(learnt), weights_digest(learnt))
    order = Order(minutes=5, threads=1, size=16, passes=0.5, rate=1.0)
    outcome = tune(tmp_path, base, walk, order, lambda told: None)
    assert outcome.held.after.mrr < outcome.held.before.mrr
    assert outcome.folder is None
    assert not (tmp_path / "models").exists()


def test_questions_given_may_refuse_what_pairs_would_keep() -> None:
    def trial(low: float, high: float) -> Trial:
        score = Score(9, 0.5, 0.5, 0.5)
        return Trial(score, score, Gain((low + high) / 2, low, high))

    assert _better(trial(0.01, 0.2), None)
    assert _better(trial(0.01, 0.2), trial(-0.2, 0.1))
    assert not _better(trial(0.01, 0.2), trial(-0.2, -0.1))
    assert not _better(trial(-0.01, 0.2), trial(0.1, 0.2))


def test_a_course_ends_with_its_time(tmp_path: Path, walk, base: Base) -> None:
    steps: list[Step] = []
    order = Order(minutes=1 / 60, threads=1, size=16, passes=400)
    tune(tmp_path, base, walk, order, lambda told: steps.append(told))
    last = [step for step in steps if isinstance(step, Step)][-1]
    assert last.step < last.steps


def test_a_killed_run_goes_on_from_its_checkpoint(tmp_path: Path, documents, base: Base) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from conftest import corpus\n"
        "from vigie.index.tuning.preparation import Base\n"
        "from vigie.index.tuning.tune import Order, tune\n"
        "documents = corpus(240)\n"
        "base = Base(*sys.argv[3:])\n"
        "order = Order(minutes=5, threads=1, size=16, passes=60)\n"
        "tune(Path(sys.argv[2]), base, lambda: iter(documents), order, lambda told: None)\n"
    )
    where = str(Path(__file__).parent)
    process = subprocess.Popen(
        [sys.executable, "-c", code, where, str(tmp_path), *astuple(base)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    checkpoints = tmp_path / "tuning" / "run" / "checkpoints"
    deadline = time.monotonic() + PATIENCE
    while last_checkpoint(checkpoints) is None and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = last_checkpoint(checkpoints)
    assert reached is not None
    told: list[object] = []
    tune(tmp_path, base, lambda: iter(documents), SHORT, told.append)
    assert told[0] == Stage.RESUMING
    first = next(item for item in told if isinstance(item, Step))
    assert first.step > int(reached.name.split("-")[1])


def test_interrupted_a_run_saves_its_step_and_goes_on(tmp_path: Path, walk, base: Base) -> None:
    order = Order(minutes=5, threads=1, size=16, passes=2)

    typed: list[Step] = []

    def interrupt(told: object) -> None:
        if isinstance(told, Step) and not typed:
            typed.append(told)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        tune(tmp_path, base, walk, order, interrupt)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    reached = last_checkpoint(tmp_path / "tuning" / "run" / "checkpoints")
    assert reached is not None
    told: list[object] = []
    tune(tmp_path, base, walk, order, told.append)
    first = next(item for item in told if isinstance(item, Step))
    assert first.step > int(reached.name.split("-")[1])


def test_another_model_or_fresh_begins_again(tmp_path: Path, walk, base: Base) -> None:
    run = tmp_path / "tuning" / "run"
    run.parent.mkdir()
    prepare(run, Base(base.asked, "other", base.folder, base.revision), walk, ())
    told: list[object] = []
    order = Order(minutes=5, threads=1, size=16, passes=0.01)
    tune(tmp_path, base, walk, order, told.append)
    assert told[0] == Stage.PREPARING


def test_two_runs_do_not_share_a_folder(tmp_path: Path, walk, base: Base) -> None:
    def second(told: object) -> None:
        if told == Stage.PREPARING:
            with pytest.raises(IndexLocked):
                tune(tmp_path, base, walk, order, lambda told: None)

    order = Order(minutes=5, threads=1, size=16, passes=0.01)
    tune(tmp_path, base, walk, order, second)


def test_a_small_corpus_is_refused(tmp_path: Path, documents, base: Base) -> None:
    with pytest.raises(InvalidValue):
        tune(tmp_path, base, lambda: iter(documents[:9]), SHORT, lambda told: None)


def test_useful_answers_become_pairs(tmp_path: Path, walk, documents) -> None:
    lines = [
        {"question": "Qui paie ?", "location": "3.html"},
        {"question": "Où ?", "document_id": documents[4].id, "passage": "Au bureau."},
        {"question": "Quand ?", "location": "absent.html"},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    first, second = given_pairs(path, walk)
    assert first.document == documents[3].id and first.passage in documents[3].text
    assert (second.anchor, second.passage, second.kind) == ("Où ?", "Au bureau.", "reader")
    path.write_text('{"question": "Sans source"}', encoding="utf-8")
    with pytest.raises(InvalidValue):
        given_pairs(path, walk)
