"""French words as terms, and the weights that they get."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.index.lexical import (
    sparse_document,
    sparse_query,
    sparse_whole,
    term_index,
    terms,
)
from vigie.index.stopwords import STOPWORDS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("l’association", "les associations"),
        ("œuvre", "oeuvres"),
        ("bénévole", "benevole"),
        ("l'activité financière", "activite financiere"),
        ("ÉCOLE", "école"),
        ("les adhérent·e·s", "un adhérent"),
        ("salarié(e)s", "salariés"),
        ("étudiant.e.s", "étudiants"),
        ("directeur·trice·s", "directeur"),
        ("2 024", "2024"),
        ("2\u202f024 €", "2024 €"),
        ("1.250.000", "1 250 000"),
        ("12,4 %", "12.4%"),
        ("1 000,50", "1000.50"),
        ("l’E.S.S.", "ESS"),
        ("ess", "ESS"),
        ("coeur\u00ad s", "cœurs".replace("s", " s")),
    ],
)
def test_what_french_writes_in_several_ways_meets(one, other):
    assert set(terms(one)) & set(terms(other)) == set(terms(other))


def test_acronyms_stay_whole_and_capitals_still_meet_words():
    assert terms("L’OVAL") == ["oval"]
    assert "unes" in terms("UNES")
    assert set(terms("associations")) <= set(terms("LES ASSOCIATIONS"))


def test_numbers_stay_apart_when_only_a_year_precedes_them():
    assert terms("en 2024, 150 personnes")[:2] == ["2024", "150"]
    assert terms("2024 150") == ["2024", "150"]
    assert terms("le 12.05.2024") == ["12.05", "2024"]


def test_references_are_not_stemmed():
    assert terms("article L123-4 du 1er juin, CO₂") == ["articl", "l123", "4", "1er", "juin", "co2"]


def test_function_words_and_interrogatives_give_no_term():
    assert terms("Comment est-ce que nous l’aurions, et pourquoi ?") == terms("aurions")
    assert terms("   ") == []
    assert sparse_query("Qui est-ce ?").indices == ()


def test_stop_words_are_folded_and_in_lower_case():
    assert all(word.isascii() and word.islower() for word in STOPWORDS)
    assert not STOPWORDS & {"sans", "contre", "hors"}


def test_a_title_is_a_field_with_a_length_of_its_own():
    def weight(title: str) -> float:
        vector = sparse_document("La subvention finance le projet.", 50, title=title)
        return dict(zip(vector.indices, vector.values, strict=True))[term_index("subvention")]

    assert weight("Subvention") > weight("Subvention aux projets des associations rurales")
    assert weight("Subvention aux projets des associations rurales") > weight("")
    assert term_index("bilan") in sparse_document("x", 50, headings=("Bilan",)).indices


def test_a_document_s_title_counts_in_it_and_its_length_dilutes_it():
    def weight(text: str, title: str = "") -> float:
        vector = sparse_whole(text, title)
        return dict(zip(vector.indices, vector.values, strict=True))[term_index("don")]

    assert weight("don", "Les dons") > weight("don don")
    assert weight("don " + "projet " * 300) < weight("don")


def test_terms_that_a_question_means_never_outweigh_those_it_has():
    vector = sparse_query("le don", {"don": 0.4, "mecenat": 0.4})
    weights = dict(zip(vector.indices, vector.values, strict=True))
    assert weights == {term_index("don"): 1.0, term_index("mecenat"): 0.4}


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("bénévoles", "benevol"),
        ("financer", "financ"),
        ("finance", "financ"),
        ("régionaux", "regional"),
        ("bureaux", "bureau"),
        ("dons", "don"),
        ("bus", "bus"),
    ],
)
def test_a_word_loses_number_gender_and_infinitive_only(word, stem):
    assert terms(word) == [stem]


def test_a_repeated_word_counts_less_each_time_and_a_long_text_dilutes():
    def weight(text: str) -> float:
        vector = sparse_document(text, 10)
        return dict(zip(vector.indices, vector.values, strict=True))[term_index("don")]

    assert weight("don") < weight("don don") < 2 * weight("don")
    assert weight("don " + "projet " * 30) < weight("don")


def test_hashes_never_change():
    assert term_index("associ") == 709401572


@given(st.text())
def test_any_text_gives_distinct_indices_and_positive_weights(text):
    vector = sparse_document(text, 50)
    assert len(set(vector.indices)) == len(vector.indices)
    assert all(value > 0 for value in vector.values)
    assert set(sparse_query(text).indices) == set(vector.indices)
