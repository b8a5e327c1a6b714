"""Tables of records: finding the header, telling programmes from other rows, making records."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from vigie.ingest.cleaning import table_rows
from vigie.ingest.documents import Programme
from vigie.ingest.folding import fold
from vigie.ingest.messages import message
from vigie.ingest.record_fields import Field, columns, header_words
from vigie.ingest.record_values import dates, first_url, is_permanent, parts, spell, unslugged

# Titles, legends and export notices above the header: 3 lines in the SCDL and Numbers exports
# tried; 20 leave room and keep a number-only file from being searched to its end.
HEADER_WITHIN = 20
# Headers leave columns unnamed and title lines fill one or two cells: 60 % tells all 12 tables
# tried apart.
HEADER_SHARE = 0.6
# A stray number among the words of a header is no reason to refuse it.
HEADER_WORDS = 0.8
# Above this many rows a file is an extract of a database: kept whole, it is not worth that many
# documents.
MOST_RECORDS = 20_000
# A lookup or budget table under all three limits is read at a glance and stays one document; lists
# of grants, however short, have five columns or more.
SMALL_ROWS, SMALL_COLUMNS, SMALL_ROW_LENGTH = 30, 4, 200
# A label column is filled almost everywhere, holds names and not sentences, and tells rows apart.
LABEL_FILLED, LABEL_LENGTH, LABEL_DISTINCT = 0.8, 150, 0.5
LONGEST_TITLE = 200

PROGRAMME_FIELDS = frozenset(Field) - {Field.NAME, Field.CONTACT, Field.URL, Field.RECURRENCE}
# What a call for applicants says and a directory does not.
STRONG_FIELDS = frozenset(
    {
        Field.BENEFICIARIES,
        Field.OPENS,
        Field.CLOSES,
        Field.PERIOD,
        Field.AMOUNT,
        Field.CONDITIONS,
    }
)
# Headers of grants already paid (SCDL schema, budget exports), of people and of events.
NOT_PROGRAMMES = frozenset(
    "attribuant attributaire siret siren rna convention versement paiement mandat prenom lieu "
    "salle horaire firstname iban".split()
)
LABEL_WORDS = frozenset(
    "nom titre intitule libelle label name title beneficiaire association structure organisme "
    "raison poste commune entreprise partenaire fondation".split()
)
UNITS = frozenset({"unit", "unite", "devise", "currency"})
# Identifiers and picture files are for programs: nobody asks for them or quotes them.
WORDLESS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\S+\.(?:webp|png|jpe?g|svg|gif)"
)
YEAR = re.compile(r"(?:19|20)\d\d")
LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, all as wide, cells as plain text; `caption` stood above the header."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One row: `key` is unique in its file, `programme` is None for a row of any other table."""

    key: str
    title: str
    fields: tuple[tuple[str, str], ...]
    programme: Programme | None = None

    @property
    def text(self) -> str:
        """One line per field in the file's own header words; more lines for a value of several."""
        return field_lines(self.fields)


def tabulate(name: str, rows: Sequence[Sequence[str]]) -> Table | None:
    """The table under the title lines; None when no row can be its header."""
    filled = [[cell for cell in row if cell.strip()] for row in rows]
    widest = max(map(len, filled[: 5 * HEADER_WITHIN]), default=0)
    for position, cells in enumerate(filled[:HEADER_WITHIN]):
        if len(cells) >= max(2, HEADER_SHARE * widest) and _is_header(cells):
            caption = tuple(" ".join(above) for above in filled[:position] if above)
            return _table(name, caption, rows[position], rows[position + 1 :])
    return None


def _is_header(cells: Sequence[str]) -> bool:
    """Nearly all words, or years beside words as budgets have them."""
    words = sum(bool(LETTER.search(cell)) and len(cell) <= LABEL_LENGTH for cell in cells)
    years = sum(bool(YEAR.fullmatch(cell.strip())) for cell in cells)
    return words > 0 and words + years >= HEADER_WORDS * len(cells)


