"""Words typed wrong, and the nearest words of the corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.index.spelling import WORDS_KEPT, noted, one_edit, vocabulary

KNOWN = vocabulary([("subvention", 5), ("subventions", 2), ("association", 9), ("assurance", 3)])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("subvantion", "subvention"),
        ("subvntion", "subvention"),
        ("subvenntion", "subvention"),
        ("subvenetion", "subvention"),
        ("SUBVENTOIN", "subvention"),
        ("asociation", "association"),
    ],
)
def test_one_wrong_letter_is_put_right(typed, meant):
    assert KNOWN.corrections(f"une {typed} ?") == {typed.lower(): meant}


@pytest.mark.parametrize(
    "word", ["subvention", "zubvention", "subvanton", "assur", "associer", "12345678", "", "aux"]
)
def test_a_known_word_a_short_one_and_a_distant_one_stay(word):
    assert KNOWN.corrections(word) == {}


def test_among_near_words_the_one_of_most_documents_is_meant():
    near = vocabulary([("marchand", 1), ("marchant", 4)])
    assert near.corrections("marchan") == {"marchan": "marchant"}


def test_titles_headings_and_repeated_words_are_noted_once_and_the_others_not():
    text = "# Bénévolat\n\nLe bénévolat attire. Les retraités, oui, les retraités aussi.\n"
    assert noted("Associations", text) == ["associations", "benevolat", "retraites"]
    many = "\n".join(f"# {'abcdefghij'[n % 10] * 6}{'klmnopqrst'[n // 10]}" for n in range(100))
    assert len(noted("", many)) == WORDS_KEPT


words = st.text("abc", min_size=1, max_size=6)


@given(words, st.integers(0, 5), st.sampled_from("abc"))
def test_one_edit_is_one_in_both_directions(word, place, letter):
    place = min(place, len(word))
    for other in (word[:place] + letter + word[place:], word[:place] + letter + word[place + 1 :]):
        assert one_edit(word, other) == one_edit(other, word) == (word != other)


def test_an_exchange_of_neighbours_is_one_edit_and_two_are_two():
    assert one_edit("abcd", "acbd") and one_edit("abcd", "abdc")
    assert not one_edit("abcd", "acdb") and not one_edit("abcd", "badc")
