"""What the cells of a record say: plain words, items, dates, web addresses."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from vigie.ingest.folding import fold
from vigie.ingest.messages import message
from vigie.ingest.metadata import parse_date

# A list of codes longer than this (291 commune codes in one record) drowns the words around it.
MOST_CODES = 20
# Lists whose items are all shorter read well on one line (longest département name: 23).
SHORT_ITEM = 40
# Below this depth, published records hold program rules and not words for readers.
DEEPEST = 5
# The value of such a key stands for the whole mapping that holds it.
TELLING_KEYS = (
    "nom", "name", "label", "libelle", "titre", "title", "description", "texte", "text"
)  # fmt: skip

TAG = re.compile(r"<(/?[a-zA-Z][^<>]*|!--.*?--)>", re.DOTALL)
BREAK = re.compile(r"<(?:br|/?p|/?div|/?ul|/?ol|/li|/?h\d|/?tr)\b[^<>]*>", re.IGNORECASE)
BULLET = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
LINK = re.compile(r"!?\[([^\[\]]*)\]\((\S+?)\)")
EMPHASIS = re.compile(r"\*\*|__")
HEADING_MARK = re.compile(r"^#{1,6}\s+")
SPACES = re.compile(r"[ \t\r\f\v]+")
URL = re.compile(r"https?://[^\s<>\"')\]]+")
MONTHS = (
    "janv|f[ée]vr|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c|january|february|march|april|"
    "may|june|july|august"
)
DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})(?!\d)"
    rf"|\d{{1,2}}(?:er)?\s+(?:{MONTHS})[a-zéû]*\.?\s+\d{{4}}",
    re.IGNORECASE,
)
# "du 1er mars au 30 juin 2026": the first day takes the year of the last.
SHARED_YEAR = re.compile(
    rf"(\d{{1,2}}(?:er)?)(?:\s+((?:{MONTHS})[a-zéû]*))?\s+(?:au|-|–)\s+"
    rf"\d{{1,2}}(?:er)?\s+((?:{MONTHS})[a-zéû]*)\.?\s+(\d{{4}})",
    re.IGNORECASE,
)
PERMANENT = re.compile(
    r"\b(?:permanente?s?|au fil de l'eau|toute l'annee|en continu|sans (?:date )?limite|"
    r"sans echeance|continuous|rolling|all year|year.round)\b"
)
# Instants in UTC are the editor's midnight in France: 2026-01-04T23:00Z is 5 January.
PARIS = ZoneInfo("Europe/Paris")
NOTHING = frozenset(
    {
        "",
        "-",
        "–",
        "n/a",
        "na",
        "nc",
        "null",
        "none",
        "nan",
        "neant",
        "s.o.",
        "#n/a",
        "#ref!",
        "#value!",
        "#div/0!",
        "#name?",
    }
)


def spell(value: object, depth: int = 0) -> str:
    """Any cell or YAML value as plain words: French dates and decimals, whole floats as integers.

    Empty for None, for an empty list and for what lies deeper than readers' words do.
    """
    if value is None or depth > DEEPEST:
        return ""
    if isinstance(value, str):
        return plain(value) if depth else _spell_text(value)
    if isinstance(value, bool):
        return message("record.yes" if value else "record.no")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value).replace(".", ",")
    if isinstance(value, datetime) and value.time() != time():
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Mapping):
        return _spell_mapping(value, depth)
    if isinstance(value, (list, tuple)):
        return _spell_list(value, depth)
    return plain(str(value))


def _spell_text(value: str) -> str:
    # Editors export nested values as JSON inside a CSV cell.
    if value[:2] in ("[{", '["', '{"'):
        try:
            return spell(json.loads(value), 1)
        except (ValueError, RecursionError):
            return plain(value)
    return plain(value)


def _spell_mapping(value: Mapping[object, object], depth: int) -> str:
    """What names it; or `age >= 18` for a typed condition; or all its pairs."""
    told = [spell(value[key], depth + 1) for key in TELLING_KEYS if value.get(key)]
    if told:
        return ", ".join(_on_one_line(told))
    texts = {str(key): spell(item, depth + 1) for key, item in value.items()}
    if "type" in texts:
        kind = texts.pop("type")
        return " ".join(_on_one_line([kind, *texts.values()]))
    return ", ".join(_on_one_line(f"{key} {text}" for key, text in texts.items() if text))


def _on_one_line(texts: Iterable[str]) -> Iterator[str]:
    return (text.replace("\n", " ") for text in texts if text)


def _spell_list(value: Sequence[object], depth: int) -> str:
    items = list(_on_one_line(spell(item, depth + 1) for item in value))
    if len(items) > MOST_CODES and all(any(map(str.isdigit, item)) for item in items):
        items = [*items[:MOST_CODES], "…"]
    if all(len(item) <= SHORT_ITEM for item in items):
        return " ; ".join(items)
    return "\n".join(items if len(items) == 1 else (f"- {item}" for item in items))


def plain(value: str) -> str:
    """A cell's words without HTML or Markdown marks, one paragraph or `- item` per line."""
    if TAG.search(value):
        value = SPACES.sub(" ", value.replace("\n", " "))
        value = TAG.sub("", BULLET.sub("\n- ", BREAK.sub("\n", value)))
    value = html.unescape(value)
    value = EMPHASIS.sub("", LINK.sub(_spelled_link, value))
    lines = (HEADING_MARK.sub("", SPACES.sub(" ", line).strip(" \\")) for line in value.split("\n"))
    kept = (re.sub(r"^[*•·▪–]\s+", "- ", line) for line in lines)
    text = "\n".join(line for line in kept if line)
    return "" if fold(text) in NOTHING else text


