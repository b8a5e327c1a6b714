"""What is typed after `vigie eval`."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from vigie.evals.systems import BASELINES
from vigie.ingest.errors import InvalidValue
from vigie.ingest.messages import LANGUAGES, message

PROGRAM = "vigie eval"
COMPARE = "compare"
RUNS = "A.json B.json"
# What the library blames: "unrecognized arguments: --x", "argument --html: expected one argument".
BLAMED = re.compile(r"^unrecognized arguments: (.+)|^argument ([^:]+):")


@dataclass(frozen=True, slots=True)
class Options:
    """`command` is what was typed, to be recorded with the results."""

    command: str
    language: str
    data: tuple[Path, ...]
    corpus: Path | None
    questions: tuple[Path, ...]
    work: Path | None
    embedder: str | None
    retrieval: bool
    baselines: tuple[str, ...]
    html: Path | None
    json: Path | None
    gate: bool
    compare: tuple[Path, ...]


class Misused(Exception):
    """What is typed is no option of the program, or lacks its value."""

    def __init__(self, program: str, told: str) -> None:
        super().__init__(told)
        self.program = program
        blamed = BLAMED.search(told)
        self.name = next(filter(None, blamed.groups())) if blamed else told


class _Parser(argparse.ArgumentParser):
    """Says in our words what the library would say in English."""

    language = "fr"

    def error(self, message: str) -> NoReturn:
        raise Misused(self.prog, message)

    def format_help(self) -> str:
        usage = message("eval.usage", self.language)
        return super().format_help().replace("usage:", usage, 1)


def parse(given: Sequence[str], language: str) -> Options | None:
    """None when help was shown; raises Misused, or InvalidValue for a wrong choice."""
    language = _language(given, language)
    comparing = given[:1] == [COMPARE]
    parser = _comparing(language) if comparing else _measuring(language)
    found = parser.parse_args(given[1:] if comparing else given)
    if found.help:
        parser.print_help()
        return None
    if comparing and len(found.runs) != 2:
        raise Misused(parser.prog, " ".join(map(str, found.runs)) or RUNS)
    return _options(" ".join([PROGRAM, *given]), language, vars(found))


def _options(command: str, language: str, found: dict[str, Any]) -> Options:
    return Options(
        command=command,
        language=language,
        data=tuple(found.get("data") or ()),
        corpus=found.get("corpus"),
        questions=tuple(found.get("questions") or ()),
        work=found.get("work"),
        embedder=found.get("embedder"),
        retrieval=found.get("retrieval", False),
        baselines=_baselines(found.get("baseline")),
        html=found["html"],
        json=found.get("json"),
        gate=found.get("gate", False),
        compare=tuple(found.get("runs") or ()),
    )


def _language(given: Sequence[str], language: str) -> str:
    """Read before the rest, because the help itself is in that language."""
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    early.add_argument("--language", choices=LANGUAGES, default=language)
    try:
        chosen: str = early.parse_known_args(list(given))[0].language
    except argparse.ArgumentError as error:
        known = ", ".join(LANGUAGES)
        raise InvalidValue(name="--language", value=error.message, expected=known) from error
    return chosen


def _baselines(given: list[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    for name in given:
        if name not in BASELINES:
            raise InvalidValue(name="--baseline", value=name, expected=", ".join(BASELINES))
    return tuple(given) or BASELINES


def _parser(language: str, program: str, description: str) -> tuple[_Parser, Any]:
    parser = _Parser(
        prog=program,
        description=message(f"eval.{description}", language),
        add_help=False,
        allow_abbrev=False,
    )
    parser.language = language
    options = parser.add_argument_group(message("eval.options", language))
    options.add_argument(
        "--html",
        type=Path,
        metavar=message("eval.file", language),
        help=message("eval.option_html", language),
    )
    options.add_argument(
        "--language", choices=LANGUAGES, help=message("eval.option_language", language)
    )
    options.add_argument(
        "-h", "--help", action="store_true", help=message("eval.option_help", language)
    )
    return parser, options


def _measuring(language: str) -> _Parser:
    parser, options = _parser(language, PROGRAM, "help_measure")

    def add(name: str, **how: Any) -> None:
        options.add_argument(f"--{name}", help=message(f"eval.option_{name}", language), **how)

    file, folder, named = (message(f"eval.{key}", language) for key in ("file", "folder", "named"))
    add("data", type=Path, nargs="+", metavar=folder)
    add("corpus", type=Path, metavar=file)
    add("questions", type=Path, nargs="+", metavar=file)
    add("embedder", metavar=named)
    add("retrieval", action="store_true")
    add("baseline", nargs="*", metavar="|".join(BASELINES))
    add("json", type=Path, metavar=file)
    add("work", type=Path, metavar=folder)
    add("gate", action="store_true")
    parser.epilog = message("eval.help_compare_hint", language)
    return parser


def _comparing(language: str) -> _Parser:
    parser, _ = _parser(language, f"{PROGRAM} {COMPARE}", "help_compare")
    parser.add_argument("runs", type=Path, nargs="*", metavar=RUNS)
    return parser
