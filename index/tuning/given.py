"""Questions whose source readers found useful, given as JSON lines, made into pairs."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from vigie.index.lexical import fold
from vigie.index.tuning.pairs import Pair
from vigie.index.tuning.preparation import Walk
from vigie.ingest.documents import Document
from vigie.ingest.errors import InvalidValue, SourceMissing

EXPECTED = "question, document_id | location, passage?"
# Characters of a passage where the line does not give one: as much as training reads.
WINDOW = 400
WORD = re.compile(r"\w{3,}")


class Useful(BaseModel):
    """One line of the file."""

    question: str = Field(min_length=1)
    document_id: str | None = None
    location: str | None = None
    passage: str | None = None


def given_pairs(path: Path, walk: Walk) -> list[Pair]:
    """Pairs of the documents that the catalogue holds; the lines about others are left out.

    Raises SourceMissing, or InvalidValue with the line's number.
    """
    lines = list(_lines(path))
    names = {name for line in lines for name in (line.document_id, line.location) if name}
    found: dict[str, Document] = {}
    for document in walk():
        if document.id in names or document.location in names:
            found[document.id] = found[document.location] = document
    pairs = []
    for line in lines:
        source = found.get(line.document_id or line.location or "")
        if source is not None:
            passage = line.passage or _nearest(source.text, line.question)
            pairs.append(Pair(line.question, passage, source.id, source.title, "reader"))
    return pairs


def by_location(walk: Walk) -> Callable[[str], str | None]:
    """Gives the id of the document of a location or an id, None when there is none."""
    ids = {name: doc.id for doc in walk() for name in (doc.location, doc.id)}
    return ids.get


def _lines(path: Path) -> Iterator[Useful]:
    if not path.is_file():
        raise SourceMissing(path=path)
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                useful = Useful.model_validate_json(line)
            except ValidationError:
                useful = None
            if useful is None or not (useful.document_id or useful.location):
                where = f"{path}:{number}"
                raise InvalidValue(name=where, value=line[:60].strip(), expected=EXPECTED)
            yield useful


def _nearest(text: str, question: str) -> str:
    """The part of the text that shares most words with the question."""
    asked = set(map(fold, WORD.findall(question)))
    starts = range(0, max(1, len(text) - WINDOW // 2), WINDOW // 2)
    windows = (text[start : start + WINDOW] for start in starts)
    return max(windows, key=lambda part: len(asked & set(map(fold, WORD.findall(part)))))
