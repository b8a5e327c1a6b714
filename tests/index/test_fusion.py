"""Scores of both sides fused."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.index.fusion import fuse

sides = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 30))
cosines = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1))


def order(lexical: dict[str, float], dense: dict[str, float], weight: float = 0.5) -> list[str]:
    return [found for found, _ in fuse(lexical, dense, weight)]


def test_what_both_sides_find_comes_before_what_one_finds():
    assert order({"a": 4.0, "b": 4.0}, {"b": 0.8, "c": 0.7}) == ["b", "a", "c"]


def test_a_clear_lexical_lead_outweighs_a_small_difference_of_cosine():
    assert order({"a": 20.0, "b": 8.0}, {"a": 0.40, "b": 0.45})[0] == "a"


def test_a_clear_difference_of_cosine_decides_between_near_lexical_scores():
    assert order({"a": 10.0, "b": 9.5}, {"a": 0.1, "b": 0.7})[0] == "b"


def test_what_the_dense_side_did_not_find_counts_as_its_last():
    scores = dict(fuse({"a": 5.0}, {"b": 0.6, "c": 0.2}, 0.5))
    assert scores["a"] == 1.0 + 0.5 * 0.2


def test_one_side_alone_keeps_its_order():
    assert order({"a": 1.0, "b": 3.0}, {}) == ["b", "a"]
    assert order({}, {"a": 0.1, "b": 0.3}) == ["b", "a"]
    assert fuse({}, {}, 0.5) == []


@given(sides, cosines)
def test_everything_found_is_kept_once(lexical, dense):
    fused = order(lexical, dense)
    assert len(fused) == len(set(fused))
    assert set(fused) == set(lexical) | set(dense)
