"""CSV and spreadsheets: rows of plain cells, then records or whole tables."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from vigie.ingest.decoding import decode
from vigie.ingest.documents import Kind
from vigie.ingest.errors import EmptyDocument, Reason, UnreadableFile
from vigie.ingest.readers.reading import Reading
from vigie.ingest.record_values import spell
from vigie.ingest.records import Record, records, tabulate, whole

DELIMITERS = ";,\t|"
# Enough rows to tell the delimiter in all 14 dialects measured; more only costs time.
SAMPLE_ROWS, SAMPLE_CHARACTERS = 100, 500_000
# The longest description in published CSVs of aids has 9,238 characters; a longer cell than this is
# the rest of the file behind an unclosed quote.
LONGEST_CELL = 500_000
# Excel's own limit; a wider row is one endless line.
MOST_COLUMNS = 16_384
# What the csv module says at the end of a file inside quotes.
NEVER_CLOSED = "unexpected end of data"


def read_csv(data: bytes, name: str) -> Reading:
    """Any delimiter of `; , tab |` and any quoting; one table."""
    text = decode(data)
    rows = list(_csv_rows(text))
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        raise UnreadableFile(path=name, reason=Reason("read.too_wide", {"limit": MOST_COLUMNS}))
    return _reading(name, [(PurePath(name).stem, rows)])


def read_workbook(data: bytes, name: str) -> Reading:
    """XLSX, XLS and ODS: the visible sheets in order, each one table."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            (sheet.name, _cells(workbook.get_sheet_by_name(sheet.name).iter_rows()))
            for sheet in workbook.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
        ]
    except PasswordError as error:
        raise UnreadableFile(path=name, reason=Reason("read.encrypted")) from error
    except CalamineError as error:
        raise UnreadableFile(path=name, reason=Reason("read.damaged")) from error
    return _reading(name, sheets)


def _reading(name: str, sheets: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> Reading:
    made: list[Record] = []
    texts: list[str] = []
    keys: set[str] = set()
    for title, rows in sheets:
        table = tabulate(title, rows)
        if table is None or not table.rows:
            texts.append(_notes(rows))
        elif found := records(table, keys):
            made.extend(found)
        else:
            texts.append(whole(table))
    text = "\n\n".join(filter(None, texts))
    if not text and not made:
        raise EmptyDocument(path=name)
    # A sheet of notes beside tables of records explains how they were exported: not a document.
    return Reading("" if made and "|" not in text else text, kind=Kind.RECORD, records=tuple(made))


def _notes(rows: Sequence[Sequence[str]]) -> str:
    """A sheet that is no table: its lines as paragraphs."""
    return "\n\n".join(" ".join(filter(None, row)) for row in rows if any(row))


def _cells(rows: Iterable[Iterable[object]]) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else spell(cell) for cell in row] for row in rows]


def _csv_rows(text: str) -> Iterator[list[str]]:
    # Excel writes the delimiter in a line of its own for itself.
    if text[:4].lower() == "sep=":
        first, _, text = text.partition("\n")
        delimiter = first.strip()[4:5] or "\t"
    else:
        delimiter = _delimiter(text)
    yield from _parsed(text, delimiter)


def _delimiter(text: str) -> str:
    return max(DELIMITERS, key=lambda delimiter: _regularity(text[:SAMPLE_CHARACTERS], delimiter))


def _regularity(text: str, delimiter: str) -> float:
    """Columns of the commonest width, discounted by the rows that have another."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(row) for row in islice(reader, SAMPLE_ROWS) if row]
    except csv.Error:
        return 0.0
    divided = [width for width in widths if width > 1]
    if not divided:
        return 0.0
    commonest = max(divided, key=divided.count)
    share = widths.count(commonest) / len(widths)
    return float(share * share * commonest)


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """Rows by the rules of quoting, loosely if need be; quotes are signs when one never closes."""
    csv.field_size_limit(LONGEST_CELL)
    for strict in (True, False):
        try:
            lines = io.StringIO(text, newline="")
            return list(csv.reader(lines, delimiter=delimiter, strict=strict))
        except csv.Error as error:
            if NEVER_CLOSED in str(error):
                break
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return [[cell.strip().strip('"') for cell in row] for row in rows]
