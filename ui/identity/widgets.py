"""Widgets: an id that is no secret, good on named sites only, for public documents only."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from vigie.index.rows import aware, now
from vigie.index.schema import Database
from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, NotFound, Reason
from vigie.ui.identity.keys import digits, moment
from vigie.ui.identity.later import Later
from vigie.ui.identity.schema import widget_days, widgets
from vigie.ui.identity.who import READING, Bearer, Identity, QuotaSpent

ID_DIGITS = 12
PORTS = {"https": 443, "http": 80}
# Where a site may be tried out before it has a certificate (W3C, Secure Contexts §3.1).
UNENCRYPTED_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget as it is kept; `daily` is how many questions and searches it may make in a day."""

    id: str
    name: str
    origins: tuple[str, ...]
    daily: int
    created: datetime
    revoked: datetime | None

    @property
    def identity(self) -> Identity:
        """Whoever uses it: the public, whatever this server shows its visitors."""
        return Identity(
            Audience.PUBLIC,
            id=f"widget:{self.id}",
            name=self.name,
            scopes=READING,
            kind=Bearer.WIDGET,
        )


class Widgets:
    """The widgets of the database, and what was asked through them today."""

    def __init__(self, database: Database, later: Later) -> None:
        self._database, self._later = database, later
        self._counting = threading.Lock()
        self._day, self._counts = date.min, dict[str, int]()

    def create(self, name: str, origins: Sequence[str], daily: int) -> Widget:
        """Raises InvalidValue for what is no origin."""
        exact = tuple(dict.fromkeys(origin_of(origin) for origin in origins))
        row: dict[str, Any] = {
            "id": f"w_{digits(ID_DIGITS)}",
            "name": name,
            "origins": list(exact),
            "daily": daily,
            "created": now(),
            "revoked": None,
        }
        with self._database.writes.begin() as connection:
            connection.execute(widgets.insert().values(row))
        return _widget(row)

    def all(self) -> list[Widget]:
        """Every widget that was made, oldest first, revoked ones among them."""
        chosen = sa.select(widgets).order_by(widgets.c.created, widgets.c.id)
        with self._database.reads.connect() as connection:
            return [_widget(row) for row in connection.execute(chosen).mappings()]

    def asked_today(self) -> dict[str, int]:
        """What was asked today, by widget; a server writes it down within moments."""
        chosen = sa.select(widget_days).where(widget_days.c.day == now().date())
        with self._database.reads.connect() as connection:
            return {row["widget_id"]: row["count"] for row in connection.execute(chosen).mappings()}

    def revoke(self, widget_id: str) -> None:
        """From the next request on it opens nothing; raises NotFound."""
        first = sa.func.coalesce(widgets.c.revoked, now())
        chosen = widgets.update().where(widgets.c.id == widget_id).values(revoked=first)
        with self._database.writes.begin() as connection:
            if not connection.execute(chosen).rowcount:
                raise NotFound(what=Reason("keys.what_widget"), id=widget_id)

    def opened(self, widget_id: str, origin: str) -> Widget | None:
        """The widget of this id when it may be used on this site, else None."""
        chosen = sa.select(widgets).where(widgets.c.id == widget_id, widgets.c.revoked.is_(None))
        with self._database.reads.connect() as connection:
            row = connection.execute(chosen).mappings().first()
        found = _widget(row) if row else None
        return found if found and origin in found.origins else None

    def welcomes(self, origin: str) -> bool:
        """Whether any widget may be used on this site: a preflight cannot name its widget."""
        chosen = sa.select(widgets.c.origins).where(widgets.c.revoked.is_(None))
        with self._database.reads.connect() as connection:
            return any(origin in origins for origins in connection.execute(chosen).scalars())

    def spend(self, widget: Widget) -> None:
        """Counts one question or search; raises QuotaSpent when the day's are spent.

        The count is kept here and written later, so that no answer waits for a writer. Several
        servers of one database catch up with one another's counts at each writing.
        """
        today = now().date()
        with self._counting:
            if today != self._day:
                self._day, self._counts = today, {}
            if widget.id not in self._counts:
                self._counts[widget.id] = self._written(widget.id, today)
            if self._counts[widget.id] >= widget.daily:
                raise QuotaSpent(retry_after=seconds_left(now()))
            self._counts[widget.id] += 1
        self._later.do(lambda: self._write(widget.id, today))

    def _written(self, widget_id: str, day: date) -> int:
        which = (widget_days.c.widget_id == widget_id) & (widget_days.c.day == day)
        with self._database.reads.connect() as connection:
            return connection.execute(sa.select(widget_days.c.count).where(which)).scalar() or 0

    def _write(self, widget_id: str, day: date) -> None:
        which = (widget_days.c.widget_id == widget_id) & (widget_days.c.day == day)
        more = widget_days.update().where(which).values(count=widget_days.c.count + 1)
        with self._database.writes.begin() as connection:
            if not connection.execute(more).rowcount:
                row = {"widget_id": widget_id, "day": day, "count": 1}
                connection.execute(widget_days.insert().values(row))
            written = connection.execute(sa.select(widget_days.c.count).where(which)).scalar_one()
        with self._counting:
            if day == self._day:
                self._counts[widget_id] = max(self._counts.get(widget_id, 0), written)


def origin_of(text: str) -> str:
    """Scheme, host and port as browsers send them; raises InvalidValue for anything more or less.

    http is for this machine only; "null", which any file and any sandboxed page sends, is refused.
    """
    refusal = InvalidValue(name="--origin", value=text, expected=Reason("keys.origin_form"))
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        name = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise refusal from None
    more = (parts.username, parts.password, parts.path.strip("/"), parts.query, parts.fragment)
    clear = not any(more) and name and not set(name) & set("*? \\")
    secure = parts.scheme == "https" or (parts.scheme == "http" and name in UNENCRYPTED_HOSTS)
    if not (clear and secure):
        raise refusal
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}" + (
        f":{port}" if port not in (None, PORTS[parts.scheme]) else ""
    )


def seconds_left(at: datetime) -> int:
    """Until the next day begins (UTC), when all may be asked again."""
    tomorrow = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
    return int((tomorrow - at).total_seconds()) + 1


def _widget(row: Mapping[Any, Any]) -> Widget:
    return Widget(
        row["id"],
        row["name"],
        tuple(row["origins"]),
        row["daily"],
        aware(row["created"]),
        moment(row["revoked"]),
    )
