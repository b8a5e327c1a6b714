"""Text loses what is not text, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.ingest.cleaning import (
    clean,
    heads_related,
    is_chrome,
    one_line,
    repair_pdf_text,
    strip_running_lines,
    table_rows,
)


def test_typographic_spaces_stay_and_control_characters_go() -> None:
    assert clean("12\u202f000\u00a0€\x00\u200b \r\nsuite\x0c") == "12\u202f000\u00a0€\nsuite"


def test_accents_are_composed() -> None:
    assert clean("e\u0301te\u0301") == "été"


def test_bullets_become_list_markers() -> None:
    assert clean("• un\n\uf0b7 deux\n➢trois") == "- un\n- deux\n- trois"


def test_a_line_is_made_of_several_without_losing_hard_spaces() -> None:
    assert one_line(" a\n\t b\u00a0! ") == "a b\u00a0!"


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    "line",
    [
        "Aller au contenu principal",
        "Recevoir les news Tous les articles de l'acteur",
        "Cliquez pour vous inscrire à nos Newsletters",
        "L’hebdo Entreprise, fondation, partenaire",
        "L'Hebdo Grand PublicFermer",
        "Accueil > Actualités > Numérique",
        "Accueil | Mentions légales | Plan du site",
        "Facebook Twitter LinkedIn",
        "Partager sur Facebook",
        "Temps de lecture : 5 min",
        "À lire aussi : Le mécénat en hausse",
        "Tout accepter",
        "Nous utilisons des cookies pour mesurer l’audience de ce site et améliorer vos visites.",
        "© 2024 La Gazette. Tous droits réservés.",
        "12 réactions à cet article. Connectez-vous pour réagir.",
    ],
)
def test_page_furniture_is_recognised(line: str) -> None:
    assert is_chrome(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "En savoir plus :",
        "Accueil des nouveaux bénévoles",
        "Menu de la cantine solidaire",
        "Partager un local entre associations",
        "Recherche de mécènes",
        "Le partage sur Facebook a doublé en un an.",
        "Facebook finance un programme pour les associations.",
        "Nous publions la liste des lauréats.",
        "Contact",
        "12 partages de compétences ont eu lieu.",
    ],
)
def test_lines_of_text_that_begin_like_furniture_are_kept(line: str) -> None:
    assert not is_chrome(line)


def test_a_heading_over_links_is_told_from_a_heading() -> None:
    assert heads_related("Lire aussi")
    assert heads_related("Sur le même sujet :")
    assert not heads_related("Lire aussi entre les lignes du budget")


def test_rows_have_one_width_and_a_separator_under_the_header() -> None:
    rows = [["Nom", "Montant", ""], ["A|B", "1\u202f000\n€"], ["", ""], ["C"]]
    assert table_rows(rows).split("\n") == [
        "| Nom | Montant |",
        "| --- | --- |",
        "| A/B | 1\u202f000 € |",
        "| C |  |",
    ]
    assert table_rows([["", ""], []]) == ""


def test_words_cut_at_line_ends_are_joined_and_compounds_keep_their_hyphen() -> None:
    drawn = (
        "l’associa-\ntion peut-\nêtre en Hauts-de-\nFrance, pro\x02\njet, "
        "demi-\njournée, demi-journée"
    )
    assert repair_pdf_text(drawn) == (
        "l’association peut-être en Hauts-de-France, projet, demi-journée, demi-journée"
    )


def test_ligatures_and_spacing_accents_are_composed() -> None:
    drawn = "ﬁn, D´epˆots d´ej`a vers´es, aﬀaires"
    assert repair_pdf_text(drawn) == "fin, Dépôts déjà versés, affaires"


def test_running_titles_and_page_numbers_go_whatever_their_digits() -> None:
    pages = [f"Rapport 2024\nTexte {word}\nsuite {word}\n{n}/4" for n, word in enumerate("abcd", 1)]
    assert strip_running_lines(pages) == [f"Texte {word}\nsuite {word}" for word in "abcd"]
    assert strip_running_lines(pages[:2]) == pages[:2]
    assert strip_running_lines([]) == []


@pytest.mark.parametrize("piece", [" ", "a-\n", "- ", "\u00ad\n", "´", "facebook "])
def test_a_megabyte_of_anything_takes_seconds(piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    start = time.process_time()
    clean(f"x{text}x")
    repair_pdf_text(f"x{text}x")
    is_chrome(text[:300])
    assert time.process_time() - start < 10
