"""Acronyms mined from documents, and what they add to a question."""

import pytest

from vigie.index.acronyms import acronyms, mined

ESS = "ess = économie sociale et solidaire"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Le secteur de l’économie sociale et solidaire (ESS) progresse.", [ESS]),
        ("L’ESS (économie sociale et solidaire) progresse.", [ESS]),
        ("L'Espace économique européen (EEE).", ["eee = espace économique européen"]),
        (
            "la chambre de commerce et d'industrie (CCI)",
            ["cci = chambre de commerce et d industrie"],
        ),
        (
            "le salaire minimum de croissance (dit « SMIC »)",
            ["smic = salaire minimum de croissance"],
        ),
        ("des établissements publics locaux (EPLs)", ["epl = établissements publics locaux"]),
        ("Le fonds a été créé à Rennes (Bretagne).", []),
        ("une aide de l’État (voir ESS)", []),
        ("Il aide. Économie (ESS)", []),
        ("", []),
    ],
)
def test_a_form_in_brackets_is_paired_with_the_words_whose_initials_it_has(text, pairs):
    assert mined(text) == pairs


def test_a_pair_counts_once_in_a_document_whatever_its_endings():
    text = "Un contrat aidé spécial (CAS). Des contrats aidés spéciaux (CAS)."
    assert mined(text) == ["cas = contrat aidé spécial"]


def added(text: str, *pairs: tuple[str, int]) -> dict[str, float]:
    return acronyms(pairs or [(ESS, 2)]).added(text, 0.4, 0.6)


def test_an_acronym_asks_for_its_long_form_and_the_long_form_for_its_acronym():
    assert added("les acteurs de l’ESS") == dict.fromkeys(("economi", "social", "solidair"), 0.4)
    assert added("les acteurs de l'ess") == added("LES ACTEURS DE L’ESS") == added("ESS")
    assert added("économie sociale et solidaire") == {"ess": 0.6}
    assert added("une économie vraiment solidaire et sociale") == {"ess": 0.6}
    assert added("une économie solidaire") == {}


def test_what_one_document_alone_says_adds_nothing():
    assert added("ESS", (ESS, 1)) == {}
    two = (ESS, 1), ("ess = économies sociales et solidaires", 1)
    assert added("économie sociale et solidaire", *two) == {"ess": 0.6}


def test_a_rare_form_beside_a_usual_one_is_left_out():
    pairs = ("ars = agence régionale de santé", 20), ("ars = allocation de rentrée scolaire", 2)
    assert set(added("ARS", *pairs)) == {"agenc", "regional", "sante"}


def test_a_word_of_every_day_is_an_acronym_in_capitals_only():
    ami = ("ami = appel à manifestation d intérêt", 3)
    assert added("un ami m’a parlé de vous", ami) == {}
    assert added("UN AMI M’A PARLÉ DE VOUS", ami) == {}
    assert "manifestation" in added("répondre à un AMI", ami)


def test_a_weight_of_zero_adds_nothing():
    known = acronyms([(ESS, 2)])
    assert known.added("ESS", 0, 0.6) == {}
    assert known.added("économie sociale et solidaire", 0.4, 0) == {}
