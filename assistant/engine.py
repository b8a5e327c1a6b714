"""The one way from a question to an answer: events in order, blocking work in threads."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from vigie.assistant import abstention
from vigie.assistant.answers import (
    Answer,
    Caller,
    Citation,
    Confidence,
    Delta,
    Done,
    Event,
    Failed,
    Found,
    Method,
    Searching,
    Statement,
)
from vigie.assistant.citations import Draft, Numbering, Span, joined, marked
from vigie.assistant.conversations import Turn, resolved
from vigie.assistant.extraction.evidence import DocumentOf, Documents, stored
from vigie.assistant.extraction.extractive import Choice, choose
from vigie.assistant.programmes import listing as programmes
from vigie.assistant.programmes.listing import Listing
from vigie.assistant.questions import Question
from vigie.assistant.support.check import Supported
from vigie.assistant.wording import day, text
from vigie.index.embedders import Embedder
from vigie.index.hits import Filters, Hit, Query
from vigie.ingest.documents import Audience, Document
from vigie.ingest.errors import Unavailable, VigieError
from vigie.ingest.messages import DEFAULT_LANGUAGE

logger = logging.getLogger(__name__)

# Chunks searched for a question; the answer is drawn from them and the rest are offered to read.
HITS = 10
# Documents offered when the answer is withheld: more would read as an answer.
LEADS = 5
# The code of a language model that says that the passages do not answer.
INSUFFICIENT = "insufficient"


class Searcher(Protocol):
    """What finds hits; `index.search.Index` is one."""

    def search(self, query: Query) -> list[Hit]: ...


class Records(Documents, Protocol):
    """Stored documents and the programmes among them; `index.catalogue.Catalogue` is one."""

    def programmes(self, audience: Audience) -> list[Document]: ...


class Generative(Protocol):
    """Writes an answer sentence by sentence, each borne out by passages of the hits."""

    def stream(
        self, question: Question, hits: Sequence[Hit], language: str
    ) -> AsyncGenerator[Supported, None]:
        """Raises Unavailable when no answer comes, or not to its end; `values["code"]` says why."""
        ...


@dataclass(slots=True)
class _Asking:
    """One question on its way: what is known of it and what was said so far."""

    question: Question
    caller: Caller
    filters: Filters
    language: str
    document_of: DocumentOf
    numbering: Numbering
    started: float
    hits: tuple[Hit, ...] = ()
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
            )
        )


class Assistant:
    """Answers questions over an index and its catalogue; safe to share between callers."""

    def __init__(
        self,
        *,
        index: Searcher,
        catalogue: Records,
        embedder: Embedder,
        generative: Generative | None = None,
        today: Callable[[], date] = date.today,
        language: str = DEFAULT_LANGUAGE,
    ) -> None:
        self._index = index
        self._catalogue = catalogue
        self._embedder = embedder
        self._generative = generative
        self._today = today
        self._language = language

    async def ask(
        self,
        question: str,
        caller: Caller,
        conversation: Sequence[Turn] = (),
        filters: Filters | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Searching, Found, Delta…, then Done; Failed instead of whatever cannot be done."""
        language = caller.language or self._language
        try:
            asking = self._begin(question, caller, conversation, filters or Filters())
            language = asking.language
            yield Searching(asking.question.query)
            async with aclosing(self._answer(asking)) as events:
                async for event in events:
                    yield event
        except VigieError as error:
            yield Failed(error.code, error.message(language))
        except Exception:
            # Whatever breaks, the reader gets an event and the operator a trace.
            logger.exception("no answer to a question of %d characters", len(question))
            yield Failed(VigieError.code, VigieError().message(language))

    def _begin(
        self, typed: str, caller: Caller, conversation: Sequence[Turn], filters: Filters
    ) -> _Asking:
        started = time.perf_counter()
        question = resolved(typed, conversation)
        language = question.language or caller.language or self._language
        document_of = stored(self._catalogue, caller.audience)
        numbering = Numbering(document_of)
        return _Asking(question, caller, filters, language, document_of, numbering, started)

    async def _answer(self, asking: _Asking) -> AsyncGenerator[Event, None]:
        listing = await asyncio.to_thread(self._listing, asking)
        if listing is not None:
            asking.hits = listing.hits
            yield Found(asking.hits)
            async for event in self._listed(asking, listing):
                yield event
            return
        asking.hits = await asyncio.to_thread(self._search, asking)
        yield Found(asking.hits)
        choice, probability = await asyncio.to_thread(self._choose, asking)
        asking.probability = probability
        if not choice.drafts or abstention.abstains(probability):
            for event in _abstained(asking):
                yield event
            return
        confidence = abstention.confidence(probability)
        if self._generative is None:
            notice = text("notice_extractive", asking.language)
            events = self._extracted(asking, choice, confidence, notice)
        else:
            events = self._generated(asking, choice, confidence, self._generative)
        async with aclosing(events):
            async for event in events:
                yield event

    def _listing(self, asking: _Asking) -> Listing | None:
        if not programmes.concerned(asking.question):
            return None
        records = self._catalogue.programmes(asking.caller.audience)
        admitted = programmes.admitted(records, asking.filters)
        return programmes.answer(asking.question, admitted, self._today(), asking.language)

    def _search(self, asking: _Asking) -> tuple[Hit, ...]:
        query = Query(asking.question.query, asking.caller.audience, HITS, asking.filters)
        return tuple(self._index.search(query))

    def _choose(self, asking: _Asking) -> tuple[Choice, float]:
        choice = choose(asking.question, asking.hits, asking.document_of, asking.language)
        found = abstention.features(asking.question, asking.hits, choice)
        return choice, abstention.score(found, self._embedder.name)

    async def _listed(self, asking: _Asking, listing: Listing) -> AsyncGenerator[Event, None]:
        for delta in await asyncio.to_thread(asking.deltas, listing.drafts):
            yield delta
        today = day(self._today(), asking.language)
        notice = text("notice_programmes", asking.language, day=today)
        yield asking.done(Method.PROGRAMMES, Confidence.HIGH, notice)

    async def _extracted(
        self, asking: _Asking, choice: Choice, confidence: Confidence, notice: str
    ) -> AsyncGenerator[Event, None]:
        for delta in await asyncio.to_thread(asking.deltas, choice.drafts):
            yield delta
        yield asking.done(Method.EXTRACTIVE, confidence, notice)

    async def _generated(
        self,
        asking: _Asking,
        choice: Choice,
        confidence: Confidence,
        generative: Generative,
    ) -> AsyncGenerator[Event, None]:
        """The model's sentences; the extractive answer follows when they stop short.

        A model that finds the passages insufficient is believed, unless they answer plainly.
        """
        language = asking.language
        try:
            sentences = generative.stream(asking.question, asking.hits, language)
            async with aclosing(sentences):
                async for supported in sentences:
                    if delta := await asyncio.to_thread(asking.delta, _draft(supported)):
                        yield delta
            notice = text("notice_unsupported", language)
        except Unavailable as error:
            logger.warning("the language model gave no whole answer: %s", error)
            if error.values.get("code") == INSUFFICIENT and confidence is not Confidence.HIGH:
                for event in _abstained(asking):
                    yield event
                return
            notice = text("notice_taken_over", language, reason=error.message(language))
        else:
            if asking.statements:
                told = text("notice_generative", language)
                yield asking.done(Method.GENERATIVE, confidence, told)
                return
        async for event in self._extracted(asking, choice, confidence, notice):
            yield event


def _draft(supported: Supported) -> Draft:
    spans = tuple(Span(p.hit, p.start, p.end) for p in supported.passages)
    return Draft(supported.text, spans)


def _abstained(asking: _Asking) -> list[Event]:
    """What was looked for, and the nearest documents as leads: never an answer in disguise."""
    language = asking.language
    seen: dict[str, Hit] = {}
    for hit in asking.hits:
        seen.setdefault(hit.document_id, hit)
    asking.hits = tuple(seen.values())[:LEADS]
    said = [
        text("abstention", language),
        text("abstention_looked_for", language, query=asking.question.asked.rstrip(" ?")),
        text("abstention_leads" if asking.hits else "abstention_no_leads", language),
    ]
    asking.text = " ".join(said)
    asking.statements = ()
    done = asking.done(Method.ABSTENTION, Confidence.LOW, text("notice_abstention", language))
    return [Delta(asking.text), done]
