"""What the commands show: the same events as every other face, for a person or for a pipe."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unicodedata import category

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from vigie.ingest.documents import Kind, Place, PlaceKind
from vigie.ingest.messages import message
from vigie.ui.wording import dateline, one_line

Events = Iterable[tuple[str, dict[str, Any]]]

# A pipe or a log gets a line each so many seconds, not one per document.
LINE_SECONDS = 5.0
# A quote in the terminal is a reminder of the passage: about two lines of 80 columns.
QUOTE_CHARACTERS = 160
# Statuses from here on are the server's own failures, below it the request is at fault.
SERVER_FAULT = 500

OK, FAILURE, USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Told:
    """A source read back from JSON, as `dateline` wants it."""

    kind: Kind
    publisher: str | None
    published: date | None
    modified: date | None
    place: Place | None

    @classmethod
    def of(cls, source: dict[str, Any]) -> "Told":
        """From a citation or a hit of the HTTP interface."""
        published, modified = source["published"], source["modified"]
        place = source["place"]
        return cls(
            Kind(source["kind"]),
            source["publisher"],
            date.fromisoformat(published) if published else None,
            date.fromisoformat(modified) if modified else None,
            Place(0, PlaceKind(place["kind"]), place["label"]) if place else None,
        )


def printable(text: str) -> str:
    """Text without the control characters by which a document could command the terminal."""
    # Categories C: controls, formats, surrogates. French spaces (Zs) stay.
    kept = (c if c == "\n" or category(c)[0] != "C" else " " if c == "\t" else "" for c in text)
    return "".join(kept)


@dataclass
class Terminal:
    """Standard output for results, standard error for everything said along the way."""

    language: str
    out: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    err: Console = field(
        default_factory=lambda: Console(highlight=False, soft_wrap=True, stderr=True)
    )

    def say(self, key: str, style: str = "", **values: object) -> None:
        """A sentence of the catalogue on standard error."""
        self.err.print(Text(printable(message(key, self.language, **values)), style=style))

    def error(self, text: str) -> None:
        """What went wrong, in red on standard error."""
        self.err.print(Text(printable(text), style="red"))

    def ready(self, url: str) -> None:
        """Where the server answers, alone on a line of standard output, at once."""
        self.write(message("cli.ready", self.language, url=url))
        sys.stdout.flush()

    def write(self, text: str, style: str = "", end: str = "\n") -> None:
        """Words on standard output, never read as markup."""
        self.out.print(Text(printable(text), style=style), end=end)

    def answer(self, events: Events, linked: bool) -> int:
        """Stream an answer, then its sources; their pages when `linked` to a running server."""
        written = False
        for name, data in events:
            if name == "delta":
                self.write(data["text"], end="")
                written = True
            elif name == "error":
                self.write("\n" if written else "", end="")
                return self.refused(data)
            elif name == "done":
                self.write("" if written else data["text"])
                self._sources(data, linked)
        return OK

    def answer_json(self, events: Events) -> int:
        """The whole answer as one JSON object; a problem object on standard error."""
        for name, data in events:
            if name == "error":
                self.err.print(Text(json.dumps(data, ensure_ascii=False)))
                return _status(data)
            if name == "done":
                sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        return OK

    def refused(self, problem: dict[str, Any]) -> int:
        """Exit status of a problem, once it is told."""
        self.error(problem["detail"])
        return _status(problem)

    def _sources(self, answer: dict[str, Any], linked: bool) -> None:
        if answer["facets"]:
            self.write("")
            self.write(self._facets(answer["facets"]), "italic")
        if answer["notice"]:
            self.write("")
            self.write(answer["notice"], "italic")
        sources = answer["consulted"] if answer["abstained"] else answer["citations"]
        if not sources:
            return
        heading = "cli.leads" if answer["abstained"] else "cli.sources"
        self.write("")
        self.write(message(heading, self.language), "bold")
        for source in sources:
            self._source(source, linked)
        if not linked:
            self.say("cli.serve_to_open", "dim")

    def _facets(self, facets: list[dict[str, Any]]) -> str:
        said = [
            message(f"facets.said_{facet['kind']}", self.language, label=facet["label"])
            for facet in facets
        ]
        between = message("answer.separator", self.language)
        return message("facets.applied", self.language, list=between.join(said))

    def _source(self, source: dict[str, Any], linked: bool) -> None:
        number = f"[{source['number']}] " if "number" in source else "- "
        self.write(number + source["title"])
        indent = " " * len(number)
        self.write(indent + dateline(Told.of(source), self.language), "dim")
        words = one_line(source.get("quote", ""))
        if words:
            cut = words if len(words) <= QUOTE_CHARACTERS else words[:QUOTE_CHARACTERS] + "…"
            self.write(indent + message("cli.quote", self.language, words=cut))
        address = source["source_url"] if linked else source["url"]
        if address:
            self.write(indent + address)

    def ingestion(self, events: Events) -> int:
        """Progress while it lasts, then what could not be indexed and how to mend it."""
        failures: list[str] = []
        last: dict[str, Any] = {}
        with self._progress() as show:
            for name, data in events:
                if name == "error":
                    return self.refused(data)
                if name == "failure":
                    failures.append(data["message"])
                last = data
                show(data)
        if last:
            self.say("cli.ingested", **_counts(last))
        else:
            self.say("cli.nothing_found")
        if failures:
            self.say("cli.failures", "bold red", count=len(failures))
            for failure in failures:
                self.error(f"- {failure}")
        return FAILURE if failures else OK

    @contextmanager
    def _progress(self) -> Iterator[Any]:
        if not self.err.is_terminal:
            yield self._lines()
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda data: self._advance(bar, task, data)

    def _advance(self, bar: Progress, task: TaskID, data: dict[str, Any]) -> None:
        words = message("cli.progress", self.language, **_counts(data))
        bar.update(task, description=printable(words), completed=data["done"], total=data["found"])

    def _lines(self) -> Any:
        told = 0.0

        def show(data: dict[str, Any]) -> None:
            nonlocal told
            if data["seconds"] - told >= LINE_SECONDS:
                told = data["seconds"]
                self.say("cli.progress", **_counts(data))

        return show


def _counts(data: dict[str, Any]) -> dict[str, Any]:
    seconds = data["seconds"]
    return data | {
        "indexed": data["done"] - data["unchanged"] - data["failed"],
        "rate": f"{data['chunks'] / seconds if seconds else 0:.0f}",
        "duration": f"{seconds:.0f}",
    }


def _status(problem: dict[str, Any]) -> int:
    return FAILURE if problem["status"] >= SERVER_FAULT else USAGE
