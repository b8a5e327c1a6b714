"""Whether to answer at all."""

import pytest

from vigie.assistant import abstention
from vigie.assistant.answers import Confidence
from vigie.assistant.logistic import Logistic, fit, load
from vigie.assistant.questions import understand


def test_every_coefficient_belongs_to_a_feature():
    for model in load("abstention_model").values():
        assert set(model.weights) <= set(abstention.FEATURES)


def test_a_model_is_given_for_any_embedder():
    assert abstention.ANY_EMBEDDER in load("abstention_model")


def test_nothing_chosen_is_nothing_to_say(make_world):
    question = understand("Qui préside le réseau ?")
    from vigie.assistant.extraction.extractive import NOTHING

    found = abstention.features(question, (), NOTHING)
    assert set(found) == set(abstention.FEATURES)
    assert abstention.abstains(abstention.score(found, "demo"))


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.95, Confidence.HIGH), (0.6, Confidence.MEDIUM), (0.46, Confidence.LOW)],
)
def test_the_probability_is_told_in_words(probability, words):
    assert abstention.confidence(probability) is words
    assert not abstention.abstains(probability)


def test_the_fit_finds_the_feature_that_tells_right_from_wrong():
    rows = [{"telling": float(i % 2), "noise": float(i % 3)} for i in range(60)]
    model = fit(rows, [i % 2 == 1 for i in range(60)], ["telling", "noise"])
    assert model.weights["telling"] > 2
    assert abs(model.weights["noise"]) < 0.5
    assert model.probability({"telling": 1.0}) > 0.8 > 0.2 > model.probability({})


def test_a_feature_without_coefficient_counts_for_nothing():
    model = Logistic(0.0, {"known": 1.0})
    assert model.probability({"unknown": 9.0}) == 0.5
