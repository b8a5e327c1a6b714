"""What `vigie widgets` does, and the line that places a widget in a page."""

from collections.abc import Sequence
from html import escape

from vigie.assistant.settings import Settings
from vigie.ingest.messages import message
from vigie.ui.identity.widgets import Widget
from vigie.ui.keys_command import identities_of, table
from vigie.ui.links import address
from vigie.ui.terminal import OK, Terminal

SCRIPT = "/widget/v1/widget.js"


def create(settings: Settings, name: str, origins: Sequence[str], daily: int) -> int:
    """Exit status of `vigie widgets create`; the line alone goes to standard output."""
    terminal = Terminal(settings.language)
    with identities_of(settings) as identities:
        widget = identities.widgets.create(name, origins, daily)
    where = ", ".join(widget.origins)
    terminal.say("keys.widget_created", name=widget.name, id=widget.id, origins=where)
    terminal.write(snippet(widget, base_of(settings)))
    if settings.public_url is None:
        terminal.say("keys.public_url_missing")
    return OK


def listed(settings: Settings) -> int:
    """Exit status of `vigie widgets list`."""
    terminal = Terminal(settings.language)
    with identities_of(settings) as identities:
        found, today = identities.widgets.all(), identities.widgets.asked_today()
    rows = [
        (
            widget.id,
            widget.name,
            " ".join(widget.origins),
            f"{today.get(widget.id, 0)}/{widget.daily}",
            message(f"keys.state_{'revoked' if widget.revoked else 'active'}", settings.language),
        )
        for widget in found
    ]
    table(terminal, ("id", "name", "origins", "today", "state"), rows)
    return OK


def revoke(settings: Settings, widget_id: str) -> int:
    """Exit status of `vigie widgets revoke`; raises NotFound."""
    with identities_of(settings) as identities:
        identities.widgets.revoke(widget_id)
    Terminal(settings.language).say("keys.revoked", id=widget_id)
    return OK


def snippet(widget: Widget, base: str) -> str:
    """The line to place in a page, for a server reached at `base`."""
    source = escape(base.rstrip("/") + SCRIPT, quote=True)
    return f'<script src="{source}" data-widget="{widget.id}" async></script>'


def base_of(settings: Settings) -> str:
    """The public address, else that of this machine."""
    public = settings.public_url
    return str(public).rstrip("/") if public else address(settings.host, settings.port)
