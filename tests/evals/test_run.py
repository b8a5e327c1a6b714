"""A whole run over a tiny corpus: indexed, asked, written, and again from what was kept."""

import json
from pathlib import Path

import pytest

from vigie.assistant.settings import Settings
from vigie.evals import corpora
from vigie.evals.command import main
from vigie.evals.record import load
from vigie.evals.stopwatch import COSTLY, TIMED
from vigie.evals.systems import SYSTEMS, UNRANKED
from vigie.evals.vectors import KeptVectors
from vigie.index.embedders import Vectors, load_embedder
from vigie.ingest.errors import InvalidValue


def test_every_system_is_measured_and_the_page_written(
    settings: Settings, bench_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html = tmp_path / "out" / "report.html"
    typed = ["--data", str(bench_folder), "--baseline", "--html", str(html)]
    assert main(typed, settings) == 0
    run = load(html.with_suffix(".json"))
    assert [one.id for one in run.questions] == ["petit/q1", "petit/q2", "petit/q3"]
    first, _, absent = run.questions
    assert first.found.keys() == SYSTEMS.keys() - {UNRANKED}
    assert all(found.documents[0] == "fonds" for found in first.found.values())
    assert len(first.found["llamaindex-2"].documents) == 2
    assert first.found["vigie"].values["passage@5"] == 1
    assert first.answer is not None and "2017" in first.answer.text
    assert first.answer.values["citation_exactness"] == 1
    assert first.answer.probability is not None
    assert tuple(first.times) == tuple(name for name in TIMED if name != UNRANKED)
    assert tuple(first.cpu) == COSTLY
    assert absent.found["vigie"].values == {}
    assert run.measures["hit@1"] == 1 and "refused_far" in run.measures
    assert run.label.corpora[0].documents == 4 and not run.label.corpora[0].missing
    assert "BM25 français" in capsys.readouterr().out
    assert html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_searching_alone_asks_for_no_answer(
    settings: Settings, bench_folder: Path, tmp_path: Path
) -> None:
    typed = ["--data", str(bench_folder), "--retrieval", "--json", str(tmp_path / "run.json")]
    assert main(typed, settings) == 0
    run = load(tmp_path / "run.json")
    assert all(one.answer is None for one in run.questions)
    assert "hit@5" in run.measures and "answered" not in run.measures
    assert run.label.command.startswith("vigie eval --data")


def test_a_second_run_encodes_nothing(
    settings: Settings, bench_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["--data", str(bench_folder), "--retrieval"]
    assert main(typed, settings) == 0

    def never(self: KeptVectors, texts: list[str]) -> Vectors:
        raise AssertionError(texts)

    monkeypatch.setattr(KeptVectors, "embed_documents", never)
    assert main(typed, settings) == 0


def test_an_index_made_by_other_code_is_made_again_from_kept_vectors(
    settings: Settings, bench_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = ["--data", str(bench_folder), "--retrieval", "--json", str(tmp_path / "run.json")]
    assert main(typed, settings) == 0
    leftover = settings.data_dir / "evals" / "petit-demo" / "leftover"
    leftover.touch()
    monkeypatch.setattr(corpora, "code_digest", lambda: "other code")
    assert main(typed, settings) == 0
    assert not leftover.exists()
    assert load(tmp_path / "run.json").measures["hit@1"] == 1


def test_a_document_that_left_the_corpus_is_no_longer_found(
    settings: Settings, bench_folder: Path, tmp_path: Path
) -> None:
    typed = ["--data", str(bench_folder), "--retrieval", "--json", str(tmp_path / "run.json")]
    assert main(typed, settings) == 0
    corpus = bench_folder / "corpus.jsonl"
    kept = [line for line in corpus.read_text(encoding="utf-8").splitlines() if "fonds" not in line]
    corpus.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert main(typed, settings) == 0
    run = load(tmp_path / "run.json")
    assert run.label.corpora[0].documents == 3
    assert "fonds" not in run.questions[0].found["vigie"].documents


def test_a_folder_that_holds_something_else_is_left_alone(
    settings: Settings, bench_folder: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "work" / "petit-demo" / "letter.txt"
    precious.parent.mkdir(parents=True)
    precious.touch()
    typed = ["--data", str(bench_folder), "--retrieval", "--work", str(tmp_path / "work")]
    with pytest.raises(InvalidValue, match="petit-demo"):
        main(typed, settings)
    assert precious.exists()


def test_expected_documents_that_the_corpus_lacks_are_told(
    settings: Settings, bench_folder: Path, tmp_path: Path
) -> None:
    row = {"id": "q9", "question": "Où est la mairie ?", "relevant_ids": ["mairie"]}
    with (bench_folder / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    html = tmp_path / "report.html"
    assert main(["--data", str(bench_folder), "--retrieval", "--html", str(html)], settings) == 0
    run = load(html.with_suffix(".json"))
    assert run.label.corpora[0].missing == ("mairie",)
    assert run.questions[-1].found["vigie"].values["hit@10"] == 0
    assert "dont mairie" in html.read_text(encoding="utf-8")


def test_a_corpus_and_questions_may_be_named_apart(settings: Settings, bench_folder: Path) -> None:
    corpus, questions = (str(bench_folder / f"{name}.jsonl") for name in ("corpus", "questions"))
    assert main(["--corpus", corpus, "--questions", questions, "--retrieval"], settings) == 0


def test_kept_vectors_are_those_of_the_embedder(tmp_path: Path) -> None:
    embedder = load_embedder("demo", threads=1)
    texts = [f"Texte numéro {number}" for number in range(600)]
    expected = embedder.embed_documents(texts)
    for _ in range(2):
        assert (KeptVectors(embedder, tmp_path).embed_documents(texts) == expected).all()
    assert KeptVectors(embedder, tmp_path).embed_documents([]).shape == (0, embedder.dimensions)
    assert (
        KeptVectors(embedder, tmp_path).embed_query("Texte") == embedder.embed_query("Texte")
    ).all()
