"""Averages of runs made by hand."""

from collections.abc import Callable

from vigie.evals.record import Answered, Asked, Found
from vigie.evals.summary import (
    curve,
    flat,
    margin,
    measured,
    misses,
    rank,
    slices,
    systems,
    wrong_answers,
)

MakeAsked = Callable[..., Asked]
MakeAnswered = Callable[..., Answered]


def test_wordings_of_one_need_count_once(asked: MakeAsked) -> None:
    questions = [
        asked("a", 1.0, group="need"),
        asked("b", 0.0, group="need"),
        asked("c", 1.0),
    ]
    found = measured(questions, "hit@5")
    assert (found.mean, found.units) == (0.75, 2)


def test_the_same_need_named_in_two_sets_is_two_needs(asked: MakeAsked) -> None:
    questions = [asked("a", group="need"), asked("b", group="need", set="set-b")]
    assert measured(questions, "hit@5").units == 2


def test_titles_and_long_lists_are_left_out_of_the_whole(asked: MakeAsked) -> None:
    questions = [asked("a", 1.0), asked("b", 0.0, kind="faq_title", set="titles")]
    parts = {(part.by, part.name): len(part.questions) for part in slices(questions)}
    assert parts == {
        ("all", ""): 1,
        ("set", "set-a"): 1,
        ("set", "titles"): 1,
        ("kind", "fact"): 1,
        ("kind", "faq_title"): 1,
    }
    found = flat(questions)
    assert (found["hit@5"], found["titles/hit@5"], found["questions"]) == (1, 0, 2)


def test_a_run_of_titles_alone_still_has_a_whole(asked: MakeAsked) -> None:
    assert flat([asked("a", 1.0, kind="faq_title")])["hit@5"] == 1


def test_a_margin_is_paired_and_counts_for_us(asked: MakeAsked) -> None:
    ours = Found(("good",), (), {"hit@5": 1.0})
    theirs = Found(("other",), (), {"hit@5": 0.0})
    questions = [asked(str(n), found={"vigie": ours, "bm25": theirs}) for n in range(3)]
    assert systems(questions) == ("vigie", "bm25")
    assert margin(questions, "hit@5", "bm25").mean == 1.0


def test_misses_come_worst_first_and_those_that_others_found_before(asked: MakeAsked) -> None:
    def one(name: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Asked:
        found = {"vigie": Found(ours, (), {}), "bm25": Found(theirs, (), {})}
        return asked(name, found=found)

    questions = [
        one("first", ("good",), ("good",)),
        one("second", ("x", "good"), ("good",)),
        one("nobody", ("x",), ("y",)),
        one("others", ("x",), ("good",)),
        asked("none", relevant=(), distance="far"),
    ]
    assert [question.id for question in misses(questions)] == [
        "bench/others",
        "bench/nobody",
        "bench/second",
    ]
    assert (rank(questions[1]), rank(questions[2])) == (2, None)


def test_wrong_answers_are_of_three_sorts(asked: MakeAsked, answered: MakeAnswered) -> None:
    questions = [
        asked("right", answer=answered("extractive", 0.9, answer_recall=1.0)),
        asked("incomplete", answer=answered("extractive", 0.8, answer_recall=0.0)),
        asked("refused", answer=answered("abstention", 0.2)),
        asked("answered", relevant=(), distance="far", answer=answered("extractive", 0.6)),
        asked("rightly", relevant=(), distance="far", answer=answered("abstention", 0.1)),
    ]
    names = [question.id.removeprefix("bench/") for question in wrong_answers(questions)]
    assert names == ["incomplete", "answered", "refused"]


def test_the_curve_leaves_out_answers_without_a_probability(
    asked: MakeAsked, answered: MakeAnswered
) -> None:
    listed = asked("list", answer=answered("programmes", None))
    assert curve([listed]) == []
    found = curve([listed, asked("one", answer=answered("extractive", 0.42))])
    assert [one.at for one in found if one.false_refusals] == [
        one.at for one in found if one.at > 0.42
    ]


def test_times_are_told_by_stage_and_answers_by_their_processor_time(
    asked: MakeAsked, answered: MakeAnswered
) -> None:
    found = flat([asked("a", times={"search": 4.0}), asked("b", times={"search": 8.0})])
    assert (found["search_ms_p50"], found["search_ms_p95"]) == (4, 8)
    assert "answer_ms_p50" not in found and "answer_cpu_s" not in found
    assert (
        flat([asked("a", answer=answered("extractive", 0.5), cpu={"answer": 0.25})])["answer_cpu_s"]
        == 0.25
    )
