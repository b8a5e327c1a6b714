"""Texts that mean the same, made from the documents themselves: no question is ever needed.

A title or a heading stands for its passage, a sentence for the rest of its passage (inverse cloze:
Lee, Chang and Toutanova, 2019), an acronym for the words that it is made of.
"""

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from vigie.index.acronyms import SEPARATOR, mined
from vigie.ingest.chunking import embedded_text
from vigie.ingest.documents import Chunk, Document
from vigie.ingest.sentences import units

Kind = Literal["title", "heading", "sentence", "acronym", "reader"]

# Passages of one document that its title stands for; a long report would drown the others.
TITLED = 3
# A passage shorter than this says too little to be found again, in characters.
LEAST_PASSAGE = 80
# A shorter sentence is a label, a longer one a paragraph, in characters.
SENTENCE = range(30, 251)
LEAST_HEADING = 8
# Share of the sentences whose passage keeps its heading line, as it has in the index; without it,
# the passage must be found by its body.
HEADED = 0.5
# Share of the passages that give a sentence: about half of the pairs then come from titles.
QUOTED = 0.6
# Of a thousand documents, how many give no pair and judge the result.
HELD_OUT = 70


@dataclass(frozen=True, slots=True)
class Pair:
    """`anchor` must find `passage`; `document` is the id of where both come from."""

    anchor: str
    passage: str
    document: str
    title: str
    kind: Kind


def made(document: Document, parts: Sequence[Chunk]) -> Iterator[Pair]:
    """Pairs of one document cut into passages; the same document always gives the same."""
    dice = random.Random(document.id)
    titled = 0
    for part in parts:
        body, lines = _body(part)
        if len(body) < LEAST_PASSAGE:
            continue
        inner = part.heading_path[-1] if part.heading_path else ""
        if titled < TITLED and document.title.strip():
            titled += 1
            yield _pair(document, document.title, body, "title")
        if len(inner) >= LEAST_HEADING and inner != document.title:
            whole = f"{document.title} {inner}"
            yield _pair(document, dice.choice((inner, whole)), body, "heading")
        chosen = [place for place, line in enumerate(lines) if len(line) in SENTENCE]
        if len(lines) > 1 and chosen and dice.random() < QUOTED:
            place = dice.choice(chosen)
            rest = " ".join(lines[:place] + lines[place + 1 :])
            if len(rest) < LEAST_PASSAGE:
                continue
            headed = dice.random() < HEADED
            passage = embedded_text(document, part.heading_path, rest) if headed else rest
            yield _pair(document, lines[place], passage, "sentence")


def spelt_out(document: Document) -> Iterator[Pair]:
    """An acronym and its long form, both ways, as the document itself gives them."""
    for found in mined(document.text):
        acronym, _, form = found.partition(SEPARATOR)
        yield _pair(document, acronym.upper(), form, "acronym")


def held_out(document_id: str) -> bool:
    """Whether a document gives no pair to learn from: decided by its id, so for ever."""
    digest = hashlib.sha256(f"held out {document_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 1000 < HELD_OUT


def save(path: Path, pairs: Iterable[Pair]) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        for pair in pairs:
            file.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")


def load(path: Path) -> list[Pair]:
    """What `save` wrote."""
    with path.open(encoding="utf-8") as file:
        return [Pair(**json.loads(line)) for line in file]


def _body(part: Chunk) -> tuple[str, list[str]]:
    """The passage without its headings, and its sentences, items and rows."""
    lines = [
        " ".join(part.text[unit.start : unit.end].split())
        for unit in units(part.text)
        if unit.form != "heading"
    ]
    return " ".join(lines), lines


def _pair(document: Document, anchor: str, passage: str, kind: Kind) -> Pair:
    return Pair(" ".join(anchor.split()), passage, document.id, document.title, kind)
