"""PDF: the page's own words, in reading order, with their pages."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
)
from reportlab.platypus.flowables import Flowable

from vigie.ingest.documents import Document, Kind
from vigie.ingest.errors import EmptyDocument
from vigie.ingest.readers.pdf import read
from vigie.ingest.readers.reading import Reading

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "files" / "pdf"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="third-party files are not here")

STYLES = getSampleStyleSheet()
BODY = (
    "L’association agit dans {place} : elle accompagne des bénévoles et leurs projets – sans "
    "contrepartie. Son budget s’élève à {amount} €, « soit le double de l’an passé »."
)


def typeset(story: list[Flowable], columns: int = 1, header: str = "") -> bytes:
    """A document laid out by reportlab, with the header and page number of real reports."""
    stream = io.BytesIO()
    width, height = A4
    gap = 36
    column = (width - 2 * 72 - (columns - 1) * gap) / columns
    frames = [Frame(72 + n * (column + gap), 72, column, height - 144) for n in range(columns)]

    def furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
        if header:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(72, height - 40, header)
            canvas.drawRightString(width - 72, 40, f"Page {document.page}")

    document = BaseDocTemplate(stream, pagesize=A4)
    document.addPageTemplates([PageTemplate(frames=frames, onPage=furniture)])
    document.build(story)
    return stream.getvalue()


def title(text: str) -> Paragraph:
    return Paragraph(text, STYLES["Title"])


def heading(text: str) -> Paragraph:
    return Paragraph(text, STYLES["Heading2"])


def body(place: str, amount: str) -> Paragraph:
    return Paragraph(BODY.format(place=place, amount=amount), STYLES["BodyText"])


def report() -> bytes:
    story: list[Flowable] = [
        title("Rapport d’activité 2024"),
        Paragraph("Juin 2025", STYLES["BodyText"]),
        PageBreak(),
    ]
    for number, place in enumerate(["la Drôme", "l’Aisne", "le Gard", "la Somme"], 2):
        story += [heading(f"{number}. Agir dans {place}"), body(place, f"{number} 400")]
        story.append(PageBreak())
    return typeset(story, header="Fédération des lilas – rapport d’activité")


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(report(), "rapport_2024.pdf")


def test_title_and_date_come_from_the_cover(reading: Reading) -> None:
    assert reading.title == "Rapport d’activité 2024"
    assert reading.published == date(2025, 6, 1)


def test_typographic_signs_are_those_of_the_page(reading: Reading) -> None:
    assert BODY.format(place="l’Aisne", amount="3 400") in reading.text
    assert "'" not in reading.text and " - " not in reading.text


def test_each_page_begins_at_its_place(reading: Reading) -> None:
    assert [place.label for place in reading.places] == ["1", "2", "3", "4", "5"]
    for place, name in zip(reading.places[1:], ["Drôme", "Aisne", "Gard", "Somme"], strict=True):
        line = reading.text[place.start :].split("\n")[0]
        assert line.lstrip("#").strip().startswith(place.label) and name in line


def test_headings_are_marked(reading: Reading) -> None:
    lines = [line for line in reading.text.split("\n") if line.startswith("#")]
    assert "Agir dans le Gard" in lines[3]


def test_running_headers_and_page_numbers_are_left_out(reading: Reading) -> None:
    assert "Fédération" not in reading.text
    assert "Page 3" not in reading.text


def test_two_columns_are_read_one_after_the_other() -> None:
    first = [
        f"Le premier récit compte {n} étapes, décrites une à une dans l’ordre." for n in range(9)
    ]
    second = [f"Le second récit en compte {n}, qui viennent toutes ensuite." for n in range(9)]
    story: list[Flowable] = [Paragraph(" ".join(first), STYLES["BodyText"]), FrameBreak()]
    story.append(Paragraph(" ".join(second), STYLES["BodyText"]))
    text = read(typeset(story, columns=2), "deux.pdf").text
    positions = [text.find(sentence) for sentence in (*first, *second)]
    assert -1 not in positions and positions == sorted(positions)


def test_a_table_becomes_rows() -> None:
    cells = [["Poste", "2023", "2024"], ["Salaires", "12 500", "13 000"], ["Loyer", "900", "950"]]
    grid = Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.5, "black")], colWidths=120)
    text = read(typeset([heading("Budget"), grid, body("la Drôme", "1")]), "budget.pdf").text
    assert "| Salaires | 12 500 | 13 000 |" in text
    assert "| Poste | 2023 | 2024 |" in text


def test_a_word_cut_at_the_end_of_a_line_is_whole() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for row, line in enumerate(["Cette fondation soutient les associa-", "tions de la région."]):
        canvas.drawString(72, 700 - 14 * row, line)
    canvas.save()
    assert "associations de la région" in read(stream.getvalue(), "a.pdf").text


def test_a_sentence_goes_on_over_the_page_break() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(72, 700, "Le conseil a décidé de soutenir en priorité les maisons")
    canvas.showPage()
    canvas.drawString(72, 700, "de quartier de la ville et leurs bénévoles.")
    canvas.showPage()
    canvas.save()
    reading = read(stream.getvalue(), "a.pdf")
    assert "les maisons de quartier de la ville" in reading.text
    assert reading.text[reading.places[1].start :].startswith("de quartier")


def test_pages_that_are_pictures_are_passed_over() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.rect(72, 72, 300, 300, fill=1)
    canvas.showPage()
    canvas.drawString(72, 700, "La page de texte.")
    canvas.save()
    reading = read(stream.getvalue(), "a.pdf")
    assert reading.text == "La page de texte."
    assert [place.label for place in reading.places] == ["2"]


def test_nothing_but_pictures_is_empty() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.rect(72, 72, 300, 300, fill=1)
    canvas.save()
    with pytest.raises(EmptyDocument):
        read(stream.getvalue(), "image.pdf")


def test_a_title_written_by_a_program_is_no_title() -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.setTitle("Microsoft Word - Statuts du club.docx")
    canvas.drawString(72, 700, "Le club a pour objet de réunir ses membres.")
    canvas.save()
    assert read(stream.getvalue(), "s.pdf").title == "Statuts du club"


@needs_data
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tex_2col_ot1", "comment « jouer collectif » face à l’urgence et à la relance."),
        ("lo_2col", "| Salaires | 12 500,50 | 13 000,00 |"),
        (
            "rl_2col_rowmajor",
            "associations et entreprises se sont-elles unies pour « Agir ensemble »",
        ),
        ("fnpc_statuts_2021", "le département de la Seine-Saint-Denis"),
        ("cgu_data_subvention", "## Article 2 – Objet"),
    ],
)
def test_real_files_keep_their_sentences(name: str, sentence: str) -> None:
    text = read((DATA / f"{name}.pdf").read_bytes(), f"{name}.pdf").text
    assert sentence in text


@needs_data
def test_places_and_quotes_hold_on_every_real_file() -> None:
    for path in sorted(DATA.glob("*.pdf")):
        reading = read(path.read_bytes(), path.name)
        document = Document("s", path.name, reading.text, "t", Kind.REPORT, places=reading.places)
        starts = [place.start for place in document.places]
        assert starts == sorted(set(starts)) and starts[0] == 0, path.name
        assert all(document.text[start : start + 1].strip() for start in starts), path.name
        assert "**" not in document.text and "$" not in document.text, path.name


def test_reading_is_the_same_twice() -> None:
    make: Callable[[], Reading] = lambda: read(report(), "rapport_2024.pdf")  # noqa: E731
    assert make().text == make().text
