"""How chosen sentences are quoted: with what they need to be understood, in reading order."""

import re
from collections.abc import Iterator, Sequence

from vigie.assistant.citations import Draft, Span
from vigie.assistant.extraction.evidence import Evidence, nearest_hit
from vigie.assistant.extraction.sentence_features import is_dangling
from vigie.assistant.extraction.tables import cells, header, is_header
from vigie.assistant.wording import text

# A sentence needed by the next one is quoted with it up to this length, in words.
NEEDED_WORDS = 35
# Items quoted under their lead-in: whole when a list is asked for, else what still reads as prose.
LIST_ITEMS = 20
FEW_ITEMS = 6
# "Tableau 1 – …": a title that says no fact.
CAPTION = re.compile(r"^(?:Tableau|Figure|Graphique|Schéma|Encadré|Source|Lien|Photo)s?\b[ \d]*\W")


def words(evidence: Evidence) -> int:
    """Length in words."""
    return len(evidence.text.split())


def with_context(evidence: Evidence, whole_list: bool) -> list[Evidence]:
    """The evidence with the sentence that its pronoun points to, its lead-in, or its items."""
    if evidence.unit.form == "item":
        return _item_with_lead(evidence, whole_list)
    if evidence.unit.form == "row":
        return [evidence]
    found = [evidence]
    before = evidence.neighbour(-1)
    if (
        is_dangling(evidence.text)
        and before is not None
        and before.unit.form == "sentence"
        and before.text.rstrip(" »”)").endswith((".", "!", "?", "…", ":"))
        and words(before) <= NEEDED_WORDS
    ):
        found.insert(0, before)
    if evidence.text.rstrip().endswith(":"):
        items = list(_following(evidence))
        found += items[: LIST_ITEMS if whole_list else FEW_ITEMS]
    return found


def _item_with_lead(evidence: Evidence, whole_list: bool) -> list[Evidence]:
    first = evidence
    while (before := first.neighbour(-1)) and before.unit.form == "item":
        first = before
    lead = first.neighbour(-1)
    led = lead is not None and lead.unit.form == "sentence" and words(lead) <= NEEDED_WORDS
    led = led and lead is not None and lead.text.rstrip().endswith((":", ","))
    heads = [lead] if led and lead is not None else []
    if not whole_list:
        return [*heads, evidence]
    return [*heads, *([first, *_following(first)][:LIST_ITEMS])]


def _following(evidence: Evidence) -> Iterator[Evidence]:
    """The items after a lead-in or an item; the one sentence after a lead-in without items."""
    after = evidence.neighbour(1)
    if after is not None and after.unit.form == "sentence" and evidence.unit.form == "sentence":
        yield after
        return
    while after is not None and after.unit.form == "item":
        yield after
        after = after.neighbour(1)


def in_reading_order(found: Sequence[Evidence]) -> list[Evidence]:
    """Without repeats: documents in the order of their first mention, then by offset."""
    order: dict[str, int] = {}
    unique: dict[tuple[str, int], Evidence] = {}
    for evidence in found:
        order.setdefault(evidence.passage.document.id, len(order))
        unique.setdefault(evidence.key, evidence)
    return sorted(unique.values(), key=lambda e: (order[e.passage.document.id], e.unit.start))


def draft(evidence: Evidence, language: str) -> Draft:
    """The sentence as it stands; a table row gets the names of its columns."""
    unit = evidence.unit
    span = Span(nearest_hit(evidence.passage, unit.start), unit.start, unit.end)
    if unit.form == "row":
        return Draft(_labelled(evidence, language), (span,), "row")
    return Draft(evidence.text, (span,), evidence.form)


def _labelled(evidence: Evidence, language: str) -> str:
    """ "Vivre ensemble – 2023 : 3,9 M€ ; 2024 : 4,3 M€" from a row and its header."""
    values, labels = cells(evidence.text), header(evidence)
    if len(labels) != len(values):
        return " – ".join(value for value in values if value)
    pairs = [
        text("row_cell", language, label=label, value=value) if label else value
        for label, value in zip(labels[1:], values[1:], strict=True)
        if value
    ]
    said = text("separator", language).join(pairs)
    return f"{values[0]} – {said}" if said and values[0] else said or values[0]


def quotable(evidence: Evidence) -> bool:
    """Whether a unit may answer: not a question, nor a caption, nor the names of columns."""
    if CAPTION.match(evidence.text) or evidence.text.rstrip(" »").endswith("?"):
        return False
    return not is_header(evidence)
