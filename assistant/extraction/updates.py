"""Notes by which an article corrects itself: what they change must be quoted with it."""

import re

from vigie.assistant.extraction.answer_types import PRECISE, answers_of_kind
from vigie.assistant.extraction.evidence import Evidence, Passage
from vigie.assistant.extraction.sentence_features import Scored
from vigie.assistant.questions import Question
from vigie.index.lexical import families
from vigie.ingest.sentences import Unit, units

NOTE = re.compile(
    r"^(?:Mise à jour|Rectificatif|Erratum|Correction|Correctif|Modification|Précision|Update)\b"
    r"(?P<head>[^:\n]{0,40}:)?[^\n]*",
    re.MULTILINE,
)
# Words of a note quoted: more is an article of its own.
NOTE_WORDS = 70


def correction(question: Question, best: Scored) -> list[Evidence]:
    """Sentences of the note that corrects the best sentence's document on what is asked."""
    document = best.evidence.passage.document
    focus = {term.stem for term in question.focus_terms if not term.name}
    for note in NOTE.finditer(document.text):
        said = note.group()
        body = said[note.end("head") - note.start() :] if note["head"] else said
        if len(said.split()) > NOTE_WORDS or not focus & set(families(body)):
            continue
        if question.kind in PRECISE and not answers_of_kind(question.kind, body, question.asked):
            continue
        if note.start() <= best.evidence.unit.start < note.end():
            continue
        shifted = tuple(
            Unit(unit.start + note.start(), unit.end + note.start(), unit.form, unit.level)
            for unit in units(said)
        )
        old = best.evidence.passage
        passage = Passage(document, old.hits, shifted, old.rank)
        return [Evidence(passage, index, best.evidence.hit, ()) for index in range(len(shifted))]
    return []
