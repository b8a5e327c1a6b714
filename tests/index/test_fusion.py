"""Scores of all sides fused."""

from hypothesis import given
from hypothesis import strategies as st

from vigie.index.fusion import Found, capped, fuse
from vigie.index.ranking import Ranking

chunks = st.sampled_from("abcdefgh")
scores = st.dictionaries(chunks, st.floats(0.01, 30))
cosines = st.dictionaries(chunks, st.floats(-1, 1))

TWO_SIDES = Ranking(document=0, titles=0)


def found(lexical: dict[str, float], dense: dict[str, float], **more: dict[str, float]) -> Found:
    """Chunks each of a document of its own, named in capitals."""
    documents = {chunk: chunk.upper() for chunk in (*lexical, *dense)}
    return Found(documents, lexical, dense, **more)


def order(lexical: dict[str, float], dense: dict[str, float]) -> list[str]:
    return [chunk for chunk, _ in fuse(found(lexical, dense), TWO_SIDES)]


def test_what_both_sides_find_comes_before_what_one_finds():
    assert order({"a": 4.0, "b": 4.0}, {"b": 0.8, "c": 0.7}) == ["b", "a", "c"]


def test_a_clear_lexical_lead_outweighs_a_small_difference_of_cosine():
    assert order({"a": 20.0, "b": 8.0}, {"a": 0.40, "b": 0.45})[0] == "a"


def test_a_clear_difference_of_cosine_decides_between_near_lexical_scores():
    assert order({"a": 10.0, "b": 9.5}, {"a": 0.1, "b": 0.7})[0] == "b"


def test_what_the_dense_side_did_not_find_counts_as_its_last():
    fused = dict(fuse(found({"a": 5.0}, {"b": 0.6, "c": 0.2}), TWO_SIDES))
    assert fused["a"] == 1.0 + 0.5 * 0.2


def test_one_side_alone_keeps_its_order():
    assert order({"a": 1.0, "b": 3.0}, {}) == ["b", "a"]
    assert order({}, {"a": 0.1, "b": 0.3}) == ["b", "a"]
    assert fuse(Found({}), TWO_SIDES) == []


def test_the_words_of_the_whole_document_and_its_title_decide_between_equal_chunks():
    equal = {"a": 5.0, "b": 5.0}
    by_words = found(equal, {}, document={"B": 1.0})
    by_title = found(equal, {}, title={"A": 0.1, "B": 0.6})
    for sides in (by_words, by_title):
        assert [chunk for chunk, _ in fuse(sides, Ranking())] == ["b", "a"]


def test_a_weight_of_zero_leaves_a_side_out():
    sides = found({"a": 5.0}, {"b": 0.9}, document={"B": 50.0}, title={"B": 0.9})
    ranked = fuse(sides, Ranking(dense=0, document=0, titles=0))
    assert ranked == [("a", 1.0), ("b", 0.0)]


def test_a_document_at_its_cap_gives_place_and_comes_back_at_the_end():
    ranked = [("a1", 5.0), ("a2", 4.0), ("a3", 3.0), ("b1", 2.0)]
    documents = {chunk: chunk[0] for chunk, _ in ranked}
    assert capped(ranked, documents, 0) == ranked
    assert [chunk for chunk, _ in capped(ranked, documents, 1)] == ["a1", "b1", "a2", "a3"]
    assert [chunk for chunk, _ in capped(ranked, documents, 2)] == ["a1", "a2", "b1", "a3"]


@given(scores, cosines, st.integers(0, 3))
def test_everything_found_is_kept_once(lexical, dense, most):
    sides = found(lexical, dense)
    ranked = [chunk for chunk, _ in capped(fuse(sides, Ranking()), sides.documents, most)]
    assert len(ranked) == len(set(ranked))
    assert set(ranked) == set(lexical) | set(dense)
