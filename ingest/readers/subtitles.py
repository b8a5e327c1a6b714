"""Subtitles of recorded webinars: cues joined into paragraphs by speaker, with their times."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Caption

from vigie.ingest.cleaning import one_line
from vigie.ingest.decoding import decode
from vigie.ingest.documents import Kind, Place, PlaceKind
from vigie.ingest.errors import Reason, UnreadableFile
from vigie.ingest.folding import fold
from vigie.ingest.metadata import guess_language, parse_date
from vigie.ingest.readers.reading import Reading

# A citation leads to the start of its paragraph: half a minute is found again by ear.
PARAGRAPH_SECONDS = 30
# Automatic subtitles have no punctuation to wait for.
LONGEST_SECONDS = 60

# SRT is VTT with a comma in its times, cue numbers for names, and no first line.
SRT_TIME = re.compile(r"(\d\d:\d\d:\d\d),(\d{3})")
SRT_TIMES = re.compile(r"^\s*\d\d:\d\d:\d\d,\d{3}\s*-->", re.M)
SENTENCE_END = re.compile(r"[.!?…][»\"”)\s]*$")
NO_SPEECH = re.compile(r"[\[(♪♫][^\])]*[\])♪♫]?|[♪♫>\s-]+")
NOTE_LINE = re.compile(r"(?P<name>[^\W\d_][^:\n]{2,30}?)\s*:\s*(?P<value>\S.*)")
# What notes call their fields, folded.
NOTE_FIELDS = {
    "titre": "title",
    "title": "title",
    "editeur": "publisher",
    "organisateur": "publisher",
    "organisation": "publisher",
    "publisher": "publisher",
    "date": "date",
    "url": "url",
    "lien": "url",
}


def read(data: bytes, name: str) -> Reading:
    """One paragraph per speaker and half minute, begun by the speaker's name when that changes.

    Title, publisher, date and address come from `NOTE` lines "Titre : …". Raises UnreadableFile.
    """
    text = decode(data).lstrip("\ufeff")
    if not text.lstrip().startswith("WEBVTT"):
        text = f"WEBVTT\n\n{text}"
    if SRT_TIMES.search(text):
        text = SRT_TIME.sub(r"\1.\2", text)
    try:
        file = webvtt.WebVTT.from_string(text.lstrip())
    except (MalformedFileError, MalformedCaptionError) as error:
        raise UnreadableFile(path=name, reason=Reason("read.damaged")) from error
    notes = _notes(
        [*file.header_comments, *(note for cue in file.captions for note in cue.comments)]
    )
    paragraphs = list(_paragraphs(file.captions))
    body = "\n\n".join(paragraph.text for paragraph in paragraphs)
    return Reading(
        text=body,
        places=tuple(_places(paragraphs)),
        title=notes.get("title") or one_line(file.header_text).lstrip("-–: ") or None,
        publisher=notes.get("publisher"),
        published=parse_date(notes.get("date", "")),
        language=guess_language(body),
        url=notes.get("url"),
        kind=Kind.WEBINAR,
    )


@dataclass(slots=True)
class _Paragraph:
    """Cues of one speaker that follow each other; `start` and `end` in seconds."""

    speaker: str | None
    start: float
    end: float
    cues: list[str] = field(default_factory=list)
    named: bool = False

    @property
    def text(self) -> str:
        words = " ".join(self.cues)
        return f"{self.speaker} : {words}" if self.named else words


def _paragraphs(cues: Iterable[Caption]) -> Iterator[_Paragraph]:
    under_way: _Paragraph | None = None
    last_line = ""
    for cue in cues:
        # Live subtitles roll: each cue repeats the last line of the one before.
        lines = [
            line for raw in unescape(cue.text).split("\n") if (line := one_line(raw)) != last_line
        ]
        words = one_line(" ".join(lines))
        if not words or NO_SPEECH.fullmatch(words):
            continue
        last_line = lines[-1]
        speaker = one_line(cue.voice or "") or None
        if under_way is None or _is_over(under_way, cue, speaker):
            before = under_way.speaker if under_way else None
            if under_way:
                yield under_way
            named = speaker is not None and speaker != before
            under_way = _Paragraph(speaker, cue.start_in_seconds, cue.end_in_seconds, named=named)
        under_way.cues.append(words)
        under_way.end = cue.end_in_seconds
    if under_way:
        yield under_way


def _is_over(paragraph: _Paragraph, cue: Caption, speaker: str | None) -> bool:
    if speaker != paragraph.speaker:
        return True
    seconds: float = cue.end_in_seconds - paragraph.start
    ended = bool(SENTENCE_END.search(paragraph.cues[-1]))
    return seconds >= (PARAGRAPH_SECONDS if ended else LONGEST_SECONDS)


def _places(paragraphs: Iterable[_Paragraph]) -> Iterator[Place]:
    start = 0
    for paragraph in paragraphs:
        minutes, seconds = divmod(int(paragraph.start), 60)
        hours, minutes = divmod(minutes, 60)
        yield Place(start, PlaceKind.TIME, f"{hours:02}:{minutes:02}:{seconds:02}")
        start += len(paragraph.text) + len("\n\n")


def _notes(comments: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in "\n".join(comments).splitlines():
        if stated := NOTE_LINE.fullmatch(line.strip()):
            name = NOTE_FIELDS.get(fold(stated["name"]))
            if name:
                found.setdefault(name, one_line(stated["value"]))
    return found
