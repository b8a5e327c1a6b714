"""`vigie eval support`: how well the check of generated sentences tells true ones from others.

Each pair is a passage and a sentence that says the same, something else, or the contrary. Precision
is the share of true sentences among those released, recall the share of true sentences released.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from vigie.assistant.settings import Settings
from vigie.assistant.support.check import SupportCheck
from vigie.evals.arguments import OK, Parser, language_of, show, tell
from vigie.evals.bootstrap import Interval, interval
from vigie.evals.dataset import sample_folder
from vigie.evals.report import write
from vigie.evals.tables import Speech, Table, text
from vigie.index.hits import Hit
from vigie.ingest.documents import Audience, Kind
from vigie.ingest.errors import InvalidValue, SourceMissing

NAME = "support"
FILE = "support.jsonl"
SUPPORTED = "supported"
# Split written after the rules and first measured unseen: 0.88 and 0.88. What it showed was then
# mended, so that no shipped split is unseen any more.
FIRST_UNSEEN = "test"


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and the passage that it is held against; `type` is what its writer played on."""

    id: str
    passage: str
    sentence: str
    label: Literal["supported", "contradicted", "unrelated"]
    type: str = ""
    split: str = ""

    @property
    def true(self) -> bool:
        """Whether the passage bears the sentence out."""
        return self.label == SUPPORTED


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, and whether the check released its sentence."""

    pair: Pair
    released: bool


def main(given: Sequence[str], settings: Settings) -> int:
    """Exit status 0; raises Misused for what is no option."""
    language = language_of(given, settings.language)
    parser = Parser(NAME, language)
    parser.add_path("pairs")
    parser.add_path("json")
    options = parser.read(given)
    if options is None:
        return OK
    speech = Speech(language)
    found = judged(load_pairs(options.pairs or sample_folder() / FILE))
    for table in (by_split(found, speech), by_type(found, speech), mistakes(found, speech)):
        show(text(table))
    if options.json:
        rows = [
            {"id": one.pair.id, "split": one.pair.split, "label": one.pair.label}
            | {"type": one.pair.type, "released": one.released}
            for one in found
        ]
        write(options.json, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        tell(speech("written", path=options.json))
    return OK


def load_pairs(path: Path) -> list[Pair]:
    """One a line; raises SourceMissing, or InvalidValue with file and line."""
    if not path.is_file():
        raise SourceMissing(path=path)
    reader = TypeAdapter(Pair)
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(reader.validate_json(line))
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            place = ".".join(map(str, wrong["loc"])) or "JSON"
            raise InvalidValue(
                name=f"{path}:{number}", value=place, expected=wrong["msg"]
            ) from error
    return found


def judged(pairs: Iterable[Pair]) -> list[Judged]:
    """By the check as it stands without an embedder: words, figures, names and denials."""
    check = SupportCheck()
    return [
        Judged(pair, check.check(pair.sentence, [_hit(pair.passage)]).supported) for pair in pairs
    ]


def precision(found: Iterable[Judged]) -> Interval:
    """Of what is released, the share that is true."""
    return interval([float(one.pair.true) for one in found if one.released])


def recall(found: Iterable[Judged]) -> Interval:
    """Of what is true, the share that is released."""
    return interval([float(one.released) for one in found if one.pair.true])


def by_split(found: Sequence[Judged], speech: Speech) -> Table:
    """Each split apart, in the order of the file; what was seen and what was not is said below."""
    groups = _grouped(found, lambda one: one.pair.split)
    rows = [
        (
            name or speech("all"),
            str(len(group)),
            speech.interval(precision(group)),
            str(precision(group).units),
            speech.interval(recall(group)),
            str(recall(group).units),
        )
        for name, group in groups.items()
    ]
    names = ("split", "pairs", "precision", "released", "recall", "true")
    note = speech("support_note", split=FIRST_UNSEEN) if FIRST_UNSEEN in groups else ""
    columns = tuple(speech(name) for name in names)
    return Table("support", speech("caption_support"), columns, tuple(rows), note)


def by_type(found: Sequence[Judged], speech: Speech) -> Table:
    """What each sort of sentence meets: true ones released, others held back."""
    rows = []
    for name, group in _grouped(found, lambda one: one.pair.type).items():
        held = interval([float(not one.released) for one in group if not one.pair.true])
        cells = (recall(group), held)
        shown = (cell for one in cells for cell in (speech.interval(one), str(one.units)))
        rows.append((name, *shown))
    names = ("type", "true_released", "true", "false_held", "false")
    columns = tuple(speech(name) for name in names)
    return Table("support-types", speech("caption_support_types"), columns, tuple(rows))


def mistakes(found: Sequence[Judged], speech: Speech) -> Table:
    """Every sentence wrongly released, then every one wrongly held back."""
    wrong = [one for one in found if one.released != one.pair.true]
    rows = tuple(
        (
            one.pair.id,
            one.pair.split,
            speech("wrongly_released" if one.released else "wrongly_held"),
            one.pair.sentence,
        )
        for one in sorted(wrong, key=lambda one: not one.released)
    )
    columns = (speech("pair"), speech("split"), speech("mistake"), speech("sentence"))
    return Table("support-mistakes", speech("caption_support_mistakes"), columns, rows)


def _grouped(found: Iterable[Judged], name: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = {}
    for one in found:
        groups.setdefault(name(one), []).append(one)
    return groups


def _hit(passage: str) -> Hit:
    """The passage as if it had been found alone."""
    return Hit(
        chunk_id=FILE,
        document_id=FILE,
        ordinal=0,
        start=0,
        end=len(passage),
        text=passage,
        heading_path=(),
        place=None,
        title="",
        kind=Kind.ARTICLE,
        audience=Audience.PUBLIC,
        source=FILE,
        publisher=None,
        published=None,
        modified=None,
        url=None,
        score=1.0,
    )
