"""Rows of the stored texts' tables: their cells, and the header that names them."""

import re

from vigie.assistant.extraction.evidence import Evidence

ROW = re.compile(r"^\s*\|(.+)\|\s*$")
RULE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
# Characters read above a row in search of its header: tables longer than this lose their labels.
REACH = 20_000


def cells(line: str) -> list[str]:
    """The cells of a row, without the bars and the blanks around them."""
    match = ROW.match(line)
    return [cell.strip() for cell in (match.group(1) if match else line).split("|")]


def header(evidence: Evidence) -> list[str]:
    """Cells above the rule of the table that holds a row; none when the table has no rule."""
    stored = evidence.passage.document.text
    lines = stored[max(0, evidence.unit.start - REACH) : evidence.unit.start].split("\n")[:-1]
    for index in range(len(lines) - 1, 0, -1):
        if not lines[index].lstrip().startswith("|"):
            return []
        if RULE.match(lines[index]):
            return cells(lines[index - 1])
    return []


def is_header(evidence: Evidence) -> bool:
    """Whether a row names columns: the line after it is the rule of the table."""
    if evidence.unit.form != "row":
        return False
    rest = evidence.passage.document.text[evidence.unit.end :].lstrip(" \n")
    return RULE.match(rest.split("\n", 1)[0]) is not None
