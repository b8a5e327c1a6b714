"""Dates and states that a question sets to programmes: "ouverts", "avant juin 2027", "en mars"."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vigie.assistant.extraction.answer_types import MONTHS
from vigie.ingest.documents import Programme
from vigie.ingest.folding import fold


class State(StrEnum):
    """Where a programme stands on a given day."""

    OPEN = "open"
    PERMANENT = "permanent"
    UPCOMING = "upcoming"
    CLOSED = "closed"


CLOSED_WORDS = re.compile(
    r"\b(?:clos\w*|ferme\w*|termine\w*|expire\w*|acheve\w*|suspendu\w*|clotur\w*|closed)\b"
)
UPCOMING_WORDS = re.compile(r"\b(?:a venir|prochain\w*|bientot|upcoming|forthcoming)\b")


def state(programme: Programme, day: date) -> State:
    """Dates decide; the status field speaks only where they are silent."""
    if programme.closes and programme.closes < day:
        return State.CLOSED
    if programme.opens and programme.opens > day:
        return State.UPCOMING
    if programme.closes:
        return State.OPEN
    status = fold(programme.status or "")
    if CLOSED_WORDS.search(status):
        return State.CLOSED
    if UPCOMING_WORDS.search(status) and programme.opens is None:
        return State.UPCOMING
    return State.PERMANENT if programme.permanent or "permanent" in status else State.OPEN


def stale_status(programme: Programme, day: date) -> bool:
    """True when the status field says the contrary of the dates, so that the reader is warned."""
    status = fold(programme.status or "")
    if not status or not programme.closes:
        return False
    said_closed = CLOSED_WORDS.search(status) is not None
    return said_closed != (state(programme, day) is State.CLOSED)


class Event(StrEnum):
    """What happens in a window: the deadline, the opening, or being open on one of its days."""

    CLOSING = "closing"
    OPENING = "opening"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Window:
    """What a question says of time: states wanted, and days between which something happens.

    None on a side leaves it unbounded.
    """

    states: tuple[State, ...] = ()
    start: date | None = None
    end: date | None = None
    event: Event = Event.OPEN

    @property
    def dated(self) -> bool:
        return self.start is not None or self.end is not None

    def admits(self, programme: Programme, today: date) -> bool:
        """A programme without a deadline never closes in a window, and is open on any day."""
        if self.states and state(programme, today) not in self.states:
            return False
        if not self.dated:
            return True
        if self.event is not Event.OPEN:
            day = programme.closes if self.event is Event.CLOSING else programme.opens
            return day is not None and _between(day, self.start, self.end)
        if state(programme, self.start or today) is State.CLOSED and programme.closes is None:
            return False
        opened = programme.opens is None or self.end is None or programme.opens <= self.end
        lasting = programme.closes is None or self.start is None or programme.closes >= self.start
        return opened and lasting


def _between(day: date, start: date | None, end: date | None) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


_MONTH = "|".join(MONTHS)
_DATED = rf"(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)? )?(?:(?P<month>{_MONTH})\b)?(?: ?(?P<year>20\d\d)\b)?"
_LE = r"(?:l[ae] |les |l'|the )?"
_PART = r"(?P<part>fin |la fin |mi-|debut |the end of |end of )?(?:de |d'|du mois de |mois de )?"
_NUMERIC = r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"
PHRASE = re.compile(
    rf"\b(?P<word>avant|before|d'ici(?: a| au)?|by|apres|after|a partir (?:de|du)|d[eu]s|"
    rf"jusqu'(?:a|au|en)|until"
    rf"|au|on|en|in|courant|pour|pendant|depuis)\s+{_LE}{_PART}{_LE}(?:{_NUMERIC}|{_DATED})"
)
# "le 15 décembre 2026" : a day needs no other word before it.
ON_DAY = re.compile(rf"\ble\s+(?=\d)(?:{_NUMERIC}|{_DATED})")
_FIRST = rf"(?:(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)? )?(?P<month>{_MONTH})(?: (?P<year>20\d\d))?"
_LAST = _FIRST.replace("<day>", "<day2>").replace("<month>", "<month2>")
_LAST = _LAST.replace("<year>", "<year2>")
RANGE = re.compile(
    rf"\b(?:entre|between|de|du|from)\s+{_LE}{_FIRST}\s+(?:et|and|a|au|to)\s+{_LE}{_LAST}\b"
)
NEXT_UNITS = re.compile(
    r"\b(?:dans|d'ici|sous|within|in the next|prochain\w*)\s+(?:les\s+)?(?P<count>\d+|un|une|deux|"
    r"trois|quatre|six|douze)?"
    r"\s*(?:prochain\w*\s+)?(?P<unit>jours?|semaines?|mois|days?|weeks?|months?)\b"
)
COUNTS = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "six": 6, "douze": 12}
UNIT_DAYS = {"j": 1, "d": 1, "s": 7, "w": 7, "m": 31}
_CLOSE = r"clotur\w*|clos\w*|termin\w*|expir\w*|ferm\w*|echeance\w*|date limite|finiss\w*|prennent fin|deadlines?"
CLOSING_VERB = re.compile(rf"\b(?:{_CLOSE})\b")
CLOSING = re.compile(rf"\b(?:{_CLOSE}|avant|d'ici|before|by)\b")
OPENING = re.compile(r"\b(?:ouvriront|ouvrent|ouvrira|s'ouvr\w+|ouverture|will open|opening)\b")
THIS = re.compile(
    r"\b(?:cette annee|this year|ce mois(?:-ci)?|this month|le mois prochain|next month|"
    r"cette semaine|l'annee prochaine|next year|la fin de l'annee|the end of the year)\b"
)
_STATES: tuple[tuple[re.Pattern[str], tuple[State, ...]], ...] = tuple(
    (re.compile(pattern), states)
    for pattern, states in (
        (r"\b(?:permanente?s|toute l'annee|au fil de l'eau|sans date limite|all year)\b", (State.PERMANENT,)),
        (r"\b(?:a venir|ouvriront|ouvrent bientot|bientot ouverts?|prochains|upcoming)\b", (State.UPCOMING,)),
        (
            r"\b(?:ouverte?s?|open|en cours|actuel\w*|en ce moment|aujourd'hui|encore|current\w*|"
            r"now|en vigueur|"
            r"disponibles?)\b",
            (State.OPEN, State.PERMANENT),
        ),
        (r"\b(?:clos|closes|fermes|fermees|termines|terminees|expires|passes|closed|finis|clotures)\b", (State.CLOSED,)),
    )
)  # fmt: skip


def window(question: str, today: date) -> Window:
    """What the folded words of a question say of time; an empty window when they say nothing."""
    folded = fold(question)
    start, end, closing = _days(folded, today)
    event = Event.CLOSING if closing else Event.OPEN
    if OPENING.search(folded) and not CLOSING_VERB.search(folded):
        event = Event.OPENING
    states: tuple[State, ...] = ()
    for pattern, found in _STATES:
        if pattern.search(folded):
            states = found
            break
    if (
        states == (State.CLOSED,)
        and (start or end)
        and re.search(r"\bse (?:clo|term)|\bclos le", folded)
    ):
        states = ()
    elsewhen = not _between(today, start, end)
    # "ouverts en mars" speaks of March, not of today.
    kept = () if event is Event.OPENING or (elsewhen and event is Event.OPEN) else states
    return Window(kept, start, end, event) if start or end else Window(states)


def without_time(text: str) -> str:
    """The text with its words of time and state blanked, offsets unchanged."""
    folded = fold(text)
    found = (*PHRASE.finditer(folded), *ON_DAY.finditer(folded))
    dated = [m for m in found if m["month"] or m["year"] or m["d"]]
    dated += RANGE.finditer(folded)
    patterns = (NEXT_UNITS, THIS, CLOSING, OPENING, *(pattern for pattern, _ in _STATES))
    spans = [m.span() for m in dated]
    spans += [m.span() for pattern in patterns for m in pattern.finditer(folded)]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _days(folded: str, today: date) -> tuple[date | None, date | None, bool]:
    closing = CLOSING.search(folded) is not None
    if match := NEXT_UNITS.search(folded):
        count = COUNTS.get(match["count"] or "un") or int(match["count"])
        return today, today + timedelta(days=count * UNIT_DAYS[match["unit"][0]]), True
    if match := THIS.search(folded):
        start, end = _this(match.group(), today)
        return max(start, today) if closing else start, end, closing
    if (match := RANGE.search(folded)) and (span := _range(match, today)):
        return *span, closing
    for match in (*PHRASE.finditer(folded), *ON_DAY.finditer(folded)):
        span = _span(match, today)
        if span is None:
            continue
        first, last = span
        word = match.groupdict().get("word", "le")
        if word in ("avant", "before"):
            limit = (
                last if (match["part"] or "").strip().endswith("fin") else first - timedelta(days=1)
            )
            return None if limit < today else today, limit, True
        if word.startswith(("d'ici", "by")):
            return today, last, True
        if word.startswith(("apres", "after", "a partir", "des", "depuis")):
            return (
                (last + timedelta(days=1) if word in ("apres", "after") else first),
                None,
                closing,
            )
        if word.startswith(("jusqu", "until")):
            return last, last, False
        return first, last, closing
    return None, None, False


def _range(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """First and last day of "entre janvier et avril 2027"; the first year is that of the last."""
    last_year = int(match["year2"]) if match["year2"] else None
    try:
        months = [MONTHS.index(match[name]) % 12 + 1 for name in ("month", "month2")]
        year2 = last_year or today.year + (months[1] < today.month)
        year = int(match["year"]) if match["year"] else year2 - (months[0] > months[1])
        start = date(year, months[0], int(match["day"] or 1))
        last = int(match["day2"] or monthrange(year2, months[1])[1])
        return start, date(year2, months[1], last)
    except ValueError:
        return None


def _this(words: str, today: date) -> tuple[date, date]:
    if "semaine" in words:
        return today, today + timedelta(days=6 - today.weekday())
    if "annee" in words or "year" in words:
        year = today.year + ("prochaine" in words or "next" in words)
        return date(year, 1, 1), date(year, 12, 31)
    month = today.month + ("prochain" in words or "next" in words)
    year, month = today.year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _span(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """First and last day named; a month without a year is the next one to come."""
    try:
        if match["d"]:
            day = date(int(match["y"]), int(match["m"]), int(match["d"]))
            return day, day
        if not match["month"]:
            year = int(match["year"]) if match["year"] else 0
            return (date(year, 1, 1), date(year, 12, 31)) if year else None
        month = MONTHS.index(match["month"]) % 12 + 1
        year = int(match["year"]) if match["year"] else today.year + (month < today.month)
        if match["day"]:
            day = date(year, month, int(match["day"]))
            return day, day
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:
        return None
