"""`vigie sync` and `vigie sources`: the sources that are followed, and a round over them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_datetime

from vigie.assistant.settings import Settings
from vigie.ingest.errors import InvalidValue, Reason
from vigie.ingest.messages import message
from vigie.ingest.sources.declarations import FILE, Declaration, chosen, declared
from vigie.ui import handover
from vigie.ui.sync_display import HELD, show_round
from vigie.ui.terminal import FAILURE, OK, Terminal
from vigie.ui.work import log_to_file, opened

if TYPE_CHECKING:
    from vigie.index.catalogue import Catalogue

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


def forget(settings: Settings, name: str, file: Path | None, confirm: bool) -> int:
    """Exit status of `vigie sync --forget`: what would leave is told until it is confirmed.

    Raises InvalidValue for a source that is still declared, or of which nothing is known.
    """
    terminal = Terminal(settings.language)
    log_to_file(settings.data_dir)
    path = sources_file(settings, file)
    if path.exists() and name in {source.name for source in declared(path)}:
        expected = Reason("sync.expected_undeclared", {"file": path.name})
        raise InvalidValue(name="--forget", value=name, expected=expected)
    with closing(catalogue_of(settings)) as catalogue:
        count = len(catalogue.ledger.documents(name))
        if not count and name not in catalogue.ledger.outcomes():
            raise InvalidValue(
                name="--forget", value=name, expected=Reason("sync.expected_with_documents")
            )
    if not confirm:
        terminal.say("sync.would_forget", source=name, count=count)
        return HELD
    with handover.owning(settings.data_dir, lambda: terminal.say("cli.waiting")) as server:
        if server is None:
            return show_round(terminal, _forgetting(settings, name), dry_run=False)
        terminal.say("cli.handed_over", url=server.url)
        body = {"sources": str(path), "forget": name}
        events = handover.events(server, "/v1/sync", body, terminal.language)
        return show_round(terminal, events, dry_run=False)


def catalogue_of(settings: Settings) -> "Catalogue":
    """The catalogue alone, read beside a server that may be at work: it takes several readers."""
    from vigie.assistant.build import DATABASE
    from vigie.index.catalogue import Catalogue

    url = settings.database_url or f"sqlite:///{(settings.data_dir / DATABASE).resolve()}"
    return Catalogue(url)


def sources(settings: Settings, file: Path | None) -> int:
    """Exit status of `vigie sources`: 1 when the last round of one broke off or waits."""
    terminal = Terminal(settings.language)
    followed = declared(sources_file(settings, file))
    with closing(catalogue_of(settings)) as catalogue:
        outcomes = catalogue.ledger.outcomes()
        failures = catalogue.failures()
        wrong = False
        for source in followed:
            _describe(terminal, source, len(catalogue.ledger.documents(source.name)))
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
        for name in sorted(outcomes.keys() - {source.name for source in followed}):
            if count := len(catalogue.ledger.documents(name)):
                terminal.say("sync.undeclared", source=name, count=count)
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


def _forgetting(settings: Settings, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    from vigie.index.rounds import forget
    from vigie.ui.api import events

    with opened(settings) as vigie:
        for progress in forget(name, catalogue=vigie.catalogue, index=vigie.index):
            yield events.syncing(progress, settings.language)


def _going_round(
    settings: Settings, path: Path, names: Sequence[str], dry_run: bool, confirm: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    from vigie.ui.api import events
    from vigie.ui.api.sync import going_round

    with opened(settings) as vigie:
        for progress in going_round(vigie, path, names, dry_run, confirm):
            yield events.syncing(progress, settings.language)
