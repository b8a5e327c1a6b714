"""What is compared: merging by ranks, stems without accents, documents that say the same."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from vigie.assistant import build
from vigie.assistant.settings import Settings
from vigie.evals import assistant_search, corpora, llamaindex
from vigie.evals.assistant_search import EVERY
from vigie.evals.benches import benches
from vigie.evals.bm25 import Bm25
from vigie.evals.command import main
from vigie.evals.corpora import open_corpus
from vigie.evals.dataset import Item
from vigie.evals.hybrid import reciprocal
from vigie.evals.record import load
from vigie.evals.systems import UNRANKED, load_system
from vigie.index.reranking import Reranker
from vigie.ingest.documents import Audience


def test_ranks_are_merged_with_equal_weights() -> None:
    # b: 1/62 + 1/61; a: 1/61; c: 1/62 + 1/63; d: 1/63.
    assert reciprocal([["a", "b", "d"], ["b", "c"], ["x", "y", "c"]])[:2] == ["b", "c"]
    assert reciprocal([["a", "b"], []]) == ["a", "b"]


def test_folding_lets_a_question_without_accents_find_its_document() -> None:
    # Snowball's stems of both spellings differ by the accent alone.
    texts, audiences = ["Les congés payés", "Un bâtiment neuf"], [Audience.PUBLIC] * 2
    for folding, found in ((False, []), (True, [1])):
        assert Bm25(texts, audiences, folding).ranked("batiment", Audience.PUBLIC, 5) == found


def test_words_of_a_hidden_text_find_nothing() -> None:
    index = Bm25(["Un loyer", "Un loyer"], [Audience.STAFF, Audience.PUBLIC])
    assert index.ranked("loyer", Audience.PUBLIC, 5) == [1]


def test_the_starter_is_searched_as_it_searches_itself(
    settings: Settings, bench_folder: Path
) -> None:
    (bench,) = benches(bench_folder)
    opened = open_corpus(settings, bench, settings.data_dir, lambda step: None)
    try:
        nodes = llamaindex.built(opened)
        for item in opened.bench.items:
            retriever = nodes.index.as_retriever(similarity_top_k=4)
            theirs = {
                one.node.node_id: one.score or 0.0 for one in retriever.retrieve(item.question)
            }
            vector = opened.embedder.embed_query(item.question)
            ours = [theirs[one.node_id] for one in nodes.nearest(vector, item.audience, 4)]
            # Passages of equal score may come in another order.
            assert ours == pytest.approx(sorted(theirs.values(), reverse=True), abs=1e-6)
    finally:
        opened.close()


def test_a_document_that_says_the_same_as_the_expected_one_counts_for_it(
    settings: Settings, bench_folder: Path
) -> None:
    corpus = bench_folder / "corpus.jsonl"
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    fund = next(row for row in rows if row["id"] == "fonds")
    # Shorter texts are never taken for republished.
    fund["text"] += " " + " ".join(f"Il aide depuis la commune numéro {n}." for n in range(40))
    # The same document at an address that sorts after the first: it is what is expected.
    rows.append(fund | {"id": "zones/fonds"})
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    question = {"id": "copy", "question": "Fonds Rivage ?", "relevant_ids": ["zones/fonds"]}
    with (bench_folder / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(question) + "\n")
    (bench,) = benches(bench_folder)
    opened = open_corpus(settings, bench, settings.data_dir, lambda step: None)
    try:
        item = opened.bench.items[-1]
        assert not opened.missing()
        for name in ("vigie", "lexical", "bm25", "rrf"):
            found = load_system(name, opened).search(item)
            assert found[0].document in item.relevant, name
    finally:
        opened.close()


def test_a_question_that_the_assistant_refuses_finds_nothing(
    settings: Settings, bench_folder: Path
) -> None:
    (bench,) = benches(bench_folder)
    opened = open_corpus(settings, bench, settings.data_dir, lambda step: None)
    try:
        assert load_system("vigie", opened).search(Item("q", "?!", frozenset({"fonds"}))) == []
    finally:
        opened.close()


def test_an_index_whose_making_was_cut_short_is_made_again(
    settings: Settings, bench_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = ["--data", str(bench_folder), "--retrieval", "--json", str(tmp_path / "run.json")]

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(corpora, "homes_of", cut)
        patched.setattr(Path, "write_text", _but_for_the_stamp(cut))
        with pytest.raises(KeyboardInterrupt):
            main(typed, settings)
    leftover = settings.data_dir / "evals" / "petit-demo" / "leftover"
    leftover.touch()
    assert main(typed, settings) == 0
    assert not leftover.exists()
    assert load(tmp_path / "run.json").measures["hit@1"] == 1


def _but_for_the_stamp(cut: object) -> object:
    write = Path.write_text

    def writing(path: Path, text: str, *how: object, **more: object) -> object:
        if path.name == corpora.STAMP and text:
            return cut()  # type: ignore[operator]
        return write(path, text, *how, **more)  # type: ignore[arg-type]

    return writing


def test_every_facet_can_be_refused_at_once() -> None:
    assert "kind:report" in EVERY


class Backwards:
    """A scorer for which a passage is the better, the less it says of what is asked."""

    name = "backwards"

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        asked = set(question.lower().split())
        return [-float(len(asked & set(passage.lower().split()))) for passage in passages]


def test_a_reranker_is_measured_with_and_without(
    settings: Settings, bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(name: str, threads: int) -> Reranker:
        return Reranker(Backwards())

    monkeypatch.setattr(build, "load_reranker", loaded)
    monkeypatch.setattr(assistant_search, "load_reranker", loaded)
    ours = settings.model_copy(update={"reranker": "backwards"})
    typed = ["--data", str(bench_folder), "--retrieval", "--json", str(tmp_path / "run.json")]
    assert main(typed, ours) == 0
    found = load(tmp_path / "run.json").questions[0].found
    assert found[UNRANKED].values["hit@1"] == 1
    assert found["vigie"].values["hit@1"] == 0
