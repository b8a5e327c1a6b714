"""The one way from a question to an answer: events in order, blocking work in threads."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import date
from typing import Protocol

from vigie.assistant import abstention
from vigie.assistant.answers import (
    Caller,
    Confidence,
    Delta,
    Event,
    Failed,
    Found,
    Method,
    Searching,
)
from vigie.assistant.asking import Asking
from vigie.assistant.citations import Draft, Numbering, Span
from vigie.assistant.conversations import Turn, resolved
from vigie.assistant.extraction.evidence import Documents, stored
from vigie.assistant.extraction.extractive import Choice, choose
from vigie.assistant.programmes import listing as programmes
from vigie.assistant.programmes.listing import Listing
from vigie.assistant.questions import Question, separately
from vigie.assistant.republished import Republications, also_of
from vigie.assistant.retrieval import Retrieved, Retriever
from vigie.assistant.support.check import Supported
from vigie.assistant.understanding.respelling import respelt
from vigie.assistant.wording import day, text
from vigie.index.embedders import Embedder
from vigie.index.hits import Filters, Hit
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


class Records(Documents, Republications, Protocol):
    """Stored documents and the programmes among them; `index.catalogue.Catalogue` is one."""

    def programmes(self, audience: Audience) -> list[Document]: ...


class Generative(Protocol):
    """Writes an answer sentence by sentence, each borne out by passages of the hits."""

    def stream(
        self, question: Question, hits: Sequence[Hit], language: str
    ) -> AsyncGenerator[Supported, None]:
        """Raises Unavailable when no answer comes, or not to its end; `values["code"]` says why."""
        ...


class Assistant:
    """Answers questions over an index and its catalogue; safe to share between callers."""

    def __init__(
        self,
        *,
        retriever: Retriever,
        catalogue: Records,
        embedder: Embedder,
        generative: Generative | None = None,
        today: Callable[[], date] = date.today,
        language: str = DEFAULT_LANGUAGE,
    ) -> None:
        self._retriever = retriever
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
        without_facets: Iterable[str] = (),
    ) -> AsyncGenerator[Event, None]:
        """Searching, Found, Delta…, then Done; Failed instead of whatever cannot be done.

        `without_facets` names facets of the question, by their ids, that its asker refuses.
        """
        language = caller.language or self._language
        try:
            refused = frozenset(without_facets)
            asking = self._begin(question, caller, conversation, filters or Filters(), refused)
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
        self,
        typed: str,
        caller: Caller,
        conversation: Sequence[Turn],
        filters: Filters,
        refused: frozenset[str],
    ) -> Asking:
        started = time.perf_counter()
        question = resolved(typed, conversation)
        language = question.language or caller.language or self._language
        document_of = stored(self._catalogue, caller.audience)
        numbering = Numbering(document_of, also_of(self._catalogue, caller.audience))
        return Asking(question, caller, filters, refused, language, document_of, numbering, started)

    async def _answer(self, asking: Asking) -> AsyncGenerator[Event, None]:
        listing = await asyncio.to_thread(self._listing, asking)
        if listing is not None:
            asking.hits, asking.facets = listing.hits, listing.facets
            yield Found(asking.hits, asking.facets)
            async for event in self._listed(asking, listing):
                yield event
            return
        retrieved = await asyncio.to_thread(self._retrieve, asking)
        asking.hits, asking.facets = retrieved.hits, retrieved.facets
        yield Found(asking.hits, asking.facets)
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

    def _listing(self, asking: Asking) -> Listing | None:
        if not programmes.concerned(asking.question):
            return None
        records = self._catalogue.programmes(asking.caller.audience)
        admitted = programmes.admitted(records, asking.filters)
        today, language = self._today(), asking.language
        return programmes.answer(asking.question, admitted, today, language, asking.refused)

    def _retrieve(self, asking: Asking) -> Retrieved:
        audience = asking.caller.audience
        return self._retriever.retrieve(
            asking.question, audience, HITS, asking.filters, asking.refused
        )

    def _choose(self, asking: Asking) -> tuple[Choice, float]:
        """Each of the questions asked, in turn; those that cannot be answered are left out."""
        made = [self._chosen(asking, one) for one in separately(asking.question)]
        kept = [pair for pair in made if pair[0].drafts and not abstention.abstains(pair[1])]
        if len(kept) < 2:
            return max(kept or made, key=lambda pair: pair[1])
        choices = [choice for choice, _ in kept]
        return merged(choices), min(probability for _, probability in kept)

    def _chosen(self, asking: Asking, question: Question) -> tuple[Choice, float]:
        question = respelt(question, [f"{hit.title} {hit.text}" for hit in asking.hits])
        choice = choose(question, asking.hits, asking.document_of, asking.language)
        found = abstention.features(question, asking.hits, choice)
        return choice, abstention.score(found, self._embedder.name)

    async def _listed(self, asking: Asking, listing: Listing) -> AsyncGenerator[Event, None]:
        for delta in await asyncio.to_thread(asking.deltas, listing.drafts):
            yield delta
        today = day(self._today(), asking.language)
        notice = text("notice_programmes", asking.language, day=today)
        yield asking.done(Method.PROGRAMMES, Confidence.HIGH, notice)

    async def _extracted(
        self, asking: Asking, choice: Choice, confidence: Confidence, notice: str
    ) -> AsyncGenerator[Event, None]:
        for delta in await asyncio.to_thread(asking.deltas, choice.drafts):
            yield delta
        yield asking.done(Method.EXTRACTIVE, confidence, notice)

    async def _generated(
        self,
        asking: Asking,
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


def merged(choices: Sequence[Choice]) -> Choice:
    """Several answers one after the other."""
    return Choice(
        tuple(draft for one in choices for draft in one.drafts),
        tuple(scored for one in choices for scored in one.chosen),
        tuple(scored for one in choices for scored in one.ranked),
    )


def _draft(supported: Supported) -> Draft:
    spans = tuple(Span(p.hit, p.start, p.end) for p in supported.passages)
    return Draft(supported.text, spans)


def _abstained(asking: Asking) -> list[Event]:
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
