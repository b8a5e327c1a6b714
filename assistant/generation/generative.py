"""The generative answerer: a model writes, and only what the passages bear out is released."""

import asyncio
import json
import logging
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from enum import StrEnum

import httpx
import openai
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.llms.openai_like import OpenAILike  # type: ignore[import-untyped]

from vigie.assistant.generation.generated_text import Sentence, SentenceBuffer
from vigie.assistant.generation.prompts import Prompt, prompt
from vigie.assistant.questions import Question, language_of
from vigie.assistant.support.alignment import Reason
from vigie.assistant.support.check import SupportCheck, Supported, Verdict
from vigie.index.hits import Hit
from vigie.ingest.errors import Unavailable
from vigie.ingest.messages import message

# The prompt asks for five sentences; a few more are read, for some are dropped.
SENTENCES = 8
# Characters read from the model, thoughts included: beyond, it rambles.
CHARACTERS = 12_000
TOKENS = 1_200
# A first sentence that comes later than this share of the time allowed leaves none for the others.
FIRST_SENTENCE = 0.6
CONNECT_SECONDS = 5.0
# « INSUFFISANT » as models write it, and in the first words only.
INSUFFICIENT = ("insuffisant", "insufficient")

REFUSED = Verdict(False, Reason.MEANING)

logger = logging.getLogger(__name__)


class Failure(StrEnum):
    """Why no generated answer came, or not to its end; messages are `prompt.reason_…`."""

    DOWN = "down"
    SLOW = "slow"
    BUSY = "busy"
    REFUSED = "refused"
    NONSENSE = "nonsense"
    CUT = "cut"
    INSUFFICIENT = "insufficient"
    UNSUPPORTED = "unsupported"


class GenerativeAnswerer:
    """Speaks to any server of the OpenAI kind; `url` ends with `/v1`, `seconds` is for all."""

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        *,
        seconds: float = 30.0,
        support: SupportCheck | None = None,
    ) -> None:
        self._url = url
        self._model = model
        self._api_key = api_key
        self._seconds = seconds
        self._support = support or SupportCheck()
        self._tls = ssl.create_default_context()

    async def stream(
        self, question: Question, hits: Sequence[Hit], language: str
    ) -> AsyncGenerator[Supported, None]:
        """Sentences as they are verified, at least one unless it raises.

        Raises Unavailable, `values["code"]` being a `Failure`: at once, or after some sentences
        when the server fails on the way.
        """
        asked = prompt(question.asked, hits, language)
        released: set[str] = set()
        reader = self._sentences(asked, language, released)
        async with aclosing(reader):
            async for found in reader:
                if found.text.casefold().startswith(INSUFFICIENT) and not released:
                    raise failure(Failure.INSUFFICIENT, language)
                verdict = await self._verified(found, asked.hits, language)
                if verdict.supported and found.text not in released:
                    released.add(found.text)
                    yield Supported(found.text, verdict.passages)
        if not released:
            raise failure(Failure.UNSUPPORTED, language)

    async def _verified(self, found: Sentence, hits: Sequence[Hit], language: str) -> Verdict:
        """The passages cited come first; a wrong or absent marker is mended by the others."""
        if language_of(found.text) not in (None, language):
            return REFUSED
        cited = [hits[number - 1] for number in found.numbers if 0 < number <= len(hits)]
        verdict = REFUSED
        if cited:
            verdict = await asyncio.to_thread(self._support.check, found.text, cited)
        if not verdict.supported and len(cited) < len(hits):
            verdict = await asyncio.to_thread(self._support.check, found.text, hits)
        if not verdict.supported:
            logger.info("generated sentence dropped: %s", verdict.reason)
        return verdict

    async def _sentences(
        self, asked: Prompt, language: str, released: set[str]
    ) -> AsyncGenerator[Sentence, None]:
        """Sentences as the model writes them, until it stops, rambles or is too slow."""
        buffer = SentenceBuffer()
        read = count = 0
        finished = False
        pieces = self._pieces(asked, language, released)
        async with aclosing(pieces):
            async for text, finish in pieces:
                finished = finished or finish is not None
                whole = finish not in (None, "length")
                read += len(text)
                for found in buffer.feed(text):
                    count += 1
                    yield found
                if count >= SENTENCES or read >= CHARACTERS:
                    return
                if whole:
                    break
        if not finished:
            raise failure(Failure.CUT, language)
        if whole:  # an answer cut by the limit of tokens leaves half a sentence: it is dropped
            for found in buffer.flush():
                yield found

    async def _pieces(
        self, asked: Prompt, language: str, released: set[str]
    ) -> AsyncGenerator[tuple[str, str | None], None]:
        """Pieces of text, each with the reason to finish that the server gives, if any."""
        start = time.monotonic()
        timeout = httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        async with httpx.AsyncClient(timeout=timeout, verify=self._tls) as client:
            try:
                replies = await self._model_on(client).astream_chat(_messages(asked))
                async with aclosing(replies):
                    while True:
                        share = 1.0 if released else FIRST_SENTENCE
                        left = start + share * self._seconds - time.monotonic()
                        async with asyncio.timeout(left):
                            reply = await anext(replies, None)
                        if reply is None:
                            return
                        yield reply.delta or "", _finish(reply)
            except Exception as error:
                code = _code(error)
                if code is None:
                    raise
                logger.warning("generation failed: %s (%r)", code, error)
                status = getattr(error, "status_code", "")
                raise failure(code, language, status=status) from error

    def _model_on(self, client: httpx.AsyncClient) -> OpenAILike:
        """One model per request: closing its client is what ends a stream for good."""
        return OpenAILike(
            model=self._model,
            api_base=self._url,
            api_key=self._api_key or "none",
            is_chat_model=True,
            temperature=0.0,
            max_tokens=TOKENS,
            max_retries=0,
            timeout=self._seconds,
            reuse_client=False,
            async_http_client=client,
        )


def _messages(asked: Prompt) -> list[ChatMessage]:
    return [
        ChatMessage(role=MessageRole.SYSTEM, content=asked.system),
        ChatMessage(role=MessageRole.USER, content=asked.user),
    ]


def _finish(reply: ChatResponse) -> str | None:
    choices = getattr(reply.raw, "choices", None)
    return choices[0].finish_reason if choices else None


def _code(error: Exception) -> Failure | None:
    """None for an error that is ours, not the server's."""
    match error:
        case TimeoutError() | openai.APITimeoutError() | httpx.TimeoutException():
            return Failure.SLOW
        case openai.RateLimitError():
            return Failure.BUSY
        case openai.APIStatusError():
            return Failure.REFUSED
        case openai.APIConnectionError() | httpx.ConnectError():
            return Failure.DOWN
        case httpx.TransportError():
            return Failure.CUT
        case json.JSONDecodeError() | openai.OpenAIError():
            return Failure.NONSENSE
        case AttributeError() | KeyError() | TypeError() | ValueError():
            # The client reads whatever JSON comes: a reply of another shape fails inside it.
            return Failure.NONSENSE
    return None


def failure(code: Failure, language: str, **values: object) -> Unavailable:
    """The error to raise, in the reader's language; `code` stays readable by the engine."""
    return Unavailable(
        what=message("prompt.server", language),
        reason=message(f"prompt.reason_{code}", language, **values),
        code=code,
    )
