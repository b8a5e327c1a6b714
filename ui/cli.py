"""`vigie`: thin commands; each hands its work to the running server, or does it itself."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated

import typer
from pydantic import ValidationError

from vigie.assistant.settings import Settings
from vigie.ingest.documents import Audience
from vigie.ingest.errors import InputError, InvalidValue, VigieError
from vigie.ingest.messages import message
from vigie.ui.identity_commands import GROUPS
from vigie.ui.usage import Command, Group, usage_error

OK, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130

# What two cores need for about 3,000 documents.
TUNING_MINUTES = 60.0

# Imported on use: help and a question to a running server need none of what these import.
WORK = {
    "ask": "vigie.ui.work:ask",
    "ingest": "vigie.ui.work:ingest",
    "sync": "vigie.ui.sync_command:sync",
    "forget": "vigie.ui.sync_command:forget",
    "sources": "vigie.ui.sync_command:sources",
    "serve": "vigie.ui.work:serve",
    "mcp": "vigie.ui.mcp.stdio:serve",
    "reindex": "vigie.ui.work:reindex",
    "tune": "vigie.ui.tune_command:tune",
    "doctor": "vigie.ui.doctor:doctor",
    "eval": "vigie.evals.command:main",
}

app = typer.Typer(
    cls=Group,
    help=message("cli.help"),
    rich_markup_mode=None,
    add_completion=False,
    subcommand_metavar=message("cli.command_metavar"),
)


class Language(StrEnum):
    """Languages of answers and messages."""

    FR = "fr"
    EN = "en"


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"vigie {version('vigie')}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def vigie(
    context: typer.Context,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", help=message("cli.version_help"), callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    # For the commands of a group: read when one runs, so that help needs no settings.
    context.obj = _settings
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


@app.command(cls=Command, help=message("cli.ingest_help"))
def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar=message("cli.paths_metavar"), help=message("cli.paths_help"), show_default=False
        ),
    ],
    audience: Annotated[
        Audience, typer.Option(help=message("cli.audience_help"))
    ] = Audience.PUBLIC,
    publisher: Annotated[str | None, typer.Option(help=message("cli.publisher_help"))] = None,
    source: Annotated[str | None, typer.Option(help=message("cli.source_help"))] = None,
) -> None:
    _end(resolve_name(WORK["ingest"])(_settings(), paths, audience, publisher, source))


@app.command(cls=Command, help=message("sync.sync_help"))
def sync(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help=message("sync.sync_names_help")),
    ] = None,
    file: Annotated[Path | None, typer.Option("--sources", help=message("sync.file_help"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=message("sync.dry_run_help"))] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help=message("sync.confirm_help"))] = False,
    forget: Annotated[
        str | None, typer.Option(metavar="SOURCE", help=message("sync.forget_help"))
    ] = None,
) -> None:
    if forget is not None:
        _end(resolve_name(WORK["forget"])(_settings(), forget, file, confirm))
    _end(resolve_name(WORK["sync"])(_settings(), names or [], file, dry_run, confirm))


@app.command(cls=Command, help=message("sync.sources_help"))
def sources(
    file: Annotated[Path | None, typer.Option("--sources", help=message("sync.file_help"))] = None,
) -> None:
    _end(resolve_name(WORK["sources"])(_settings(), file))


@app.command(cls=Command, help=message("cli.ask_help"))
def ask(
    question: Annotated[
        str,
        typer.Argument(
            metavar=message("cli.question_metavar"),
            help=message("cli.question_help"),
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json_help"))] = False,
    language: Annotated[Language | None, typer.Option(help=message("cli.language_help"))] = None,
) -> None:
    spoken = language.value if language else None
    _end(resolve_name(WORK["ask"])(_settings(), question, as_json, spoken))


@app.command(cls=Command, help=message("cli.serve_help"))
def serve(
    host: Annotated[str | None, typer.Option(help=message("cli.host_help"))] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help=message("cli.port_help"))
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help=message("cli.sample_help"))] = False,
) -> None:
    given = {"host": host, "port": port}
    settings = _settings().model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    _end(resolve_name(WORK["serve"])(settings, sample))


@app.command(cls=Command, help=message("connectors.mcp_help"))
def mcp() -> None:
    _end(resolve_name(WORK["mcp"])(_settings()))


@app.command(cls=Command, help=message("cli.reindex_help"))
def reindex(
    model: Annotated[str | None, typer.Option(help=message("cli.model_help"))] = None,
) -> None:
    _end(resolve_name(WORK["reindex"])(_settings(), model))


@app.command(cls=Command, help=message("tune.help"))
def tune(
    minutes: Annotated[
        float, typer.Option(min=1, max=1440, help=message("tune.minutes_help"))
    ] = TUNING_MINUTES,
    model: Annotated[str | None, typer.Option(help=message("tune.model_help"))] = None,
    pairs: Annotated[Path | None, typer.Option(help=message("tune.pairs_help"))] = None,
    questions: Annotated[Path | None, typer.Option(help=message("tune.questions_help"))] = None,
    then_reindex: Annotated[
        bool, typer.Option("--reindex", help=message("tune.reindex_help"))
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help=message("tune.fresh_help"))] = False,
) -> None:
    given = minutes, model, pairs, questions, then_reindex, fresh
    _end(resolve_name(WORK["tune"])(_settings(), *given))


@app.command(cls=Command, help=message("cli.doctor_help"))
def doctor() -> None:
    _end(resolve_name(WORK["doctor"])(_settings()))


@app.command(
    "eval",
    cls=Command,
    help=message("cli.eval_help"),
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def evaluate(context: typer.Context) -> None:
    _end(resolve_name(WORK["eval"])(context.args, _settings()))


for group in GROUPS:
    app.add_typer(group)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ends the process: 0, 1 after a failure, 2 for what was typed wrongly, 130 on Ctrl-C."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(given, prog_name="vigie", standalone_mode=False)
    except typer.TyperException as error:
        status = _told(usage_error(error), USAGE)
    except VigieError as error:
        kind = USAGE if isinstance(error, InputError) else FAILURE
        status = _told(error.message(_language()), kind)
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status if isinstance(status, int) else OK)


def _end(status: int) -> None:
    raise typer.Exit(status)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = str(wrong["loc"][0]).lower()
        # The field's description says what is expected in words; the library's would be English.
        expected = Settings.model_fields[name].description or wrong["msg"]
        key = str(Settings.model_config.get("env_prefix", "")) + name
        raise InvalidValue(name=key.upper(), value=wrong["input"], expected=expected) from None


def _language() -> str:
    try:
        return Settings().language
    except ValidationError:
        return "fr"


def _told(text: str, status: int) -> int:
    from vigie.ui.terminal import Terminal

    Terminal(_language()).error(text)
    return status
