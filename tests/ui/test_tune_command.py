"""`vigie tune` as it is typed: what it says, and how it ends."""

import functools
import importlib.util
import json
from contextlib import closing
from pathlib import Path

import pytest

from vigie.index.catalogue import Catalogue
from vigie.index.tuning.tune import Order
from vigie.ui.cli import main

# The corpus and the tiny model of the tests of what this command runs.
SHARED = Path(__file__).parents[1] / "index" / "tuning" / "conftest.py"


def shared():
    spec = importlib.util.spec_from_file_location("tuning_conftest", SHARED)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose catalogue holds documents, and a model beside it."""
    made, folder = shared(), tmp_path_factory.mktemp("data")
    with closing(Catalogue(f"sqlite:///{folder / 'vigie.db'}")) as catalogue:
        catalogue.put_all([(document, 1, document.location) for document in made.corpus(240)])
    made.tiny(folder)
    return folder


@pytest.fixture
def typed(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs a command line; gives its exit status and what it wrote."""
    monkeypatch.setenv("VIGIE_DATA_DIR", str(home))
    monkeypatch.setenv("VIGIE_THREADS", "1")
    # An untrained model learns with larger and more steps than the command's own.
    short = functools.partial(Order, size=16, passes=5, rate=3e-3)
    monkeypatch.setattr("vigie.index.tuning.tune.Order", short)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["tune", "--model", str(home / "tiny"), *arguments])
        captured = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, captured.out, captured.err

    return run


def test_a_better_model_is_kept_and_the_next_command_is_given(typed, home: Path) -> None:
    questions = home / "questions.jsonl"
    rows = [
        {"id": doc.location, "question": doc.title, "relevant_ids": [doc.location, "absent.html"]}
        for doc in shared().corpus(30)
    ]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    status, out, err = typed("--questions", str(questions))
    (model,) = (home / "models").iterdir()
    assert status == 0, out + err
    assert "Documents mis de côté" in out and "Questions données (30)" in out
    assert f"vigie reindex --model {model}" in out
    assert f"VIGIE_EMBEDDER={model}" in out
    assert "Préparation" in err and "étapes" in err


def test_a_missing_file_of_pairs_is_told_before_any_work(typed, tmp_path: Path) -> None:
    status, _, err = typed("--pairs", str(tmp_path / "absent.jsonl"))
    assert status == 2
    assert "absent.jsonl" in err


def test_a_model_without_weights_is_refused(typed) -> None:
    status, _, err = typed("--model", "demo")
    assert status == 2
    assert "sentence-transformers" in err


def test_help_speaks_french_and_needs_no_heavy_library(typed) -> None:
    status, out, _ = typed("--help")
    assert status == 0
    assert "Adapter le modèle" in out
    assert "--minutes" in out
