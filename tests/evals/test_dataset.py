"""Question sets and corpora: what they may hold, and what is said of a wrong line."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from vigie.evals.benches import benches, sample_bench
from vigie.evals.dataset import load_all, load_corpus, load_questions, sample_questions
from vigie.ingest.documents import Kind
from vigie.ingest.errors import InvalidValue, SourceMissing

Write = Callable[[str, list[object]], Path]
QUESTION = {"id": "q", "question": "Qui ?", "relevant_ids": ["d"]}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def jsonl(name: str, rows: list[object]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return jsonl


@pytest.mark.parametrize(
    "row",
    [
        "{broken",
        "[1, 2]",
        {"question": "Qui ?", "relevant_ids": ["d"]},
        {"id": "q", "question": "Qui ?"},
        {"id": "q", "question": " ", "relevant_ids": ["d"]},
        {**QUESTION, "unanswerable": True},
        {**QUESTION, "audience": "everyone"},
        {**QUESTION, "spans": ["words"]},
        {**QUESTION, "grades": {"d": "good"}},
    ],
    ids=["json", "list", "no id", "no gold", "blank", "both", "audience", "spans", "grades"],
)
def test_a_wrong_line_is_named_with_its_file_and_number(write: Write, row: object) -> None:
    path = write("set.jsonl", [QUESTION | {"id": "fine"}, row])
    with pytest.raises(InvalidValue, match=r"set\.jsonl:2"):
        load_questions(path)


def test_a_set_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="absent"):
        load_questions(tmp_path / "absent.jsonl")


def test_an_id_used_twice_is_refused_even_across_files(write: Write) -> None:
    with pytest.raises(InvalidValue, match="« q »"):
        load_all([write("a.jsonl", [QUESTION]), write("b.jsonl", [QUESTION])])


def test_a_line_may_say_everything_or_the_least(write: Write) -> None:
    full = QUESTION | {
        "answers": ["Elle", 12],
        "type": "who",
        "set": "s",
        "group": "g",
        "grades": {"d": 3},
    }
    refused = {"id": "r", "question": "Où ?", "unanswerable": True}
    first, second = load_questions(write("mine/questions.jsonl", [full, refused]))
    assert (first.answers, first.kind, first.set, first.group) == (("Elle", "12"), "who", "s", "g")
    assert first.grades == (("d", 3),) and first.distance is None
    assert (second.answerable, second.distance, second.set) == (False, "other", "mine")


def test_a_corpus_keeps_days_and_leaves_bare_years_out(write: Write) -> None:
    rows: list[object] = [
        {"id": "a", "title": "A", "text": "Texte", "date": "31/12/2023", "kind": "report"},
        {"id": "b", "title": "B", "text": "Texte", "date": "2021"},
    ]
    first, second = load_corpus(write("corpus.jsonl", rows))
    assert (first.published, first.kind, second.published) == (
        date(2023, 12, 31),
        Kind.REPORT,
        None,
    )


def test_questions_without_a_corpus_go_to_the_one_that_holds_their_documents(write: Write) -> None:
    for name in ("one", "two"):
        write(f"{name}/corpus.jsonl", [{"id": f"{name}-d", "title": "T", "text": "Texte"}])
        row = {"id": "q", "question": "Qui ?", "relevant_ids": [f"{name}-d"]}
        folder = write(f"{name}/questions.jsonl", [row]).parents[1]
    write("lists/questions.jsonl", [{"id": "l", "question": "Liste", "relevant_ids": ["two-d"]}])
    found = {bench.name: [item.id for item in bench.items] for bench in benches(folder)}
    assert found == {"one": ["q"], "two": ["q", "l"]}


def test_questions_that_no_corpus_holds_are_refused(write: Write) -> None:
    write("one/corpus.jsonl", [{"id": "d", "title": "T", "text": "Texte"}])
    folder = write("lists/questions.jsonl", [QUESTION | {"relevant_ids": ["x"]}]).parents[1]
    with pytest.raises(InvalidValue, match="lists"):
        benches(folder)


def test_a_folder_without_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"corpus\.jsonl"):
        benches(tmp_path)
    with pytest.raises(SourceMissing):
        benches(tmp_path / "absent")


def test_the_shipped_questions_are_answerable_or_say_how_far_they_are() -> None:
    items = sample_questions()
    assert len(items) >= 100
    assert {item.distance for item in items} == {None, "near", "far"}
    assert all(item.gold for item in items if item.answerable)
    assert sample_bench().today is not None
