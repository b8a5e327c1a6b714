"""What the commands of `vigie eval` share: options in the reader's language, errors, output."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from vigie.ingest.errors import InvalidValue
from vigie.ingest.messages import LANGUAGES, message

PROGRAM = "vigie eval"
# Exit statuses: done, a measure below what was asked, misuse.
OK, BELOW, MISUSED = 0, 1, 2
# What the library blames: "unrecognized arguments: --x", "argument --html: expected one argument".
BLAMED = re.compile(r"^unrecognized arguments: (.+)|^argument ([^:]+):")


class Misused(Exception):
    """What is typed is no option of the program, or lacks its value."""

    def __init__(self, program: str, told: str) -> None:
        super().__init__(told)
        self.program = program
        blamed = BLAMED.search(told)
        self.name = next(filter(None, blamed.groups())) if blamed else told


class Parser(argparse.ArgumentParser):
    """Says in our words what the library would say in English.

    `name` is empty for `vigie eval` itself; the text of an option is `eval.option_<its name>`.
    The help ends on `commands`, with `eval.help_<name>` for each.
    """

    def __init__(self, name: str, language: str) -> None:
        super().__init__(
            prog=f"{PROGRAM} {name}".strip(),
            description=message(f"eval.help_{name or 'measure'}", language),
            add_help=False,
            allow_abbrev=False,
        )
        self.language = language
        self._named = self.add_argument_group(message("eval.options", language))
        self.add("language", choices=LANGUAGES)
        told = message("eval.option_help", language)
        self._named.add_argument("-h", "--help", action="store_true", help=told)
        self.commands: tuple[str, ...] = ()

    def add(self, name: str, **how: Any) -> None:
        """One option; `metavar` is the key of a word of the area where it has one."""
        words = message(f"eval.option_{name}", self.language)
        self._named.add_argument(f"--{name}", help=words, **how)

    def add_path(self, name: str, what: str = "file", **how: Any) -> None:
        """An option whose value is a path; `what` is "file" or "folder"."""
        self.add(name, type=Path, metavar=message(f"eval.{what}", self.language), **how)

    def add_given(self, name: str, metavar: str) -> None:
        """Paths typed without an option before them, however many."""
        self._named.add_argument(name, type=Path, nargs="*", metavar=metavar)

    def read(self, given: Sequence[str]) -> argparse.Namespace | None:
        """None when help was shown; raises Misused."""
        found = self.parse_args(given)
        if found.help:
            self.print_help()
            return None
        return found

    def error(self, message: str) -> NoReturn:
        raise Misused(self.prog, message)

    def format_help(self) -> str:
        usage = message("eval.usage", self.language)
        shown = [super().format_help().replace("usage:", usage, 1)]
        if self.commands:
            width = max(map(len, self.commands))
            shown.append("\n" + message("eval.help_others", self.language))
            for name in self.commands:
                told = message(f"eval.help_{name}", self.language)
                shown.append(f"\n  {PROGRAM} {name.ljust(width)}  {told}")
            shown.append("\n")
        return "".join(shown)


def language_of(given: Sequence[str], default: str) -> str:
    """Read before the rest, because the help itself is in that language; raises InvalidValue."""
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--language", choices=LANGUAGES, default=default)
    try:
        chosen: str = early.parse_known_args(list(given))[0].language
    except argparse.ArgumentError as error:
        known = ", ".join(LANGUAGES)
        raise InvalidValue(name="--language", value=error.message, expected=known) from error
    return chosen


def show(text: str) -> None:
    """A table, then a blank line: standard output holds only tables."""
    sys.stdout.write(text + "\n\n")


def tell(line: str) -> None:
    """What is not a table goes to standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
