"""What is typed after `vigie eval` to measure a configuration."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vigie.evals.arguments import PROGRAM, Parser, language_of
from vigie.evals.systems import BASELINES
from vigie.ingest.errors import InvalidValue
from vigie.ingest.messages import message


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
    targets: Path | None
    html: Path | None
    json: Path | None
    gate: bool


def parse(given: Sequence[str], language: str, commands: Sequence[str] = ()) -> Options | None:
    """None when help was shown; raises Misused, or InvalidValue for a wrong choice.

    `commands` are those that the help names beside this one.
    """
    language = language_of(given, language)
    found = _parser(language, commands).read(given)
    if found is None:
        return None
    return Options(
        command=" ".join([PROGRAM, *given]),
        language=language,
        data=tuple(found.data or ()),
        corpus=found.corpus,
        questions=tuple(found.questions or ()),
        work=found.work,
        embedder=found.embedder,
        retrieval=found.retrieval,
        baselines=_baselines(found.baseline),
        targets=found.targets,
        html=found.html,
        json=found.json,
        gate=found.gate,
    )


def _baselines(given: list[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    for name in given:
        if name not in BASELINES:
            raise InvalidValue(name="--baseline", value=name, expected=", ".join(BASELINES))
    return tuple(given) or BASELINES


def _parser(language: str, commands: Sequence[str]) -> Parser:
    parser = Parser("", language)
    parser.add_path("data", "folder", nargs="+")
    parser.add_path("corpus")
    parser.add_path("questions", nargs="+")
    parser.add("embedder", metavar=message("eval.named", language))
    parser.add("retrieval", action="store_true")
    parser.add("baseline", nargs="*", metavar="|".join(BASELINES))
    parser.add_path("targets")
    parser.add_path("html")
    parser.add_path("json")
    parser.add_path("work", "folder")
    parser.add("gate", action="store_true")
    parser.commands = tuple(commands)
    return parser
