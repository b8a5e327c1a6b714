"""PPTX: slides in order, with their titles, tables, charts and notes."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from vigie.ingest.documents import Kind, PlaceKind
from vigie.ingest.errors import EmptyDocument, UnreadableFile
from vigie.ingest.readers.reading import Reading
from vigie.ingest.readers.slides import read

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "files" / "pptx"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="third-party files are not here")


def deck() -> bytes:
    presentation = Presentation()
    presentation.core_properties.created = datetime(2025, 12, 4)
    cover = presentation.slides.add_slide(presentation.slide_layouts[0])
    cover.shapes.title.text = "Assises du lien"
    cover.placeholders[1].text = "Lille, décembre"
    points = presentation.slides.add_slide(presentation.slide_layouts[1])
    points.shapes.title.text = "Trois alertes"
    points.placeholders[1].text = "47 % refusent du public\nLes subventions baissent"
    points.notes_slide.notes_text_frame.text = "Citer l’exemple de la maison."
    hidden = presentation.slides.add_slide(presentation.slide_layouts[1])
    hidden.shapes.title.text = "Ne pas montrer"
    hidden.element.set("show", "0")
    figures = presentation.slides.add_slide(presentation.slide_layouts[5])
    figures.shapes.title.text = "Les chiffres"
    grid = figures.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for row, cells in enumerate([("Année", "Indice"), ("2025", "61")]):
        for column, text in enumerate(cells):
            grid.cell(row, column).text = text
    data = CategoryChartData()
    data.categories = ["2024", "2025"]
    data.add_series("Membres", (187, 214.5))
    box = (Inches(1), Inches(4), Inches(4), Inches(2))
    figures.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box, data)
    stream = io.BytesIO()
    presentation.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(deck(), "assises.pptx")


def test_titles_bullets_and_notes_are_read_in_order(reading: Reading) -> None:
    assert reading.text.startswith(
        "## Assises du lien\n\nLille, décembre\n\n## Trois alertes\n\n"
        "- 47 % refusent du public\n- Les subventions baissent\n\n"
        "Notes de l’orateur : Citer l’exemple de la maison.\n\n## Les chiffres"
    )


def test_tables_and_charts_become_rows(reading: Reading) -> None:
    assert "| Année | Indice |\n| --- | --- |\n| 2025 | 61 |" in reading.text
    assert "| 2025 | 214,5 |" in reading.text


def test_hidden_slides_stay_hidden_and_keep_their_number(reading: Reading) -> None:
    assert "Ne pas montrer" not in reading.text
    assert [place.label for place in reading.places] == ["1", "2", "4"]
    assert all(place.kind is PlaceKind.SLIDE for place in reading.places)
    assert reading.text[reading.places[2].start :].startswith("## Les chiffres")


def test_a_deck_is_a_presentation_with_a_title(reading: Reading) -> None:
    assert (reading.kind, reading.title) == (Kind.PRESENTATION, "Assises du lien")


def test_a_deck_without_words_is_empty() -> None:
    stream = io.BytesIO()
    Presentation().save(stream)
    with pytest.raises(EmptyDocument):
        read(stream.getvalue(), "vide.pptx")


def test_half_a_deck_is_told_damaged() -> None:
    with pytest.raises(UnreadableFile):
        read(deck()[:9000], "coupe.pptx")


@needs_data
def test_a_real_deck_is_read_whole() -> None:
    reading = read((DATA / "made_rapport.pptx").read_bytes(), "rapport.pptx")
    assert reading.published is None, "python-pptx dates every file 2013"
    assert "préciser que l’exercice clôt au 31/12" in reading.text
