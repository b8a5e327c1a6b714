"""Rankings fused by rank."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.index.fusion import fuse

rankings = st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), min_size=1, max_size=3)


def test_what_both_sides_find_comes_before_what_one_finds():
    assert [found for found, _ in fuse([["a", "b"], ["b", "c"]], [1, 1])] == ["b", "a", "c"]


def test_the_heavier_side_decides_between_equal_ranks():
    assert fuse([["a"], ["b"]], [0.5, 1])[0][0] == "b"


def test_equal_scores_keep_the_order_of_the_first_ranking():
    assert [found for found, _ in fuse([["a"], ["b"]], [1, 1])] == ["a", "b"]


def test_nothing_found_gives_nothing():
    assert fuse([], []) == []
    assert fuse([[], []], [1, 1]) == []


@given(rankings)
def test_one_ranking_repeated_keeps_its_order(given_rankings):
    ranking = given_rankings[0]
    assert [found for found, _ in fuse([ranking, ranking], [1, 2])] == ranking


@given(rankings)
def test_everything_found_is_kept_once(given_rankings):
    fused = [found for found, _ in fuse(given_rankings, [1] * len(given_rankings))]
    assert len(fused) == len(set(fused))
    assert set(fused) == {found for ranking in given_rankings for found in ranking}
