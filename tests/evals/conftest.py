"""Runs made by hand, whose averages can be computed on paper, and a corpus of four pages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.evals.record import FORMAT, Answered, Asked, CorpusLabel, First, Found, Label, Run
from vigie.evals.summary import flat

MakeAsked = Callable[..., Asked]
MakeRun = Callable[..., Run]


@pytest.fixture
def asked() -> MakeAsked:
    """A question with what was found; `hit` fills the first measures of our own system."""

    def make(name: str, hit: float = 1.0, **more: object) -> Asked:
        documents = ("good", "other") if hit else ("other", "third")
        found = Found(documents, (First(documents[0], "Début du passage"),), {"hit@5": hit})
        values: dict[str, object] = {
            "id": f"bench/{name}",
            "question": f"Question {name} ?",
            "set": "set-a",
            "kind": "fact",
            "group": None,
            "distance": None,
            "relevant": ("good",),
            "gold": ("42",),
            "found": {"vigie": found},
            "answer": None,
            "times": {"encode": 1.0, "search": 2.0},
            "cpu": {"search": 0.01},
        }
        return Asked(**(values | more))  # type: ignore[arg-type]

    return make


@pytest.fixture
def answered() -> Callable[..., Answered]:
    """An answer; `method` "abstention" makes it a refusal."""

    def make(method: str, probability: float | None, **values: float) -> Answered:
        return Answered("Une phrase [1]", method, ("good",), probability, values)

    return make


@pytest.fixture
def make_run() -> MakeRun:
    """A run over questions, as `measure` would label it."""

    def make(questions: list[Asked], embedder: str = "demo") -> Run:
        label = Label(
            made=datetime(2026, 11, 24, 12, tzinfo=UTC),
            vigie="0.1.0",
            command="vigie eval",
            embedder=embedder,
            revision="1",
            dimensions=256,
            machine="x86_64",
            threads=1,
            seconds=3.0,
            corpora=(CorpusLabel("bench", 4, 9, ()),),
            titles={"good": "Bon document", "other": "Autre <document>"},
        )
        return Run(FORMAT, label, flat(questions), tuple(questions))

    return make


PAGES = {
    "fonds": ("Le Fonds Rivage", "Le Fonds Rivage a été créé en 2017 par la coopérative Lumen."),
    "cinema": ("Un cinéma sauvé", "À Brest, le cinéma associatif a rouvert grâce à 120 bénévoles."),
    "velo": ("Ateliers vélo", "Les ateliers de réparation de vélos ont lieu chaque samedi matin."),
    "jardin": ("Jardin partagé", "Le jardin partagé des Tilleuls compte 34 parcelles cultivées."),
}
QUESTIONS = [
    {
        "id": "q1",
        "question": "Quand le Fonds Rivage a-t-il été créé ?",
        "relevant_ids": ["fonds"],
        "answers": ["2017"],
        "spans": [{"document": "fonds", "text": "a été créé en 2017"}],
        "type": "when",
    },
    {
        "id": "q2",
        "question": "Combien de parcelles au jardin partagé des Tilleuls ?",
        "relevant_ids": ["jardin"],
        "answers": ["34"],
        "type": "count",
    },
    {
        "id": "q3",
        "question": "Quel est le prix du kilogramme de cobalt ?",
        "unanswerable": True,
        "distance": "far",
    },
]


@pytest.fixture
def bench_folder(tmp_path: Path) -> Path:
    """A folder with a corpus of four pages and three questions."""
    folder = tmp_path / "petit"
    folder.mkdir()
    pages = [{"id": key, "title": title, "text": text} for key, (title, text) in PAGES.items()]
    for name, rows in (("corpus", pages), ("questions", QUESTIONS)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The `demo` embedder, in a folder of the test's own."""
    return Settings(data_dir=tmp_path / "var", embedder="demo", threads=1)
