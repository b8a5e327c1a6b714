"""The command line's help and usage errors in words of our catalogue, not of its library."""

import re
from typing import Any

from typer.core import TyperCommand, TyperGroup

from vigie.ingest.messages import message

# Class of a usage error -> its message; told by name, for the library keeps them private.
USAGE_ERRORS = {
    "NoSuchOption": "cli.usage_no_such_option",
    "MissingParameter": "cli.usage_missing",
    "BadParameter": "cli.usage_bad_value",
    "BadOptionUsage": "cli.usage_bad_option",
}
# What the library quotes of the words typed: "No such command 'x'", "extra argument (x)".
QUOTED = re.compile(r"['(]([^')]+)[')]")


class _Spoken:
    """Overrides of a typer command that only change words."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, pieces, prefix=message("cli.usage") + " ")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        rows: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
        for param in self.get_params(ctx):  # type: ignore[attr-defined]
            if record := param.get_help_record(ctx):
                is_argument = param.param_type_name == "argument"
                name = param.metavar if is_argument else record[0]
                rows[param.param_type_name].append((name, param.help or ""))
        for kind, title in (("argument", "cli.arguments"), ("option", "cli.options")):
            if rows[kind]:
                with formatter.section(message(title)):
                    formatter.write_dl(rows[kind])

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = message("cli.help_help")
        return option


class Command(_Spoken, TyperCommand):
    """A command whose help speaks our language."""


class Group(_Spoken, TyperGroup):
    """The commands, listed under their own heading."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Options, then commands in the order in which one needs them."""
        super().format_options(ctx, formatter)
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(80)) for name, command in found if command]
        with formatter.section(message("cli.commands")):
            formatter.write_dl(rows)


def usage_error(error: Any) -> str:
    """What is wrong with the words typed after `vigie`, and where its help is."""
    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    path = context.command_path if context else "vigie"
    name = getattr(error, "option_name", None)
    if name is None and param is not None:
        name = param.opts[0] if param.param_type_name == "option" else param.metavar
    if name is None:
        name = ([path] + QUOTED.findall(error.message))[-1]
    shown = param.display_type(context) if param and context else ""
    known = shown.strip("<>").replace("|", ", ") if "|" in shown else getattr(param, "help", "")
    key = USAGE_ERRORS.get(type(error).__name__, "cli.usage_other")
    return message(key, name=name, known=known, path=path)
