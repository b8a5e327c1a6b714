"""Markdown becomes light Markdown, and its front matter metadata."""

import time
from datetime import date

import pytest

from vigie.ingest.documents import Kind
from vigie.ingest.readers.markdown import read
from vigie.ingest.readers.reading import Reading

PAGE = """---
titre: "Le fonds renaît"
auteur: Par Marie Durand
éditeur: Réseau Alvéole
date: 2024-05-03 06:30
mise à jour: 12/06/2024
lang: fr-FR
url: https://alveole.example/fonds
kind: report
---
# Le fonds renaît

Un **fonds** [local](https://x.example), `418` associations<br>et plus.

Section
-------

* un
  + deux
1. trois

> Une citation.

| Nom | Montant |
|-----|--------:|
| A   | *12* €  |

![logo](logo.png)

### Suite
"""


def from_text(text: str) -> Reading:
    return read(text.encode(), "page.md")


def test_markdown_loses_its_inline_markup_and_keeps_its_structure() -> None:
    assert from_text(PAGE).text == (
        "Un fonds local, 418 associations\net plus.\n\n## Section\n\n- un\n- deux\n- trois\n\n"
        "Une citation.\n\n| Nom | Montant |\n| --- | --- |\n| A | 12 € |\n\n### Suite"
    )


def test_front_matter_is_metadata_in_both_languages() -> None:
    found = from_text(PAGE)
    assert found.title == "Le fonds renaît"
    assert (found.author, found.publisher) == ("Marie Durand", "Réseau Alvéole")
    assert (found.published, found.modified) == (date(2024, 5, 3), date(2024, 6, 12))
    assert (found.language, found.kind) == ("fr", Kind.REPORT)
    assert found.url == "https://alveole.example/fonds"


def test_without_front_matter_the_first_heading_is_the_title_and_leaves_the_text() -> None:
    found = from_text("# Un titre\n\nUn texte.")
    assert (found.title, found.text) == ("Un titre", "Un texte.")


def test_a_section_heading_is_no_title() -> None:
    found = from_text("## Contexte\n\nUn texte.")
    assert (found.title, found.text) == (None, "## Contexte\n\nUn texte.")


@pytest.mark.parametrize("matter", ["a: &x [1]\nb: *x", "- une liste", "a: [", "texte seul"])
def test_front_matter_that_cannot_be_used_is_text(matter: str) -> None:
    found = from_text(f"---\n{matter}\n---\n\nLe corps du texte.")
    assert found.title is None
    assert "Le corps du texte." in found.text


def test_windows_bytes_are_read() -> None:
    assert read("# Été\n\nDéjà là.".encode("cp1252"), "x.md").text == "Déjà là."


def test_nothing_gives_nothing() -> None:
    assert read(b"", "vide.md") == Reading(text="")


@pytest.mark.parametrize("piece", ["> ", "*a ", "[", "`", "- ", "mot ", "<div>"])
def test_a_long_run_of_anything_takes_seconds(piece: str) -> None:
    start = time.process_time()
    from_text((piece * 100_000)[:100_000])
    assert time.process_time() - start < 15