def _table(
    name: str, caption: tuple[str, ...], header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Table:
    width = max([len(header), *(len(row) for row in rows)])
    padded = [tuple(spell(cell) for cell in row) + ("",) * (width - len(row)) for row in rows]
    kept = [row for row in padded if any(row)]
    named = [*header, *[""] * (width - len(header))]
    used = [i for i in range(width) if named[i].strip() or any(row[i] for row in kept)]
    labels = _labels(named)
    return Table(
        name,
        tuple(labels[index] for index in used),
        tuple(tuple(row[index] for index in used) for row in kept),
        caption,
    )


def _labels(header: Sequence[str]) -> list[str]:
    """Header words on one line, numbered when absent, told apart when repeated."""
    labels: list[str] = []
    for number, cell in enumerate(header, 1):
        label = " ".join(cell.split()).rstrip(" :") or message("record.column", number=number)
        occurrence = 1 + sum(seen == label or seen.startswith(f"{label} (") for seen in labels)
        labels.append(label if occurrence == 1 else f"{label} ({occurrence})")
    return labels


def whole(table: Table) -> str:
    """The table as a section of its own: name, caption, one `| … |` line per row."""
    lines = [[cell.replace("\n", " ") for cell in row] for row in (table.header, *table.rows)]
    return "\n\n".join([f"## {table.name}", *table.caption, table_rows(lines)])


def records(table: Table, keys: set[str] | None = None) -> tuple[Record, ...]:
    """A record per row; empty when the table reads better whole or its rows have no name.

    `keys` are those already taken in the file; they grow by those of this table.
    """
    fields = columns(table.header)
    programmes = is_programmes(table, fields)
    if not table.rows or len(table.rows) > MOST_RECORDS:
        return ()
    if not programmes and _is_small(table):
        return ()
    labels = fields[Field.NAME][:1] if programmes else _label_columns(table)
    if not labels:
        return ()
    taken = set() if keys is None else keys
    made: list[Record] = []
    for row in table.rows:
        title = _title(row, labels)
        programme = _programme(title, table.header, row, fields) if programmes else None
        pairs = tuple(
            (label, cell)
            for label, cell in zip(table.header, row, strict=True)
            if cell and not WORDLESS.fullmatch(cell)
        )
        made.append(Record(_unique(slug(title), taken), title, pairs, programme))
    return tuple(made)


def is_programmes(table: Table, fields: dict[Field, tuple[int, ...]]) -> bool:
    """True when the header has a name and says who funds, for whom, how much or until when."""
    words = {word for label in table.header for word in header_words(label)}
    if Field.NAME not in fields or words & NOT_PROGRAMMES:
        return False
    told = PROGRAMME_FIELDS & fields.keys()
    strong = bool(told & STRONG_FIELDS)
    return strong and (len(told) >= 3 or (len(told) == 2 and Field.FUNDER in told))


def _is_small(table: Table) -> bool:
    if len(table.header) <= 2:
        return True
    length = sum(len(cell) for row in table.rows for cell in row) / len(table.rows)
    return (
        len(table.rows) <= SMALL_ROWS
        and len(table.header) <= SMALL_COLUMNS
        and length <= SMALL_ROW_LENGTH
    )


def _label_columns(table: Table) -> tuple[int, ...]:
    """The column that names the rows, and a second one when the first repeats itself."""
    scored: list[tuple[float, int]] = []
    for index, label in enumerate(table.header):
        cells = [row[index] for row in table.rows if row[index]]
        known = bool(set(header_words(label)) & LABEL_WORDS)
        named = [cell for cell in cells if _is_name(cell) or (known and LETTER.search(cell))]
        if len(cells) < LABEL_FILLED * len(table.rows) or len(named) < LABEL_DISTINCT * len(cells):
            continue
        distinct = len(set(cells)) / len(cells)
        short = sum(map(len, cells)) / len(cells) <= LABEL_LENGTH
        if short and distinct >= (LABEL_DISTINCT / 2 if known else LABEL_DISTINCT):
            scored.append((distinct + known, index))
    best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
    unique = bool(best) and best[0][0] % 1 == 0
    return tuple(index for _, index in best[: 1 if unique else 2])


def _is_name(cell: str) -> bool:
    """Words, and not a code such as "J10540"."""
    return cell.isalpha() or (" " in cell and LETTER.search(cell) is not None)


def _title(row: Sequence[str], labels: Sequence[int]) -> str:
    names = [row[index].split("\n")[0] for index in labels if row[index]]
    title = " – ".join(names) or next(cell for cell in row if cell).split("\n")[0]
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def _programme(
    name: str, header: Sequence[str], row: Sequence[str], fields: dict[Field, tuple[int, ...]]
) -> Programme:
    def cells(field: Field) -> list[str]:
        return [row[index] for index in fields.get(field, ()) if row[index]]

    def items(field: Field) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item for cell in cells(field) for item in parts(cell)))

    opens, closes = _span(cells(Field.OPENS), cells(Field.CLOSES), cells(Field.PERIOD))
    said = [*cells(Field.CLOSES), *cells(Field.PERIOD), *cells(Field.RECURRENCE)]
    urls = [url for cell in cells(Field.URL) if (url := first_url(cell))]
    return Programme(
        name=name,
        funder=unslugged(" ; ".join(cells(Field.FUNDER)[:1])).replace("\n", " ; ") or None,
        beneficiaries=items(Field.BENEFICIARIES),
        themes=items(Field.THEMES),
        territories=items(Field.TERRITORIES),
        opens=opens,
        closes=closes,
        amount=_amount(header, row, fields),
        status=next(iter(cells(Field.STATUS)), None),
        contact=" ; ".join(cells(Field.CONTACT)).replace("\n", " ") or None,
        url=urls[0] if urls else None,
        permanent=closes is None and any(map(is_permanent, [*said, *cells(Field.STATUS)])),
    )


