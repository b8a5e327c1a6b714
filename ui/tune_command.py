"""`vigie tune`: adapts the search model to the documents, and offers to build the index with it."""

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from babel.numbers import format_decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from vigie.assistant.settings import Settings
from vigie.ingest.messages import message
from vigie.ui.terminal import LINE_SECONDS, OK, Terminal, printable
from vigie.ui.work import log_to_file, reindex

if TYPE_CHECKING:
    from vigie.index.tuning.preparation import Walk
    from vigie.index.tuning.training import Step
    from vigie.index.tuning.trial import Question
    from vigie.index.tuning.tune import Outcome, Stage, Trial

# The result is no better: not a failure, not a success either, as for a sync that waits.
NO_BETTER = 3
SHARE, SIGNED = "0.000", "+0.000;-0.000"


def tune(
    settings: Settings,
    minutes: float,
    model: str | None,
    pairs: Path | None,
    questions: Path | None,
    then_reindex: bool,
    fresh: bool,
) -> int:
    """Exit status of `vigie tune`: 3 when the model did not become better.

    The catalogue is read beside a server that may be at work; its index is not opened.
    """
    from vigie.assistant.build import DATABASE
    from vigie.index.catalogue import Catalogue
    from vigie.index.tuning.base import base_of
    from vigie.index.tuning.given import given_pairs
    from vigie.index.tuning.tune import Order, tune

    terminal = Terminal(settings.language)
    log_to_file(settings.data_dir)
    url = settings.database_url or f"sqlite:///{(settings.data_dir / DATABASE).resolve()}"
    with closing(Catalogue(url)) as catalogue, _showing(terminal) as show:
        walk = catalogue.walk
        useful = given_pairs(pairs, walk) if pairs else []
        asked = _questions(questions, walk) if questions else []
        base = base_of(model or settings.embedder, settings.threads)
        order = Order(minutes, settings.threads, fresh)
        try:
            outcome = tune(settings.data_dir, base, walk, order, show, useful, asked)
        except KeyboardInterrupt:
            terminal.say("tune.interrupted")
            raise
    _report(terminal, outcome)
    if outcome.folder is None:
        return NO_BETTER
    return _offered(settings, terminal, outcome.folder.resolve(), then_reindex)


def _questions(path: Path, walk: "Walk") -> "list[Question]":
    """Those of the set that documents of the catalogue answer."""
    from vigie.evals.dataset import load_questions
    from vigie.index.tuning.given import by_location
    from vigie.index.tuning.trial import Question

    found = by_location(walk)
    asked = []
    for item in load_questions(path):
        ids = frozenset(known for name in item.relevant if (known := found(name)))
        if ids:
            asked.append(Question(item.question, ids, item.group or min(ids)))
    return asked


def _report(terminal: Terminal, outcome: "Outcome") -> None:
    language = terminal.language
    terminal.write(
        message(
            "tune.summary",
            language,
            pairs=sum(outcome.pairs.values()),
            documents=outcome.documents,
            minutes=f"{outcome.seconds / 60:.0f}",
        )
    )
    terminal.write(message("tune.held", language, **_figures(outcome.held, language)))
    if outcome.questions:
        terminal.write(message("tune.questions", language, **_figures(outcome.questions, language)))
    if outcome.folder is None:
        terminal.say("tune.discarded", "bold")
    else:
        terminal.write(message("tune.kept", language, path=outcome.folder))


def _figures(trial: "Trial", language: str) -> dict[str, object]:
    def share(value: float, form: str = SHARE) -> str:
        return format_decimal(value, form, locale=language)

    return {
        "count": trial.after.count,
        "five_before": share(trial.before.five),
        "five_after": share(trial.after.five),
        "mrr_before": share(trial.before.mrr),
        "mrr_after": share(trial.after.mrr),
        "gain": share(trial.gain.mean, SIGNED),
        "low": share(trial.gain.low, SIGNED),
        "high": share(trial.gain.high, SIGNED),
    }


def _offered(settings: Settings, terminal: Terminal, path: Path, then_reindex: bool) -> int:
    """Builds the index with the new model if asked to, else says how to."""
    wanted = then_reindex
    if not wanted and sys.stdin.isatty() and terminal.err.is_terminal:
        wanted = typer.confirm(message("tune.ask_reindex", terminal.language), err=True)
    status = OK
    if wanted:
        status = reindex(settings, str(path))
    if not wanted or status != OK:
        command = shlex.join(["vigie", "reindex", "--model", str(path)])
        terminal.write(message("tune.to_reindex", terminal.language, command=command))
    terminal.write(message("tune.to_keep", terminal.language, path=shlex.quote(str(path))))
    return status


@contextmanager
def _showing(terminal: Terminal) -> Iterator[Callable[["Stage | Step"], None]]:
    """A bar on a terminal, lines elsewhere."""
    if not terminal.err.is_terminal:
        yield _lines(terminal)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(*columns, console=terminal.err, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(told: "Stage | Step") -> None:
            if isinstance(told, str):
                terminal.say(f"tune.{told}")
                return
            words = message("tune.step", terminal.language, **_step(told, terminal.language))
            bar.update(task, description=printable(words), completed=told.step, total=told.steps)

        yield show


def _lines(terminal: Terminal) -> Callable[["Stage | Step"], None]:
    last = 0.0

    def show(told: "Stage | Step") -> None:
        nonlocal last
        if isinstance(told, str):
            terminal.say(f"tune.{told}")
        elif time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            terminal.say("tune.step", **_step(told, terminal.language))

    return show


def _step(told: "Step", language: str) -> dict[str, str]:
    return {
        "step": str(told.step),
        "steps": str(told.steps),
        "loss": format_decimal(told.loss, "0.00", locale=language),
        "score": "–" if told.score is None else format_decimal(told.score, SHARE, locale=language),
        "remaining": f"{told.remaining / 60:.0f}",
    }
