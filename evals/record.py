"""What a run leaves: every question with what was found, answered and timed, as one JSON file."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vigie.ingest.errors import InvalidValue, SourceMissing

# Changes when a file of an earlier version can no longer be read.
FORMAT = 2


@dataclass(frozen=True, slots=True)
class First:
    """One of the first documents found, with the beginning of the passage that brought it."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one system found for a question; `values` holds its measures, empty without gold.

    `first` is kept for our own system only.
    """

    documents: tuple[str, ...]
    first: tuple[First, ...]
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered; `probability` is None where no probability was computed."""

    text: str
    method: str
    cited: tuple[str, ...]
    probability: float | None
    values: dict[str, float]

    @property
    def abstained(self) -> bool:
        """Whether nothing was answered."""
        return self.method == "abstention"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with all that came back; `id` is `bench/question`.

    `found` is by system; by stage, `times` are in milliseconds and `cpu` in seconds of processor.
    """

    id: str
    question: str
    set: str
    kind: str
    group: str | None
    distance: str | None
    relevant: tuple[str, ...]
    gold: tuple[str, ...]
    found: dict[str, Found]
    answer: Answered | None
    times: dict[str, float]
    cpu: dict[str, float]

    @property
    def answerable(self) -> bool:
        """Whether some document answers."""
        return bool(self.relevant)

    @property
    def unit(self) -> str:
        """What counts once in an average: the need that several wordings share, or the question."""
        return f"{self.set}\n{self.group or self.id}"


@dataclass(frozen=True, slots=True)
class CorpusLabel:
    """Sizes of a corpus, and the expected documents that it does not hold."""

    name: str
    documents: int
    chunks: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """What must be known to read or repeat a run; `seconds` is its whole duration."""

    made: datetime
    vigie: str
    command: str
    embedder: str
    revision: str
    dimensions: int
    machine: str
    threads: int
    seconds: float
    corpora: tuple[CorpusLabel, ...]
    titles: dict[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """A run with its questions in the order asked; `measures` is a digest for other programs."""

    format: int
    label: Label
    measures: dict[str, float]
    questions: tuple[Asked, ...]


_RUN = TypeAdapter(Run)


def save(path: Path, run: Run) -> None:
    """Writes a run, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_RUN.dump_json(run, indent=1) + b"\n")


def load(path: Path) -> Run:
    """Reads a saved run; raises SourceMissing, or InvalidValue naming what is wrong in it."""
    if not path.is_file():
        raise SourceMissing(path=path)
    try:
        run = _RUN.validate_json(path.read_bytes())
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "JSON"
        raise InvalidValue(name=path, value=place, expected=wrong["msg"]) from error
    if run.format != FORMAT:
        raise InvalidValue(name=f"{path}: format", value=run.format, expected=FORMAT)
    return run
