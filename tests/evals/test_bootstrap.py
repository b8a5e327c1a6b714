"""Intervals: known cases, and how often they hold the truth."""

import numpy as np
import pytest

from vigie.evals.bootstrap import difference, interval


def test_a_constant_has_no_width() -> None:
    found = interval([0.5] * 40)
    assert (found.mean, found.low, found.high, found.units) == (0.5, 0.5, 0.5, 40)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_questions_that_all_ended_alike_are_no_certainty(value: float) -> None:
    few, many = (interval([value] * count) for count in (5, 500))
    assert few.high - few.low == pytest.approx(0.434, abs=0.01)
    assert many.high - many.low < 0.01
    assert difference({"a": value, "b": value}, {"a": value, "b": value}).high == 0


def test_no_value_gives_an_interval_over_nothing() -> None:
    found = interval([])
    assert found.units == 0 and not found.apart_from_zero


def test_the_width_of_a_share_is_that_of_the_textbook() -> None:
    values = [1.0] * 60 + [0.0] * 40
    found = interval(values)
    half = 1.96 * np.sqrt(0.6 * 0.4 / 100)
    assert found.low == pytest.approx(0.6 - half, abs=0.015)
    assert found.high == pytest.approx(0.6 + half, abs=0.015)


def test_the_same_values_give_the_same_bounds() -> None:
    values = list(np.random.default_rng(1).random(50))
    assert interval(values) == interval(values)


def test_about_95_intervals_of_a_hundred_hold_the_true_mean() -> None:
    generator = np.random.default_rng(7)
    held = 0
    for _ in range(100):
        found = interval(list((generator.random(60) < 0.3).astype(float)))
        held += found.low <= 0.3 <= found.high
    assert 88 <= held <= 100


def test_pairing_shows_a_small_gain_that_two_separate_intervals_hide() -> None:
    generator = np.random.default_rng(3)
    before = {str(key): float(value) for key, value in enumerate(generator.random(80))}
    after = {key: value + 0.02 for key, value in before.items()}
    assert interval(list(before.values())).high > interval(list(after.values())).low
    found = difference(before, after)
    assert found.mean == pytest.approx(0.02) and found.apart_from_zero


def test_a_handful_of_questions_never_tells_two_systems_apart() -> None:
    for count, told in ((5, False), (6, True)):
        before = {str(key): 0.0 for key in range(count)}
        assert difference(before, dict.fromkeys(before, 1.0)).apart_from_zero is told


def test_only_what_both_sides_measured_is_compared() -> None:
    assert difference({"a": 0.0, "b": 1.0}, {"b": 0.0, "c": 1.0}).units == 1
