"""Measures against values computed by hand."""

import math

import pytest

from vigie.evals.metrics import (
    abstention_curve,
    contains_answer,
    f1,
    mean,
    normalised,
    percentile,
    ranking,
)


def test_ranking_measures_agree_with_paper_and_pencil() -> None:
    qrels = {"q": {"a": 1, "b": 1}}
    found = ranking(qrels, {}, {"q": ["x", "a", "y", "b"]})["q"]
    assert (found["hit@1"], found["hit@5"], found["recall@10"]) == (0, 1, 1)
    assert found["mrr@10"] == 0.5
    assert found["rprec"] == 0.5
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    assert found["ndcg@10"] == pytest.approx(gained / (1 + 1 / math.log2(3)))


def test_grades_weigh_in_ndcg_and_nowhere_else() -> None:
    qrels, grades = {"q": {"a": 1}}, {"q": {"a": 5, "b": 2}}
    found = ranking(qrels, grades, {"q": ["b", "a"]})["q"]
    assert found["hit@1"] == 0
    best = 5 + 2 / math.log2(3)
    assert found["ndcg@10"] == pytest.approx((2 + 5 / math.log2(3)) / best)


def test_a_question_without_anything_found_counts_zero_and_one_without_gold_does_not_count() -> (
    None
):
    found = ranking({"q": {"a": 1}, "none": {}}, {}, {"none": ["a"]})
    assert found.keys() == {"q"}
    assert set(found["q"].values()) == {0.0}


def test_only_the_first_ten_count_at_ten() -> None:
    documents = [f"d{number}" for number in range(11)]
    found = ranking({"q": {"d10": 1}}, {}, {"q": documents})["q"]
    assert found["hit@10"] == found["recall@10"] == found["mrr@10"] == found["ndcg@10"] == 0


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile([4, 1, 3, 2], 0.95) == 4
    assert percentile([], 0.5) == 0
    assert mean([]) == 0


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("L’aide va de 3 000 à 15 000 €.", "3 000 à 15 000 €"),
        ("Créé par l'Œuvre des écoles", "œuvre des Écoles"),
        ("3,1 % des associations", "3,1 %"),
    ],
)
def test_an_answer_is_found_whatever_its_accents_case_and_signs(text: str, answer: str) -> None:
    assert contains_answer(text, [answer])


def test_an_answer_is_not_found_inside_a_longer_number_or_word() -> None:
    assert not contains_answer("Il y en a 342.", ["34"])
    assert not contains_answer("Trente associations", ["association"])
    assert normalised("Été, 2020 !") == "ete 2020"


def test_f1_of_sets() -> None:
    assert f1(frozenset("ab"), frozenset("bc")) == 0.5
    assert f1(frozenset(), frozenset("a")) == 0
    assert f1(frozenset(), frozenset()) == 1


def test_the_abstention_curve_counts_what_each_threshold_would_refuse() -> None:
    outcomes = [(None, 0.9), (None, 0.3), ("near", 0.5), ("far", 0.1)]
    low, middle, high = abstention_curve(outcomes, [0.0, 0.4, 1.0])
    assert (low.false_refusals, low.refused) == (0, {"far": 0, "near": 0})
    assert (middle.false_refusals, middle.refused) == (0.5, {"far": 1, "near": 0})
    assert (high.false_refusals, high.refused) == (1, {"far": 1, "near": 1})
