"""Plain text stays as it is; a page saved as text loses its navigation and nothing else."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from vigie.ingest.readers.reading import Reading
from vigie.ingest.readers.text import read

CORPUS = Path(__file__).parents[2] / "evals" / "data"

FIRST = (
    "La Fondation Clairval a annoncé mercredi 17 mars le lancement d’un appel à projets doté de"
    " 300 000 euros, ouvert aux associations de moins de dix salariés."
)
SECOND = (
    "Les associations peuvent candidater en ligne, et « les lauréates seront connues en juin »,"
    " précise la fondation. L’art. L. 123-4 du code s’applique."
)
SAVED = f"""Aller au contenu principal
Recevoir les news Tous les articles de l'acteur
La Fondation Clairval ouvre un appel à projets pour l’inclusion
Par Rédaction INFO – Publié le 17 mars 2021 – 12:32 – Mise à jour le 18 mars 2021 – 10:00

{FIRST}

Un appel ouvert jusqu’au 30 avril

{SECOND}

- des ateliers
- des équipements

Lire aussi : Le mécénat en hausse

Fermer
Cliquez pour vous inscrire à nos Newsletters
La Quotidienne
L'hebdo Entreprise, fondation, partenaire
L'hebdo Grand Public
Fermer
"""


def from_text(text: str) -> Reading:
    return read(text.encode(), "page.txt")


def test_a_saved_article_loses_its_navigation_and_keeps_its_body() -> None:
    body = f"{FIRST}\n\n## Un appel ouvert jusqu’au 30 avril\n\n{SECOND}\n\n- des ateliers\n"
    assert from_text(SAVED).text == f"{body}- des équipements"


def test_the_byline_of_a_saved_article_becomes_metadata() -> None:
    found = from_text(SAVED)
    assert found.title == "La Fondation Clairval ouvre un appel à projets pour l’inclusion"
    assert (found.author, found.language) == ("Rédaction INFO", "fr")
    assert (found.published, found.modified) == (date(2021, 3, 17), date(2021, 3, 18))


@pytest.mark.parametrize("name", ["fil-mayotte-toits", "gazette-cinema-associatif"])
def test_the_saved_pages_of_the_sample_corpus_give_back_what_was_written(name: str) -> None:
    source = (CORPUS / "authoring" / "articles" / f"{name}.md").read_text("utf-8")
    _, front, body = source.split("---\n", 2)
    written = yaml.safe_load(front)
    found = read((CORPUS / "corpus" / "articles" / f"{name}.txt").read_bytes(), name)
    assert found.text == f"{written['summary']}\n\n{body.strip()}"
    assert (found.title, found.author) == (written["title"], written["author"])
    assert str(found.published) == str(written["published"])[:10]
    assert found.publisher is not None


def test_the_encoding_does_not_matter() -> None:
    assert read(SAVED.encode("cp1252"), "page.txt") == from_text(SAVED)


def test_a_note_keeps_every_line_and_takes_its_first_as_title() -> None:
    note = "Compte rendu du 3 mai\n\nPrésents : Jean, Marie.\nMenu\nLe bureau reporte l’assemblée."
    found = from_text(note)
    assert found.text == note
    assert found.title == "Compte rendu du 3 mai"
    assert found.published is None


def test_a_letter_has_no_title() -> None:
    assert from_text("Bonjour,\n\nMerci de votre envoi.").title is None


def test_author_and_dates_on_lines_of_their_own_are_one_byline() -> None:
    found = from_text(f"Un titre d’article\nPublié le 3 mai 2023\nPar Jean Dupont\n\n{FIRST}")
    assert (found.title, found.author) == ("Un titre d’article", "Jean Dupont")
    assert found.published == date(2023, 5, 3)
    assert found.text == FIRST


def test_a_byline_saved_in_pieces_is_one_byline() -> None:
    pieces = (
        "Par\nRédaction INFO\n-\nPublié le 17 mars 2021\n- 12:32\n-\nMise à jour le 18 mars 2021"
    )
    found = from_text(f"Un titre d’article\n{pieces}\n\n{FIRST}")
    assert (found.title, found.author) == ("Un titre d’article", "Rédaction INFO")
    assert (found.published, found.modified) == (date(2021, 3, 17), date(2021, 3, 18))
    assert found.text == FIRST


def test_the_title_loses_the_name_of_the_site_and_stands_nowhere_twice() -> None:
    title = "La Fondation Clairval ouvre un appel à projets"
    saved = (
        f"{title} | La Gazette\nMenu\nDons et legs\n{title}\nPar Jean Dupont – 3 mai 2023\n{FIRST}"
    )
    found = from_text(f"{saved}\nUn intertitre sans point\n{SECOND}\n© 2023 La Gazette")
    assert (found.title, found.publisher) == (title, "La Gazette")
    assert found.text == f"{FIRST}\n## Un intertitre sans point\n{SECOND}"


def test_the_site_and_the_address_are_read_from_their_lines() -> None:
    found = from_text(
        f"{SAVED}\nhttps://gazette.example/appel\n© 2021 La Gazette. Tous droits réservés."
    )
    assert (found.publisher, found.url) == ("La Gazette", "https://gazette.example/appel")


@pytest.mark.parametrize(
    "line",
    [
        "12 rue de la Paix, 59000 Lille",
        "contact@alveole.example",
        "Une ligne qui finit par deux-points :",
        "une ligne sans majuscule",
        "Tél 03 20 00 00 00",
        "3 mai 2023",
        "2023",
    ],
)
def test_a_short_line_that_may_be_anything_is_no_heading(line: str) -> None:
    assert "##" not in from_text(f"{FIRST}\n\n{line}\n\n{SECOND}").text


def test_the_last_line_of_a_wrapped_paragraph_is_no_heading() -> None:
    wrapped = f"{FIRST}\n\nLe fonds est ouvert\nà toutes les associations\n\n{SECOND}"
    assert from_text(wrapped).text == wrapped


def test_a_later_quotation_of_a_byline_stays() -> None:
    text = f"Un titre\n\n{FIRST}\n\nPar Jean Dupont\n\n{SECOND}"
    assert "Par Jean Dupont" in from_text(text).text


def test_nothing_gives_nothing() -> None:
    assert read(b"", "vide.txt") == Reading(text="")
