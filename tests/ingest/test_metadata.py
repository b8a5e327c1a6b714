"""Bylines, dates, titles and language, as French sites and files write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.ingest.metadata import (
    Byline,
    bare_title,
    clean_author,
    guess_language,
    merge_bylines,
    organisation,
    parse_date,
    read_byline,
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1er septembre 2023", date(2023, 9, 1)),
        ("03/09/2026", date(2026, 9, 3)),
        ("12.04.22", date(2022, 4, 12)),
        ("12-04-99", date(1999, 4, 12)),
        ("2024-03-05", date(2024, 3, 5)),
        ("2021-03-17T12:32:00.000+01:00", date(2021, 3, 17)),
        ("12 sept. 2024", date(2024, 9, 12)),
        ("Jeudi 4 avril 2024", date(2024, 4, 4)),
        ("le 17 mars 2021 à 12h32", date(2021, 3, 17)),
        ("17\u00a0MARS 2021", date(2021, 3, 17)),
        ("5 fevrier 2020", date(2020, 2, 5)),
        ("Wed, 17 Mar 2021 12:32:00 +0000", date(2021, 3, 17)),
        ("March 17, 2021", date(2021, 3, 17)),
    ],
)
def test_a_date_is_read_however_it_is_written(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "sept. 2024",
        "31/02/2024",
        "05/23/2023",
        "du 1er mars au 30 juin 2024",
        "1 9 2024",
    ],
)
def test_what_is_no_single_day_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_a_month_is_its_first_day_when_asked() -> None:
    assert parse_date("sept. 2024", month_as_first_day=True) == date(2024, 9, 1)
    assert parse_date("Juin 2023", month_as_first_day=True) == date(2023, 6, 1)
    assert parse_date("2023", month_as_first_day=True) is None


@pytest.mark.parametrize(
    ("line", "author", "published", "modified"),
    [
        (
            "Par Rédaction INFO – Publié le 17 mars 2021 – 12:32 – Mise à jour le 18 mars 2021"
            " - 9:10",
            "Rédaction INFO",
            date(2021, 3, 17),
            date(2021, 3, 18),
        ),
        ("Publié le 3 mai 2023 par Jean Dupont", "Jean Dupont", date(2023, 5, 3), None),
        ("Publié par Jean Dupont le 3 mai 2023", "Jean Dupont", date(2023, 5, 3), None),
        ("Mis à jour : 12/04/2022", None, None, date(2022, 4, 12)),
        ("Par Marie Durand, le 1er juin 2022 à 10h", "Marie Durand", date(2022, 6, 1), None),
        ("Le 3 mai 2023 — Rédigé par Marie Durand", "Marie Durand", date(2023, 5, 3), None),
        (
            "Marie Durand, le jeudi 8 octobre 2026 (actualisé le vendredi 9 octobre 2026)",
            "Marie Durand",
            date(2026, 10, 8),
            date(2026, 10, 9),
        ),
        (
            "Par Jean Dupont et Anne-Marie Le Goff, journalistes • Publié le 03/09/2026 à 18 h 30"
            " • 4 min de lecture",
            "Jean Dupont et Anne-Marie Le Goff",
            date(2026, 9, 3),
            None,
        ),
        (
            "Publié le 7 juin 2023 par Awa Diallo · Mis à jour le 08.06.2023"
            " · Temps de lecture : 3 min",
            "Awa Diallo",
            date(2023, 6, 7),
            date(2023, 6, 8),
        ),
        ("Actualités | Par Jean Dupont | 3 mai 2023", "Jean Dupont", date(2023, 5, 3), None),
        ("Date de publication : 12 septembre 2024", None, date(2024, 9, 12), None),
        ("By Jane Doe | March 17, 2021", "Jane Doe", date(2021, 3, 17), None),
        (
            "Published on 17 March 2021, updated 3 April 2021",
            None,
            date(2021, 3, 17),
            date(2021, 4, 3),
        ),
        ("Auteur : Jean Dupont", "Jean Dupont", None, None),
        ("Par Jean Dupont", "Jean Dupont", None, None),
        ("3 mai 2023", None, date(2023, 5, 3), None),
    ],
)
def test_a_byline_says_who_and_when(
    line: str, author: str | None, published: date | None, modified: date | None
) -> None:
    found = read_byline(line)
    assert found is not None
    assert (found.author, found.published, found.modified) == (author, published, modified)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Par ailleurs, le 3 mai 2023",
        "Par décret du 3 mai 2023",
        "Le projet a été publié le 3 mai 2023.",
        "Par M. Dupont, ministre, le projet avance",
        "Par 12 voix contre 3",
        "Le 3 mai 2023",
        "Réunion du 3 mai 2023",
        "La Rochelle, le 3 mai 2023",
        "Mise à jour du 8 janvier 2025 : le plafond est porté à dix.",
    ],
)
def test_a_sentence_with_a_date_or_a_name_is_no_byline(line: str) -> None:
    assert read_byline(line) is None


@given(st.text(alphabet="Par leÀA12/ –|,.:hmai2023", max_size=230))
def test_no_line_takes_long_or_raises(line: str) -> None:
    read_byline(line)
    parse_date(line)
    bare_title(line, "site")


def test_an_organisation_that_signs_is_the_publisher() -> None:
    found = read_byline("Par Fondation Clairval - Publié le 2 février 2024")
    assert found == Byline("Fondation Clairval", "Fondation Clairval", date(2024, 2, 2))
    assert organisation("OVAL") == "OVAL"
    assert organisation("Marie Durand") is None
    assert organisation(None) is None


def test_two_lines_of_byline_make_one() -> None:
    first, second = Byline(author="A"), Byline(author="B", published=date(2024, 1, 1))
    assert merge_bylines(first, second) == Byline(author="A", published=date(2024, 1, 1))
    assert merge_bylines(None, second) == second


@pytest.mark.parametrize(
    ("title", "sites", "bare"),
    [
        ("Le fonds renaît | Passerelle", (), "Le fonds renaît"),
        ("Le fonds renaît – Réseau Alvéole", ("Réseau Alvéole",), "Le fonds renaît"),
        ("Le fonds renaît - Réseau Alvéole", ("www.reseau-alveole.example",), "Le fonds renaît"),
        (
            "Les plans (PST) | site.example | Ministère de la Vie",
            ("site.example",),
            "Les plans (PST)",
        ),
        ("Appel à projets – Numérique", (), "Appel à projets – Numérique"),
        ("Machines | Un guide pour les modifier", (), "Machines | Un guide pour les modifier"),
        ("", ("x",), ""),
    ],
)
def test_the_name_of_the_site_leaves_the_title(
    title: str, sites: tuple[str, ...], bare: str
) -> None:
    assert bare_title(title, *sites) == bare


def test_an_author_loses_the_word_before_the_name() -> None:
    assert clean_author("Par  Stefan Häne") == "Stefan Häne"
    assert clean_author("Auteur : Anna K.") == "Anna K."
    assert clean_author("Parfait Léon") == "Parfait Léon"
    assert clean_author(" ") is None


def test_the_language_is_guessed_from_its_small_words_or_not_at_all() -> None:
    assert guess_language("Le fonds aide les associations qui en ont besoin.") == "fr"
    assert guess_language("The fund helps those in need of it and is open to all.") == "en"
    assert guess_language("418") is None
