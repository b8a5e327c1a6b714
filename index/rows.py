"""Documents as rows of the catalogue, and back."""

from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

from vigie.index.copies import identity
from vigie.ingest.documents import Audience, Document, Kind, Place, PlaceKind, Programme
from vigie.ingest.errors import Reason

FIELDS = tuple(item.name for item in fields(Document))


def row(document: Document, chunks: int, origin: str) -> dict[str, Any]:
    """A document as its table holds it."""
    told = {name: getattr(document, name) for name in FIELDS}
    return told | {
        "id": document.id,
        "origin": origin,
        "kind": str(document.kind),
        "audience": str(document.audience),
        "places": [[place.start, str(place.kind), place.label] for place in document.places],
        "record": document.record
        and {name: plain(value) for name, value in asdict(document.record).items()},
        "digest": document.digest,
        "content": identity(document),
        "chunks": chunks,
        "indexed_at": now(),
    }


def document(found: Any) -> Document:
    """The document that `row` was made from, equal to it."""
    told = {name: found[name] for name in FIELDS}
    return Document(
        **told
        | {
            "kind": Kind(told["kind"]),
            "audience": Audience(told["audience"]),
            "places": tuple(
                Place(start, PlaceKind(kind), label) for start, kind, label in told["places"]
            ),
            "record": told["record"] and programme(told["record"]),
        }
    )


def programme(told: dict[str, Any]) -> Programme:
    """A programme from its JSON: lists become tuples, the two dates dates."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }
    for name in ("opens", "closes"):
        values[name] = values[name] and date.fromisoformat(values[name])
    return Programme(**values)


def plain(value: object) -> Any:
    """A value as JSON holds it; a reason keeps its key, so that it can be told in any language."""
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case Reason(key=key, values=values):
            return {"key": key, "values": {name: plain(item) for name, item in values.items()}}
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def now() -> datetime:
    """UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def aware(moment: datetime) -> datetime:
    """UTC again: SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
