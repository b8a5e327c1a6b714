"""Periods of the past that a text names: "en 2020", "depuis mars 2024", "l'an dernier"."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from vigie.assistant.extraction.answer_types import MONTHS

_MONTH = "|".join(MONTHS)
_ARTICLE = r"(?:l[ae] |l'|the )?(?:annee |mois d[e'] ?|year )?"


def _moment(mark: str) -> str:
    """A day, a month or a year, in named groups that end with `mark`."""
    return (
        rf"{_ARTICLE}(?:(?P<d{mark}>\d{{1,2}})/(?P<m{mark}>\d{{1,2}})/(?P<y{mark}>\d{{4}})"
        rf"|(?:(?P<day{mark}>\d{{1,2}})(?:er|st|nd|rd|th)? )?"
        rf"(?:(?P<month{mark}>{_MONTH}) )?(?P<year{mark}>(?:19|20)\d\d)\b)"
    )


RANGE = re.compile(
    rf"\b(?:entre|between|de|du|from)\s+{_moment('1')}\s+(?:et|and|a|au|to)\s+{_moment('2')}"
)
YEARS = re.compile(r"\b(?P<first>(?:19|20)\d\d)\s?-\s?(?P<last>(?:19|20)\d\d)\b")
SINCE = re.compile(rf"\b(?:depuis|a partir d[eu]|des|since|from)\s+{_moment('1')}")
UNTIL = re.compile(rf"\b(?:jusqu'(?:a|au|en)|until|avant|before)\s+{_moment('1')}")
AFTER = re.compile(rf"\b(?:apres|after)\s+{_moment('1')}")
AT = re.compile(
    rf"\b(?:(?:en|in|de|du|d'|of|from|le|on|courant|dated?|for|pour)\s*)?{_moment('1')}"
)
RELATIVE = re.compile(
    r"\b(?:(?P<last>l'an (?:dernier|passe)|l'annee (?:derniere|passee|precedente)|last year)"
    r"|(?P<this>cette annee|this year)"
    r"|(?P<month>le mois (?:dernier|passe)|last month)|(?P<now>ce mois(?:-ci)?|this month)"
    r"|(?P<week>la semaine (?:derniere|passee)|cette semaine|last week|this week)"
    r"|(?:ces|les|au cours des|the|in the) (?:last |past )?(?P<count>\d+|deux|trois|six|douze|two|"
    r"three)? ?(?:derniers|dernieres)? ?(?P<unit>jours|semaines|mois|annees|ans|days|weeks|months|"
    r"years)(?P<after> (?:derniers|dernieres|passes|passees))?)\b"
)
COUNTS = {"deux": 2, "two": 2, "trois": 3, "three": 3, "six": 6, "douze": 12}
UNIT_DAYS = {"j": 1, "s": 7, "m": 30, "a": 365, "d": 1, "w": 7, "y": 365}
WEEK = 7


@dataclass(frozen=True, slots=True)
class Period:
    """Days named by characters `at` to `to` of a folded text; None leaves a side open."""

    start: date | None
    end: date | None
    at: int
    to: int


def periods(folded: str, today: date) -> Iterator[Period]:
    """Periods in order of size of their wording, none inside another; future ones are left out."""
    taken: list[tuple[int, int]] = []
    for period in _candidates(folded, today):
        if any(period.at < end and start < period.to for start, end in taken):
            continue
        taken.append((period.at, period.to))
        if period.start is None or period.start <= today:
            yield period


def _candidates(folded: str, today: date) -> Iterator[Period]:
    for match in RANGE.finditer(folded):
        first, last = _days(match, "1"), _days(match, "2")
        if first and last and first[0] <= last[1]:
            yield Period(first[0], last[1], *match.span())
    for match in YEARS.finditer(folded):
        start, end = date(int(match["first"]), 1, 1), date(int(match["last"]), 12, 31)
        if start <= end:
            yield Period(start, end, *match.span())
    for pattern in (SINCE, UNTIL, AFTER, AT):
        for match in pattern.finditer(folded):
            if days := _days(match, "1"):
                yield _bounded(pattern, match, *days)
    for match in RELATIVE.finditer(folded):
        if days := _relative(match, today):
            yield Period(*days, *match.span())


def _bounded(pattern: re.Pattern[str], match: re.Match[str], first: date, last: date) -> Period:
    if pattern is SINCE:
        return Period(first, None, *match.span())
    if pattern is AFTER:
        return Period(last + timedelta(days=1), None, *match.span())
    if pattern is UNTIL:
        before = match.group().startswith(("avant", "before"))
        return Period(None, first - timedelta(days=1) if before else last, *match.span())
    return Period(first, last, *match.span())


def _days(match: re.Match[str], mark: str) -> tuple[date, date] | None:
    """First and last day of a moment; None for a day that no calendar has."""
    try:
        if match["d" + mark]:
            given = date(int(match["y" + mark]), int(match["m" + mark]), int(match["d" + mark]))
            return given, given
        year = int(match["year" + mark])
        if not match["month" + mark]:
            # "12 2020": a number that happens to stand before a year.
            return None if match["day" + mark] else (date(year, 1, 1), date(year, 12, 31))
        month = MONTHS.index(match["month" + mark]) % 12 + 1
        if match["day" + mark]:
            given = date(year, month, int(match["day" + mark]))
            return given, given
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:
        return None


def _relative(match: re.Match[str], today: date) -> tuple[date, date] | None:
    if match["last"]:
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    if match["this"]:
        return date(today.year, 1, 1), date(today.year, 12, 31)
    if match["month"] or match["now"]:
        last = today if match["now"] else today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    if match["week"]:
        monday = today - timedelta(days=today.weekday())
        past = "cette" not in match["week"] and "this" not in match["week"]
        return monday - timedelta(days=WEEK * past), monday + timedelta(days=WEEK * (not past) - 1)
    said = match.group()
    if not re.search(r"dernier|last|past|passe", said):
        return None
    count = COUNTS.get(match["count"] or "", 0) or int(match["count"] or 1)
    return today - timedelta(days=count * UNIT_DAYS[match["unit"][0]]), today
