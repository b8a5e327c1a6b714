"""DOCX and ODT as light Markdown."""

import io
from datetime import date, datetime
from pathlib import Path

import docx
import pytest

from vigie.ingest.errors import EmptyDocument, UnreadableFile
from vigie.ingest.readers.office import light_markdown, read

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "files"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="third-party files are not here")


def saved(document: "docx.document.Document") -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.fixture
def guide() -> bytes:
    document = docx.Document()
    document.core_properties.created = datetime(2026, 2, 10, 9)
    document.core_properties.modified = datetime(2026, 2, 12, 9)
    document.add_heading("Guide de l’appel à projets", 1)
    paragraph = document.add_paragraph("Le fonds est ")
    paragraph.add_run("ouvert").bold = True
    paragraph.add_run(" jusqu’au 31 mars, « sans exception ».")
    document.add_heading("Pièces", 2)
    for item in ("les statuts ;", "le budget."):
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table.rows[0].cells, ("Poste", "Montant"), strict=True):
        cell.text = text
    for cell, text in zip(table.rows[1].cells, ("Loyer", "1 200 €"), strict=True):
        cell.text = text
    return saved(document)


def test_a_word_file_becomes_light_markdown(guide: bytes) -> None:
    assert read(guide, "guide.docx").text == (
        "# Guide de l’appel à projets\n\n"
        "Le fonds est ouvert jusqu’au 31 mars, « sans exception ».\n\n"
        "## Pièces\n\n"
        "- les statuts ;\n- le budget.\n\n"
        "| Poste | Montant |\n| --- | --- |\n| Loyer | 1 200 € |"
    )


def test_title_and_dates_are_those_of_the_file(guide: bytes) -> None:
    reading = read(guide, "guide.docx")
    assert reading.title == "Guide de l’appel à projets"
    assert (reading.published, reading.modified) == (date(2026, 2, 10), date(2026, 2, 12))


def test_the_date_of_a_template_is_no_date() -> None:
    document = docx.Document()
    document.add_paragraph("Une note sans date.")
    assert read(saved(document), "note.docx").published is None


def test_a_word_file_without_words_is_empty() -> None:
    with pytest.raises(EmptyDocument):
        read(saved(docx.Document()), "vide.docx")


def test_half_a_file_is_told_damaged(guide: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read(guide[: len(guide) // 2], "coupe.docx")


@pytest.mark.parametrize(
    ("markdown", "light"),
    [
        ("**Le *fonds* local** du 1^er^ mai", "Le fonds local du 1er mai"),
        (r"\- premier point", "- premier point"),
        ("1. d’abord\n2. ensuite", "- d’abord\n- ensuite"),
        ("Voir [le site](https://a.example/x_(y)).", "Voir le site."),
        ("![logo](media/image1.png)\n\nTexte[^2].\n\n[^2]: La note.", "Texte.\n\n2. La note."),
        (r"nom\_de\_champ et 3 \* 4", "nom_de_champ et 3 * 4"),
        ("A &amp; B\n\n---\n\nC", "A & B\n\nC"),
        (r"| a \| b | c |" + "\n|---|---|\n| d | **e** |", None),
    ],
)
def test_inline_markup_is_left_out(markdown: str, light: str | None) -> None:
    text = light_markdown(markdown)
    assert text == light if light is not None else "| d | e |" in text


@needs_data
def test_real_files_keep_headings_and_apostrophes() -> None:
    reading = read((DATA / "docx" / "irraky_statuts.docx").read_bytes(), "statuts.docx")
    assert reading.title == "STATUTS TAVERNE DU TROLL"
    assert "#### Article 2 : Objet de l’Association" in reading.text
    assert "- des regroupements hebdomadaires;" in reading.text
    assert "**" not in reading.text and "![" not in reading.text


@needs_data
def test_open_documents_are_read_as_well() -> None:
    reading = read((DATA / "odt" / "lo_2col.odt").read_bytes(), "rapport.odt")
    assert reading.title == "Rapport d’activité Jouer Collectif"
    assert "## Sous-partie : enjeux\n\n- Premier point de la liste" in reading.text
