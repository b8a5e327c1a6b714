"""A model's text, cut into sentences as it comes and stripped to inert words."""

import html
import re
from dataclasses import dataclass

from vigie.ingest.sentences import Unit, units

# « [1] », « [1, 2] », « [Source 3] », « (source 3) », « 【4†page】 » and « [5](https://…) »: models
# write them all.
_NUMBERS = r"\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*"
MARKER = re.compile(
    rf"\s*(?:[\[【]\^?(?:(?:sources?|passages?|documents?) )?({_NUMBERS})"
    rf"(?:†[^\]】]*)?[\]】](?:\([^)\s]*\)?)?|\((?:sources?|passages?|documents?) ({_NUMBERS})\))",
    re.IGNORECASE,
)
MARKERS = re.compile(f"(?:{MARKER.pattern})+", re.IGNORECASE)
BLOCK = re.compile(r"(```|~~~).*?\1|<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
OPEN_BLOCK = re.compile(r"```|~~~|<think|!\[[^\]]*\]?(?:\([^)]*)?$", re.IGNORECASE)
IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
LINK = re.compile(r"\[([^\]]*)\]\((?:[^()]|\([^()]*\))*\)?")
DEFINITION = re.compile(r"^\s*\[[^\]]+\]:.*$", re.MULTILINE)
TAG = re.compile(r"<[A-Za-z/!?][^>]*(?:>|$)")
EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
# Characters that change how others are shown: controls, joiners, bidirectional marks, tags.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
SENTENCE_MAY_END = re.compile(r"[.!?…»\n|\]]")
# Characters of the next sentence needed to know that the one before has ended: « art. L. 123 ».
LOOK_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without markup, and the passage numbers that stood beside it."""

    text: str
    numbers: tuple[int, ...]


class SentenceBuffer:
    """Gathers pieces of text and gives each sentence once what follows it has begun."""

    def __init__(self) -> None:
        self._raw = ""

    def feed(self, piece: str) -> list[Sentence]:
        """Sentences that `piece` completes, markers placed after the full stop included."""
        self._raw += piece
        return self._taken(last=False) if SENTENCE_MAY_END.search(self._raw) else []

    def flush(self) -> list[Sentence]:
        """What is left at the end of the text, only to be called when the text is whole."""
        return self._taken(last=True)

    def _taken(self, *, last: bool) -> list[Sentence]:
        text, hidden = _without_blocks(self._raw)
        found = [unit for unit in units(text) if unit.form != "heading"]
        starts = [_after_markers(text, unit) for unit in found]
        complete = len(found)
        if not last and found:
            complete -= 1 if found[-1].end - starts[-1] >= LOOK_AHEAD else 2
        if complete <= 0:
            return []
        taken = []
        for index in range(complete):
            words = text[starts[index] : found[index].end]
            if index + 1 < len(found):
                words += text[found[index + 1].start : starts[index + 1]]
            taken.append(sentence(words))
        self._raw = "" if last else text[starts[complete] :] + hidden
        return [ready for ready in taken if ready.text]


def _without_blocks(raw: str) -> tuple[str, str]:
    """Text without code, thoughts and images, and what an open block hides until it closes."""
    text = IMAGE.sub(" ", BLOCK.sub("\n\n", raw))
    opening = OPEN_BLOCK.search(text)
    return (text[: opening.start()], text[opening.start() :]) if opening else (text, "")


def _after_markers(text: str, unit: Unit) -> int:
    """Markers that open a sentence belong to the one before."""
    match = MARKERS.match(text, unit.start, unit.end)
    return match.end() if match else unit.start


def sentence(raw: str) -> Sentence:
    """The words alone, and the numbers of the markers in order."""
    text = DEFINITION.sub(" ", IMAGE.sub(" ", raw))
    numbers = [int(n) for m in MARKER.finditer(text) for n in re.findall(r"\d+", m[1] or m[2])]
    text = LINK.sub(r"\1", MARKER.sub("", text))
    text = TAG.sub(" ", html.unescape(TAG.sub(" ", text)))
    text = EMPHASIS.sub("", HIDDEN.sub("", BULLET.sub("", text)))
    text = re.sub(r"[ \t\n]+", " ", text).strip()
    text = re.sub(r" ([.,])", r"\1", text)
    return Sentence(text, tuple(dict.fromkeys(numbers)))