def _span(
    opens: Sequence[str], closes: Sequence[str], period: Sequence[str]
) -> tuple[date | None, date | None]:
    """First day of opening and last day of closing; a period tells both when it has two dates."""
    first = [day for cell in opens for day in dates(cell)]
    last = [day for cell in closes for day in dates(cell)]
    both = [day for cell in period for day in dates(cell)]
    opening = first[0] if first else (both[0] if len(both) > 1 else None)
    return opening, last[-1] if last else (both[-1] if both else None)


def _amount(
    header: Sequence[str], row: Sequence[str], fields: dict[Field, tuple[int, ...]]
) -> str | None:
    told = [index for index in fields.get(Field.AMOUNT, ()) if row[index]]
    if len(told) == 1:
        unit = next((row[i] for i, label in enumerate(header) if fold(label) in UNITS), "")
        value = row[told[0]].replace("\n", " ; ")
        return value if LETTER.search(value) or "€" in value or not unit else f"{value} {unit}"
    lines = (message("record.line", label=header[i], value=row[i]) for i in sorted(told))
    return " ; ".join(lines).replace("\n", " ") or None


def field_lines(fields: Iterable[tuple[str, str]]) -> str:
    """One list item a field, so that each can be quoted alone; a list stands under its label."""
    return "\n".join(
        f"{message('record.alone', label=label)}\n{value}"
        if value.startswith("- ")
        else f"- {message('record.line', label=label, value=value)}"
        for label, value in fields
    )


def slug(name: str) -> str:
    """Lower case ASCII letters and digits joined by single hyphens; "ligne" when none is left."""
    spelled = name.lower().replace("œ", "oe").replace("æ", "ae")
    bare = "".join(c for c in normalize("NFKD", spelled) if not combining(c))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-") or "ligne"


def _unique(key: str, taken: set[str]) -> str:
    candidate, number = key, 1
    while candidate in taken:
        number += 1
        candidate = f"{key}-{number}"
    taken.add(candidate)
    return candidate
