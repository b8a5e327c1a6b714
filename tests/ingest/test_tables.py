"""CSV of any dialect, and spreadsheets."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from vigie.ingest.documents import Kind
from vigie.ingest.errors import EmptyDocument, UnreadableFile
from vigie.ingest.readers.tables import read_csv, read_workbook

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "files"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="third-party files are not here")

HEADER = ["Nom", "Financeur", "Bénéficiaires", "Date de clôture", "Montant", "Descriptif"]
ROWS = [
    ["Élan local", "Fondation des Lilas", "associations", "31/12/2026", "12,5 k€", "Une aide."],
    [
        "Cœur de ville",
        "Région",
        "communes, clubs",
        "15/01/2027",
        "5 000 €",
        'Dite "Cœur"\nen deux',
    ],
]


def written(delimiter: str, newline: str = "\n") -> str:
    def cell(value: str) -> str:
        quoted = any(sign in value for sign in f'{delimiter}"\n')
        return '"' + value.replace('"', '""') + '"' if quoted else value

    return newline.join(delimiter.join(map(cell, row)) for row in [HEADER, *ROWS])


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_delimiter_and_encoding_gives_the_same_records(delimiter: str, encoding: str) -> None:
    reading = read_csv(written(delimiter).encode(encoding), "aides.csv")
    assert [record.title for record in reading.records] == ["Élan local", "Cœur de ville"]
    programme = reading.records[1].programme
    assert programme is not None and programme.closes == date(2027, 1, 15)
    assert 'Dite "Cœur"\nen deux' in reading.records[1].text


def test_title_lines_blank_lines_and_windows_ends_are_no_matter() -> None:
    text = "Aides de la région;;;;;\r\n\r\n" + written(";", "\r\n\r\n") + "\r\n;;;;;\r\n"
    assert len(read_csv(text.encode(), "aides.csv").records) == 2


def test_the_delimiter_line_of_excel_is_obeyed() -> None:
    assert len(read_csv(("sep=|\n" + written("|")).encode(), "aides.csv").records) == 2


def test_a_quote_that_never_closes_loses_no_row() -> None:
    rows = "".join(f"Aide {n};Région;clubs;31/12/2026;{n} €;bref\n" for n in range(50))
    text = ";".join(HEADER) + '\nAide "A;Région;clubs;31/12/2026;1 €;"bref\n' + rows
    assert len(read_csv(text.encode(), "aides.csv").records) == 51


def test_a_short_lookup_table_is_one_text() -> None:
    reading = read_csv(b"Code;Sens\nA;accord\nB;refus\n", "codes.csv")
    assert reading.records == () and reading.kind is Kind.RECORD
    assert "| A | accord |" in reading.text


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title.startswith("cache"):
            sheet.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


GRANTS: list[list[object]] = [
    ["Subventions versées en 2025"],
    ["Association", "SIRET", "Objet", "Montant", "Date", "Versement"],
    ["Les Amis du Lys", 81532076800016.0, "Fête du printemps", 4500.0, date(2025, 3, 1), "unique"],
    ["Club du Lys", 77921970000039.0, "Tournoi", 812.5, date(2025, 4, 2), "unique"],
]


def test_a_workbook_gives_its_visible_sheets_only() -> None:
    data = workbook(subventions=GRANTS, cachee=[["Secret", "Code"], ["mot", "de passe"]])
    reading = read_workbook(data, "lys.xlsx")
    assert [record.title for record in reading.records] == ["Les Amis du Lys", "Club du Lys"]
    assert "passe" not in reading.text + "".join(record.text for record in reading.records)


def test_numbers_and_dates_read_as_in_the_sheet() -> None:
    first, second = read_workbook(workbook(a=GRANTS), "lys.xlsx").records
    assert "SIRET : 81532076800016" in first.text
    assert "Montant : 4500" in first.text and "Date : 01/03/2025" in first.text
    assert "Montant : 812,5" in second.text


def test_records_of_two_sheets_never_share_a_key() -> None:
    reading = read_workbook(workbook(a=GRANTS, b=GRANTS), "lys.xlsx")
    assert len({record.key for record in reading.records}) == 4


def test_a_workbook_of_empty_sheets_is_empty() -> None:
    with pytest.raises(EmptyDocument):
        read_workbook(workbook(a=[]), "vide.xlsx")


def test_a_damaged_workbook_is_told_so() -> None:
    with pytest.raises(UnreadableFile):
        read_workbook(workbook(a=GRANTS)[:2000], "coupe.xlsx")


@needs_data
@pytest.mark.parametrize(
    ("name", "count", "closing"),
    [("aides-territoires_periurbain.csv", 274, 22), ("mission_transition.csv", 190, 12)],
)
def test_published_lists_of_programmes_are_read_whole(name: str, count: int, closing: int) -> None:
    reading = read_csv((DATA / "programmes" / name).read_bytes(), name)
    programmes = [record.programme for record in reading.records if record.programme]
    assert len(programmes) == len(reading.records) == count
    assert all(programme.funder and programme.beneficiaries for programme in programmes)
    assert sum(programme.closes is not None for programme in programmes) == closing


@needs_data
def test_published_grants_answer_how_much_was_given_to_whom() -> None:
    reading = read_workbook((DATA / "xlsx" / "subv_SCDL.xlsx").read_bytes(), "subv.xlsx")
    grants = [record for record in reading.records if "Montant total" in record.text]
    assert len(grants) == 10 and all(record.programme is None for record in grants)
    assert grants[0].title.startswith("Grand papi toto")