def _spelled_link(match: re.Match[str]) -> str:
    words, target = match[1].strip(), match[2]
    return words if not words or not target.startswith("http") else f"{words} ({target})"


def parts(value: str) -> tuple[str, ...]:
    """The items of a cell: by line, `;` or `|`; else by comma; else by a `/` between blanks."""
    items = [item for line in value.split("\n") for item in re.split(r"[;|]", line)]
    if len(items) == 1:
        items = list(_comma_items(value))
    if len(items) == 1:
        items = value.split(" / ")
    stripped = (item.strip().removeprefix("- ").strip(" .") for item in items)
    return tuple(dict.fromkeys(unslugged(item) for item in stripped if item))


def unslugged(text: str) -> str:
    """ "region_corse" as words; text with blanks is left alone."""
    return text if " " in text else text.replace("_", " ")


def _comma_items(value: str) -> Iterator[str]:
    depth, start = 0, 0
    for position, character in enumerate(value):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            yield value[start:position]
            start = position + 1
    last = value[start:]
    # "Nord, Aisne et Somme": after a comma, "et" divides too; alone it may belong to a name.
    yield from re.split(r"\s(?:et|and)\s", last) if start and depth <= 0 else [last]


def dates(value: str) -> tuple[date, ...]:
    """Full dates in reading order; a month without its day is no date of opening or closing."""
    shared = SHARED_YEAR.search(value)
    if shared:
        first = f"{shared[1]} {shared[2] or shared[3]} {shared[4]}"
        value = value[: shared.start()] + first + " ; " + value[shared.end(1) :]
    found = (_day(match.group()) for match in DATE.finditer(value))
    return tuple(day for day in found if day)


def _day(text: str) -> date | None:
    if "T" in text:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (instant.astimezone(PARIS) if instant.tzinfo else instant).date()
    return parse_date(text)


def is_permanent(value: str) -> bool:
    """True when a deadline, status or recurrence cell says that the programme never closes."""
    return PERMANENT.search(fold(value)) is not None


def first_url(value: str) -> str | None:
    """The first web address in a cell; a bare `www.` name is taken as https."""
    match = URL.search(value)
    if match:
        return match.group().rstrip(".,;")
    bare = value.strip()
    return f"https://{bare}" if re.fullmatch(r"www\.\S+\.\S+", bare) else None
