"""Numbers as people read them, and tables for the terminal, the page and Markdown."""

from dataclasses import dataclass

from babel.numbers import format_decimal

from vigie.evals.bootstrap import Interval
from vigie.ingest.messages import message

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text; the first of each row is its header. `key` names it within its page."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """Words and numbers in one language."""

    language: str

    def __call__(self, name: str, /, **values: object) -> str:
        """A message of the area `eval`."""
        return message(f"eval.{name}", self.language, **values)

    def share(self, value: float) -> str:
        """Three decimals: a thousandth is about one question of the largest sets."""
        return format_decimal(value, format="0.000", locale=self.language)

    def signed(self, value: float) -> str:
        """A difference, always with its sign."""
        return format_decimal(value, format="+0.000;−0.000", locale=self.language)

    def number(self, value: float, digits: int = 0) -> str:
        """With the language's grouping and decimal mark."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self.language)

    def interval(self, found: Interval, signed: bool = False) -> str:
        """A mean with its bounds; a dash over no question."""
        if not found.units:
            return MISSING
        shown = self.signed if signed else self.share
        return f"{shown(found.mean)} [{shown(found.low)} ; {shown(found.high)}]"

    def around(self, found: Interval) -> str:
        """A mean with half the width of its interval: shorter, where columns are many."""
        if not found.units:
            return MISSING
        return f"{self.share(found.mean)} ±{self.share((found.high - found.low) / 2)}"

    def lead(self, found: Interval) -> str:
        """A difference, with ≈ where its interval holds zero."""
        if not found.units:
            return MISSING
        return self.signed(found.mean) + ("" if found.apart_from_zero else " ≈")

    def system(self, name: str) -> str:
        """A system as readers know it."""
        return self(f"system_{name.replace('-', '_')}")


def text(table: Table) -> str:
    """A table for a terminal: first column to the left, the others to the right."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.columns))]
    drawn = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([table.caption, "-" * max(map(len, drawn)), *drawn, table.note]).rstrip()


def markdown(table: Table) -> str:
    """The same, to be pasted into a page."""
    rule = ("---", *("---:" for _ in table.columns[1:]))
    lines = ["| " + " | ".join(cells) + " |" for cells in (table.columns, rule, *table.rows)]
    parts = [f"**{table.caption}**", "\n".join(lines), table.note]
    return "\n\n".join(part for part in parts if part) + "\n"
