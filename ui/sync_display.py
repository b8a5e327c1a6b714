"""What `vigie sync` shows: a bar for each source on a terminal, a line for each elsewhere."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from vigie.ingest.messages import message
from vigie.ui.terminal import FAILURE, LINE_SECONDS, OK, Terminal, printable

# A round that waits for a person is no failure, and no success either.
HELD = 3
# What a rehearsal tells of each file, by its change; the unchanged are not told.
SIGNS = {
    "new": "+",
    "changed": "~",
    "moved": ">",
    "removed": "-",
    "held": "?",
    "failed": "!",
}


class Show(Protocol):
    """Shows the progress of one source."""

    def __call__(self, data: dict[str, Any]) -> None: ...


def show_round(
    terminal: Terminal, events: Iterable[tuple[str, dict[str, Any]]], dry_run: bool
) -> int:
    """Exit status of a round: 1 when something failed, 3 when a loss waits to be confirmed."""
    last: dict[str, dict[str, Any]] = {}
    failures: list[str] = []
    with _showing(terminal) as show:
        for name, data in events:
            if name == "error":
                return terminal.refused(data)
            if name == "done":
                continue
            if name == "failure":
                failures.append(data["message"])
            last[data["source"]] = data
            if dry_run and data["change"] in SIGNS and data["current"] != data["source"]:
                terminal.write(f"{SIGNS[data['change']]} {data['source']} {data['current']}")
            show(data)
    for data in last.values():
        key = "sync.would" if dry_run else "sync.summary"
        terminal.write(message(key, terminal.language, **_counts(data)))
    if not last:
        terminal.say("sync.no_sources")
    for failure in failures:
        terminal.error(f"- {failure}")
    held = [data for data in last.values() if data["held"]]
    for data in held:
        terminal.say("sync.held", "bold red", source=data["source"], count=data["held"])
    return HELD if held else FAILURE if failures else OK


@contextmanager
def _showing(terminal: Terminal) -> Iterator[Show]:
    if not terminal.err.is_terminal:
        yield _lines(terminal)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=terminal.err, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(data: dict[str, Any]) -> None:
            source = data["source"]
            if source not in tasks:
                tasks[source] = bars.add_task("", total=None)
            words = message("sync.progress", terminal.language, **_counts(data))
            bars.update(
                tasks[source],
                description=printable(words),
                completed=data["done"],
                total=data["found"],
            )

        yield show


def _lines(terminal: Terminal) -> Show:
    told: dict[str, float] = {}

    def show(data: dict[str, Any]) -> None:
        if data["seconds"] - told.get(data["source"], 0.0) >= LINE_SECONDS:
            told[data["source"]] = data["seconds"]
            terminal.say("sync.progress", **_counts(data))

    return show


def _counts(data: dict[str, Any]) -> dict[str, Any]:
    seconds = data["seconds"]
    return data | {
        "rate": f"{data['done'] / seconds if seconds else 0:.0f}",
        "duration": f"{seconds:.0f}",
    }
