"""JSON, JSON lines and YAML: lists of records, or one record per file."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import yaml

from vigie.ingest.decoding import decode
from vigie.ingest.errors import Reason, UnreadableFile
from vigie.ingest.readers.reading import Reading
from vigie.ingest.record_fields import Field, columns
from vigie.ingest.record_values import spell
from vigie.ingest.records import Table, field_lines, records, whole

log = logging.getLogger(__name__)

# A nested mapping with more keys holds a program's rules, not a record's fields: the records of
# mission-transition have 5 eligibility fields and 40 rules.
MOST_NESTED_KEYS = 12
# Safe values only, and `operator: =`, which plain safe_load takes for an obsolete tag.
VALUE_TAG = "tag:yaml.org,2002:value"


class RecordLoader(yaml.CSafeLoader):
    """Safe loader for published records; aliases are refused before it runs."""


def _as_written(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


RecordLoader.add_constructor(VALUE_TAG, _as_written)


def read(data: bytes, name: str) -> Reading:
    """Records of a list of mappings; a lone mapping is a record only if it is a programme."""
    text = decode(data)
    try:
        value = _parsed(text, name)
    except RecursionError as error:
        raise UnreadableFile(path=name, reason=Reason("read.too_deep")) from error
    except (ValueError, yaml.YAMLError) as error:
        raise UnreadableFile(
            path=name, reason=Reason("read.syntax", {"place": _where(error)})
        ) from error
    stem = PurePath(name).stem
    rows = _rows(value)
    if not rows:
        return Reading(spell(value))
    table = _table(stem, rows)
    made = records(table)
    if made:
        return Reading("", records=made)
    return Reading(whole(table)) if len(rows) > 1 else Reading(_lines(table))


def _parsed(text: str, name: str) -> object:
    suffix = PurePath(name).suffix.lower()
    if suffix == ".jsonl":
        return _json_lines(text, name)
    if suffix in (".yaml", ".yml"):
        return _yaml(text, name)
    return json.loads(text)


def _json_lines(text: str, name: str) -> list[object]:
    """Good lines; bad ones are logged, and only a file without a good line is an error."""
    values: list[object] = []
    last: ValueError | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            values.append(json.loads(line))
        except ValueError as error:
            last = error
            log.warning("%s: line %d is not JSON: %s", name, number, error)
    if last is not None and not values:
        raise last
    return values


def _yaml(text: str, name: str) -> object:
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableFile(path=name, reason=Reason("read.aliases"))
    documents = list(yaml.load_all(text, Loader=RecordLoader))
    return documents[0] if len(documents) == 1 else documents


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else getattr(error, "lineno", None)
    return str(line) if line else str(error)


def _rows(value: object) -> list[Mapping[object, object]]:
    """The mappings of a list, of the one list inside a wrapper, of a table of mappings, or one."""
    if isinstance(value, Mapping):
        lists = [rows for item in value.values() if len(rows := _mappings(item)) > 1]
        if len(lists) == 1 and (_has_name(_properties(lists[0][0])) or not _has_name(value)):
            return [_properties(row) for row in lists[0]]
        if len(value) > 1 and all(isinstance(item, Mapping) for item in value.values()):
            return [{"id": key, **item} for key, item in value.items()]
        return [value] if value else []
    return [_properties(row) for row in _mappings(value)]


def _has_name(row: Mapping[object, object]) -> bool:
    """A record says its name; a condition or a page of results does not."""
    return Field.NAME in columns([str(key) for key in row])


def _mappings(value: object) -> list[Mapping[object, object]]:
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def _properties(row: Mapping[object, object]) -> Mapping[object, object]:
    # GeoJSON keeps a record's fields under "properties".
    inner = row.get("properties")
    return inner if row.get("type") == "Feature" and isinstance(inner, Mapping) else row


def _table(name: str, rows: Sequence[Mapping[object, object]]) -> Table:
    flat = [_flat(row) for row in rows]
    header = list(dict.fromkeys(label for row in flat for label, value in row.items() if value))
    cells = tuple(tuple(row.get(label, "") for label in header) for row in flat)
    return Table(name, tuple(header), tuple(row for row in cells if any(row)))


def _flat(row: Mapping[object, object]) -> dict[str, str]:
    """Fields of a row, those of a small nested mapping under their own names."""
    fields: dict[str, str] = {}
    for key, value in row.items():
        if not isinstance(value, Mapping):
            fields[str(key)] = spell(value)
        elif len(value) <= MOST_NESTED_KEYS:
            for inner, item in value.items():
                if not isinstance(item, Mapping):
                    label = str(inner) if inner not in row else f"{key} – {inner}"
                    fields[label] = spell(item)
    return fields


def _lines(table: Table) -> str:
    pairs = zip(table.header, table.rows[0], strict=True) if table.rows else ()
    return field_lines([(label, value) for label, value in pairs if value])
