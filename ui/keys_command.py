"""What `vigie keys` does, in the database itself: a server that runs reads it at each request."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date

from vigie.assistant.settings import Settings
from vigie.index.rows import now
from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, Reason
from vigie.ingest.messages import message
from vigie.ui.identity.keys import Key
from vigie.ui.identity.store import Identities
from vigie.ui.identity.who import Scope
from vigie.ui.sync_command import catalogue_of
from vigie.ui.terminal import OK, Terminal
from vigie.ui.work import log_to_file

DAYS = re.compile(r"(\d{1,5})d")


def create(
    settings: Settings, name: str, audience: Audience, scopes: str, expires: str | None
) -> int:
    """Exit status of `vigie keys create`; the key alone goes to standard output."""
    terminal = Terminal(settings.language)
    chosen, end = scopes_of(scopes), end_of(expires)
    with identities_of(settings) as identities:
        key, secret = identities.keys.create(name, audience, chosen, end)
    terminal.say("keys.created", name=key.name, id=key.id)
    terminal.write(secret)
    return OK


def listed(settings: Settings) -> int:
    """Exit status of `vigie keys list`."""
    terminal = Terminal(settings.language)
    with identities_of(settings) as identities:
        found = identities.keys.all()
    rows = [
        (
            key.id,
            key.name,
            key.audience.value,
            ",".join(sorted(key.scopes)),
            day(key.expires, settings.language),
            day(key.used, settings.language),
            message(f"keys.state_{_state(key)}", settings.language),
        )
        for key in found
    ]
    columns = ("id", "name", "audience", "scopes", "expires", "used", "state")
    table(terminal, columns, rows)
    return OK


def revoke(settings: Settings, key_id: str) -> int:
    """Exit status of `vigie keys revoke`; raises NotFound."""
    with identities_of(settings) as identities:
        identities.keys.revoke(key_id)
    Terminal(settings.language).say("keys.revoked", id=key_id)
    return OK


@contextmanager
def identities_of(settings: Settings) -> Iterator[Identities]:
    """Keys, accounts and widgets, beside a server that may be at work."""
    log_to_file(settings.data_dir)
    with closing(catalogue_of(settings)) as catalogue:
        yield Identities(catalogue.database)


def scopes_of(text: str) -> frozenset[Scope]:
    """Scopes between commas; raises InvalidValue for an unknown one or none."""
    names = {name.strip() for name in text.split(",")}
    if not names <= set(Scope):
        known = Reason("keys.scopes_form", {"known": ", ".join(Scope)})
        raise InvalidValue(name="--scopes", value=text, expected=known)
    return frozenset(map(Scope, names))


def end_of(text: str | None) -> datetime | None:
    """The end (UTC) of the day told, or of so many days from now; raises InvalidValue."""
    if text is None:
        return None
    refusal = InvalidValue(name="--expires", value=text, expected=Reason("keys.expires_form"))
    try:
        days = DAYS.fullmatch(text)
        last = now().date() + timedelta(int(days[1])) if days else date.fromisoformat(text)
        end = datetime.combine(last + timedelta(1), time(), UTC)
    except (ValueError, OverflowError):
        raise refusal from None
    if end <= now():
        raise refusal
    return end


def day(moment: datetime | None, language: str) -> str:
    """The day as people of this language write it, a dash without one."""
    return format_date(moment, "short", locale=language) if moment else "–"


def table(terminal: Terminal, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under their heads on standard output, in columns wide enough; or that there are none."""
    told = [tuple(message(f"keys.column_{name}", terminal.language) for name in columns), *rows]
    if len(told) == 1:
        terminal.say("keys.none")
        return
    widths = [max(map(len, column)) for column in zip(*told, strict=True)]
    for row in told:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminal.write("  ".join(cells).rstrip())


def _state(key: Key) -> str:
    if key.revoked:
        return "revoked"
    return "active" if key.opens(now()) else "expired"
