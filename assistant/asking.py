"""One question on its way to an answer."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.assistant.answers import (
    Answer,
    Caller,
    Citation,
    Confidence,
    Delta,
    Done,
    Method,
    Statement,
)
from vigie.assistant.citations import Draft, Numbering, joined, marked
from vigie.assistant.extraction.evidence import DocumentOf
from vigie.assistant.facets.conditions import Facet
from vigie.assistant.questions import Question
from vigie.index.hits import Filters, Hit

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Asking:
    """What is known of a question and what was said of it so far."""

    question: Question
    caller: Caller
    filters: Filters
    refused: frozenset[str]
    language: str
    document_of: DocumentOf
    numbering: Numbering
    started: float
    hits: tuple[Hit, ...] = ()
    facets: tuple[Facet, ...] = ()
    statements: tuple[Statement, ...] = ()
    text: str = ""
    probability: float | None = None

    def deltas(self, drafts: Sequence[Draft]) -> list[Delta]:
        """The pieces of an answer whose drafts are all known."""
        made = (self.delta(draft) for draft in joined(drafts, self.document_of))
        return [delta for delta in made if delta is not None]

    def delta(self, draft: Draft) -> Delta | None:
        """The next piece of the answer; None when the stored text no longer bears it out."""
        numbered = self.numbering.statement(draft)
        if numbered is None:
            logger.warning("a quote no longer matches its document; the sentence is left out")
            return None
        statement, introduced = numbered
        piece = marked(statement, self.statements[-1] if self.statements else None)
        self.statements += (statement,)
        self.text += piece
        return Delta(piece, introduced)

    def done(self, method: Method, confidence: Confidence, notice: str) -> Done:
        citations: tuple[Citation, ...] = tuple(self.numbering.citations)
        cited = {citation.chunk_id for citation in citations}
        return Done(
            Answer(
                question=self.question.text,
                language=self.language,
                method=method,
                text=self.text,
                statements=self.statements,
                citations=citations,
                consulted=tuple(hit for hit in self.hits if hit.chunk_id not in cited),
                confidence=confidence,
                notice=notice,
                seconds=time.perf_counter() - self.started,
                probability=self.probability,
                facets=self.facets,
            )
        )
