"""`vigie sync` and `vigie sources`: the sources that are followed, and a round over them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from babel.dates import format_datetime

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import Reason
from vigie.ingest.messages import message
from vigie.ingest.sources.declarations import FILE, Declaration, chosen, declared
from vigie.ui import handover
from vigie.ui.sync_display import show_round
from vigie.ui.terminal import FAILURE, OK, Terminal
from vigie.ui.work import log_to_file, opened

# A source that fails wholesale fails for one reason: a few examples show it.
FAILURES_SHOWN = 5


def sync(
    settings: Settings, names: Sequence[str], file: Path | None, dry_run: bool, confirm: bool
) -> int:
    """Exit status of `vigie sync`; nothing is handed over before the file was understood."""
    terminal = Terminal(settings.language)
    log_to_file(settings.data_dir)
    path = sources_file(settings, file)
    chosen(declared(path), names)
    with handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server:
        if server is None:
            events = _going_round(settings, path, names, dry_run, confirm)
        else:
            terminal.say("cli.handed_over", url=server.url)
            body = {
                "sources": str(path),
                "names": list(names),
                "dry_run": dry_run,
                "confirm": confirm,
            }
            events = handover.events(server, "/v1/sync", body, terminal.language)
        return show_round(terminal, events, dry_run)


def sources(settings: Settings, file: Path | None) -> int:
    """Exit status of `vigie sources`: 1 when the last round of one broke off or waits."""
    from vigie.assistant.build import DATABASE
    from vigie.index.catalogue import Catalogue

    terminal = Terminal(settings.language)
    followed = declared(sources_file(settings, file))
    url = settings.database_url or f"sqlite:///{(settings.data_dir / DATABASE).resolve()}"
    # Read beside a server that may be at work: the catalogue takes several readers.
    with closing(Catalogue(url)) as catalogue:
        outcomes = catalogue.ledger.outcomes()
        failures = catalogue.failures()
        wrong = False
        for source in followed:
            _describe(terminal, source, catalogue.count(Audience.STAFF, source=source.name))
            outcome = outcomes.get(source.name)
            if outcome is None:
                terminal.write("  " + message("sync.never", terminal.language))
                continue
            at = format_datetime(outcome.at.astimezone(), "long", locale=terminal.language)
            terminal.write("  " + message("sync.last", terminal.language, at=at, **outcome.counts))
            if outcome.counts["held"]:
                terminal.say(
                    "sync.held", "bold red", source=source.name, count=outcome.counts["held"]
                )
            if outcome.code:
                terminal.error("  " + told(outcome.code, outcome.values or {}, terminal.language))
            wrong = wrong or bool(outcome.code or outcome.counts["held"])
            own = [item for item in failures if item.source == source.name]
            for item in own[:FAILURES_SHOWN]:
                terminal.error("  - " + told(item.code, item.values, terminal.language))
            if len(own) > FAILURES_SHOWN:
                terminal.say("sync.more_failures", count=len(own) - FAILURES_SHOWN)
    return FAILURE if wrong else OK


def sources_file(settings: Settings, file: Path | None) -> Path:
    """The file named, else the one in the data folder; absolute, for a server elsewhere."""
    return (file or settings.data_dir / FILE).absolute()


def told(code: str, values: Mapping[str, Any], language: str) -> str:
    """The words of an error that was recorded, its reasons in the reader's language."""
    again = {
        name: Reason(value["key"], value["values"]).text(language)
        if isinstance(value, dict)
        else value
        for name, value in values.items()
    }
    return message(f"error.{code}", language, **again)


def _describe(terminal: Terminal, source: Declaration, count: int) -> None:
    words = message(
        "sync.source",
        terminal.language,
        name=source.name,
        kind=source.kind,
        where=", ".join(source.where[:2]) + (", …" if len(source.where) > 2 else ""),
        audience=source.audience,
        count=count,
    )
    terminal.write(words, "bold")


def _going_round(
    settings: Settings, path: Path, names: Sequence[str], dry_run: bool, confirm: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    from vigie.ui.api import events
    from vigie.ui.api.sync import going_round

    with opened(settings) as vigie:
        for progress in going_round(vigie, path, names, dry_run, confirm):
            yield events.syncing(progress, settings.language)
