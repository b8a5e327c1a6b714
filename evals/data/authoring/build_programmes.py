"""Build the two programme tables of the sample corpus, one CSV and one Excel, from YAML rows."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

import yaml
from build_office import freeze_zip
from build_reports import NBSP, french_typography
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

HERE = Path(__file__).parent
SOURCES = HERE / "programmes"
TARGET = HERE.parent / "corpus" / "programmes"
UPDATED = date(2026, 11, 24)
CSV_HEADER = (
    "Nom du programme;Financeur;Bénéficiaires;Thématiques;Territoire;Ouverture;Clôture;"
    "Montant;Statut;Contact;Lien"
).split(";")
XLSX_HEADER = (
    "Intitulé du programme;Financeur(s);Publics bénéficiaires;Thèmes;Territoires;"
    "Date d'ouverture;Date limite;Montant ou taux;État;Contact;Page web"
).split(";")
STATUS_CODES = [("OUV", "ouvert"), ("CLO", "clos"), ("AVN", "à venir"), ("PER", "permanent")]


class Programme(NamedTuple):
    """One row; `closes` is None for a permanent programme."""

    name: str
    funder: str
    who: list[str]
    themes: list[str]
    where: list[str]
    opens: date
    closes: date | None
    amount: str
    status: str
    contact: str
    link: str


def slug(name: str) -> str:
    """Lowercase ASCII words joined by hyphens."""
    name = name.lower().replace("œ", "oe")
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")


def status_on(day: date, opens: date, closes: date | None) -> str:
    """Status of a programme on `day`, its closing day included."""
    if closes is None:
        return "permanent"
    if day < opens:
        return "à venir"
    return "clos" if closes < day else "ouvert"


def read_programmes(path: Path) -> list[Programme]:
    """Rows in the order of the file, contact and link derived from the funder's site."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    programmes = []
    for row in content["programmes"]:
        site = content["funders"][row["funder"]]
        row.setdefault("closes", None)
        row.setdefault("status", status_on(UPDATED, row["opens"], row["closes"]))
        contact = f"associations@{site}"
        link = f"https://{site}/aides/{slug(row['name'])}"
        programmes.append(Programme(**row, contact=contact, link=link))
    return programmes


def write_csv(programmes: list[Programme], target: Path) -> None:
    """The table as a French spreadsheet program saves it: cp1252, semicolons, dd/mm/yyyy."""
    with target.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(CSV_HEADER)
        for p in programmes:
            row = [p.name, p.funder, ", ".join(p.who), ", ".join(p.themes), ", ".join(p.where)]
            row += [f"{day:%d/%m/%Y}" if day else "" for day in (p.opens, p.closes)]
            row += [p.amount.replace(" €", f"{NBSP}€"), p.status, p.contact, p.link]
            writer.writerow(row)


def write_xlsx(programmes: list[Programme], target: Path) -> None:
    """A title above the header, real date cells, and a hidden sheet of codes."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Programmes"
    sheet.append([f"Programmes numérique et transition – mise à jour du {UPDATED:%d/%m/%Y}"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([])
    sheet.append([french_typography(title) for title in XLSX_HEADER])
    for cell in sheet[3]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6EC")
    for p in programmes:
        lists = (p.funder.split(", "), p.who, p.themes, p.where)
        texts = [p.name, *map(" / ".join, lists)]
        last = [french_typography(p.amount), p.status, p.contact, p.link]
        sheet.append([*texts, p.opens, p.closes, *last])
        for cell in (sheet.cell(sheet.max_row, 6), sheet.cell(sheet.max_row, 7)):
            cell.number_format = "DD/MM/YYYY"
    sheet.freeze_panes = "B4"
    for column in "ABCDEFGHIJK":
        sheet.column_dimensions[column].width = 32 if column in "AB" else 22
    codes = book.create_sheet("Codes")
    codes.sheet_state = "hidden"
    for pair in [("Code", "Libellé"), *STATUS_CODES]:
        codes.append(pair)
    book.properties.creator = "Réseau Alvéole"
    book.properties.created = datetime.combine(UPDATED, time(9))
    book.save(target)
    freeze_zip(target, UPDATED)


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    urgent = read_programmes(SOURCES / "urgence-relance.yaml")
    write_csv(urgent, TARGET / "programmes-urgence-relance.csv")
    digital = read_programmes(SOURCES / "numerique-transition.yaml")
    write_xlsx(digital, TARGET / "programmes-numerique-transition.xlsx")


if __name__ == "__main__":
    main()
