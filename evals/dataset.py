"""Question sets and the corpora that they were written over, as JSON lines."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from vigie.ingest.documents import Audience, Document, Kind
from vigie.ingest.errors import InvalidValue, Reason, SourceMissing
from vigie.ingest.metadata import parse_date

SAMPLE_SOURCE = "exemple"
# The sample corpus speaks of open and closed programmes: its questions were written for this day.
SAMPLE_DAY = date(2026, 11, 24)

# Kinds of question whose right answer is a complete list of documents.
LIST_KINDS = frozenset({"programme", "list_programmes", "topic->programmes (editors' list)"})
# Kinds told apart and left out of the average of the whole: the document's own title as a
# question, which any index of titles finds, and lists of dozens, where "among the first five"
# says little.
KINDS_APART = frozenset({"faq_title", "topic->programmes (editors' list)"})

EXPECTED_QUESTION = "id, question, relevant_ids | unanswerable"
EXPECTED_DOCUMENT = "id, title, text"


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that bears an answer out: `text` stands verbatim in `document` (a location)."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its gold: no relevant document means that the right answer is a refusal.

    `group` names the need that several wordings share, so that it counts once in averages;
    `distance` tells how far an unanswerable question is from the corpus (near, far, other);
    `grades` weigh documents for nDCG alone, each relevant one counting for 1 without them.
    """

    id: str
    question: str
    relevant: frozenset[str]
    answers: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    kind: str = "other"
    set: str = "other"
    audience: Audience = Audience.PUBLIC
    distance: str | None = None
    group: str | None = None
    grades: tuple[tuple[str, int], ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether some document of the corpus answers the question."""
        return bool(self.relevant)

    @property
    def gold(self) -> tuple[str, ...]:
        """Every wording that shows the answer: the answers given and the passages around them."""
        return (*self.answers, *(span.text for span in self.spans))


def sample_folder() -> Path:
    """Where the installed package keeps its sample corpus and question sets."""
    return Path(str(files("vigie.evals") / "data"))


def sample_questions() -> list[Item]:
    """The questions shipped with the sample corpus, answerable and not."""
    return load_all(sorted(sample_folder().glob("questions_*.jsonl")))


def load_all(paths: Iterable[Path]) -> list[Item]:
    """The questions of several files in their order; raises InvalidValue for an id used twice."""
    return distinct(item for path in paths for item in load_questions(path))


def distinct(items: Iterable[Item]) -> list[Item]:
    """The same items; raises InvalidValue for an id used twice, which would count one for two."""
    found: dict[str, Item] = {}
    for item in items:
        if item.id in found:
            raise InvalidValue(name="id", value=item.id, expected=Reason("eval.one_id"))
        found[item.id] = item
    return list(found.values())


def load_questions(path: Path) -> list[Item]:
    """Reads one question a line; raises SourceMissing, or InvalidValue with file and line."""
    # A file named for its role alone is known by its folder: `piaf/questions.jsonl`.
    default = path.parent.name if path.stem.startswith("questions") else path.stem
    items = []
    for number, row in _lines(path):
        try:
            items.append(_item(row, default))
        except (KeyError, TypeError, ValueError) as error:
            raise _invalid(path, number, repr(error), EXPECTED_QUESTION) from error
    return items


def _item(row: dict[str, Any], default_set: str) -> Item:
    relevant = frozenset(map(str, row["relevant_ids"] if "relevant_ids" in row else ()))
    if "relevant_ids" not in row and not row.get("unanswerable"):
        raise KeyError("relevant_ids")
    if relevant and row.get("unanswerable"):
        raise ValueError("unanswerable")
    if not str(row["question"]).strip():
        raise ValueError("question")
    return Item(
        id=str(row["id"]),
        question=str(row["question"]),
        relevant=relevant,
        answers=tuple(map(str, row.get("answers") or ())),
        spans=tuple(Span(span["document"], span["text"]) for span in row.get("spans") or ()),
        kind=row.get("type") or "other",
        set=row.get("set") or default_set,
        audience=Audience(row.get("audience") or "public"),
        distance=row.get("distance") or (None if relevant else "other"),
        group=row.get("group"),
        grades=tuple((str(key), int(grade)) for key, grade in (row.get("grades") or {}).items()),
    )


def load_corpus(path: Path) -> Iterator[Document]:
    """Documents of a JSONL corpus ({id, title, text, url?, date?, kind?}), `id` as location."""
    for number, row in _lines(path):
        try:
            yield Document(
                source=path.parent.name,
                location=str(row["id"]),
                text=str(row["text"]),
                title=str(row["title"]),
                kind=Kind(row.get("kind") or "article"),
                url=row.get("url") or None,
                published=parse_date(str(row.get("date") or "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _invalid(path, number, repr(error), EXPECTED_DOCUMENT) from error


def corpus_ids(path: Path) -> frozenset[str]:
    """The ids of a JSONL corpus, without its texts."""
    return frozenset(str(row.get("id")) for _, row in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise SourceMissing(path=path)
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise _invalid(path, number, line[:60].strip(), "JSON") from error
            if not isinstance(row, dict):
                raise _invalid(path, number, line[:60].strip(), "{…}")
            yield number, row


def _invalid(path: Path, number: int, value: str, expected: str) -> InvalidValue:
    return InvalidValue(name=f"{path}:{number}", value=value, expected=expected)
