"""What is said of one programme: a row of a list, or its deadline alone."""

from collections.abc import Sequence
from datetime import date

from vigie.assistant.citations import Draft, Span
from vigie.assistant.programmes.dates import State, stale_status, state
from vigie.assistant.wording import counted, day, text
from vigie.index.hits import Hit
from vigie.ingest.documents import Document, Programme, chunk_ids

# Characters of a record quoted as evidence: the fields come first, a long description after.
QUOTED = 1200
# Longest amount, funder or territory shown in a row, in characters; the source has the rest.
SHOWN = 160


def record_hit(document: Document) -> Hit:
    """A record as a hit, found by its fields and not by a search.

    Its chunk id is the index's own when the record makes a single chunk.
    """
    body = document.text.strip()
    start = document.text.find(body)
    return Hit(
        chunk_id=next(chunk_ids(document.id, iter([body]))),
        document_id=document.id,
        ordinal=0,
        start=start,
        end=start + len(body),
        text=body,
        heading_path=(),
        place=document.place_at(start),
        title=document.title,
        kind=document.kind,
        audience=document.audience,
        source=document.source,
        publisher=document.publisher,
        published=document.published,
        modified=document.modified,
        url=document.url,
        score=1.0,
    )


def record_span(document: Document) -> Span:
    """The record's text, cut at a line end when it is long."""
    hit = record_hit(document)
    end = hit.end
    if hit.end - hit.start > QUOTED:
        line = document.text.rfind("\n", hit.start, hit.start + QUOTED)
        end = line if line > hit.start else hit.start + QUOTED
    return Span(hit, hit.start, end)


def row(document: Document, today: date, language: str) -> Draft:
    """One line: name, deadline or state, funder, amount, territory, each only where it is said."""
    programme = _record(document)
    details = [
        _when(programme, today, language),
        _field("row_funder", programme.funder, language),
        _field("row_amount", programme.amount, language),
        _field("row_territory", ", ".join(programme.territories), language),
    ]
    if stale_status(programme, today):
        details.append(text("row_stale", language, value=programme.status))
    said = text("separator", language).join(detail for detail in details if detail)
    return Draft(f"{programme.name} – {said}", (record_span(document),), "item")


def _field(key: str, value: str | None, language: str) -> str:
    if not value:
        return ""
    flat = " ".join(value.split())
    shown = flat if len(flat) <= SHOWN else flat[:SHOWN].rsplit(" ", 1)[0] + "…"
    return text(key, language, value=shown)


def _when(programme: Programme, today: date, language: str) -> str:
    closes = programme.closes
    match state(programme, today):
        case State.CLOSED if closes and closes < today:
            return text("row_closed", language, day=day(closes, language))
        case State.CLOSED:
            return text("row_closed_undated", language)
        case State.UPCOMING if programme.opens:
            opening = text("row_opens", language, day=day(programme.opens, language))
            if closes is None:
                return opening
            closing = text("row_closes", language, day=day(closes, language))
            return opening + text("separator", language) + closing
        case State.PERMANENT:
            return text("row_permanent", language)
    if closes:
        return text("row_closes", language, day=day(closes, language))
    return text("row_undated", language)


def field_values(document: Document, fields: Sequence[str], language: str) -> Draft | None:
    """One sentence with the fields asked for, None when the record has none of them."""
    programme = _record(document)
    values = {
        "beneficiaries": ", ".join(programme.beneficiaries),
        "funder": programme.funder,
        "amount": programme.amount,
        "territory": ", ".join(programme.territories),
        "contact": programme.contact,
    }
    said = [_field(f"row_{field}", values[field], language) for field in fields if values[field]]
    if not said:
        return None
    facts = text("separator", language).join(said)
    sentence = text("named_facts", language, name=programme.name, facts=facts)
    return Draft(sentence, (record_span(document),))


def deadline(document: Document, today: date, language: str) -> list[Draft]:
    """Sentences on the deadline of one named programme; the dates have the last word."""
    programme = _record(document)
    closes, opens, name = programme.closes, programme.opens, programme.name
    values: dict[str, object] = {"name": name}
    if closes:
        values |= {"day": day(closes, language), "remaining": _remaining(closes, today, language)}
    if opens:
        values["opens"] = day(opens, language)
    match state(programme, today):
        case State.CLOSED:
            key = "named_closed" if closes and closes < today else "named_closed_undated"
        case State.UPCOMING if opens:
            key = "named_upcoming_closing" if closes else "named_upcoming"
        case State.UPCOMING:
            key = "named_upcoming_undated"
        case State.PERMANENT:
            key = "named_permanent"
        case _:
            key = "named_open" if closes else "named_undated"
    drafts = [Draft(text(key, language, **values), (record_span(document),))]
    if stale_status(programme, today):
        warning = text("named_stale", language, value=programme.status)
        drafts.append(Draft(warning, (record_span(document),)))
    return drafts


def _remaining(closes: date, today: date, language: str) -> str:
    days = (closes - today).days
    if days <= 0:
        return text("remaining_today", language)
    return counted("remaining", days, language)


def _record(document: Document) -> Programme:
    if document.record is None:
        raise ValueError(f"document {document.location!r} is no programme record")
    return document.record
