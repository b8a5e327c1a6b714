"""`POST /v1/chat/completions`: the assistant for whatever speaks OpenAI's chat interface."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from vigie.assistant.answers import Answer, Caller, Delta, Done, Event, Failed, Searching
from vigie.assistant.conversations import Turn
from vigie.index.embedders import Embedder
from vigie.ingest.errors import NotFound, Reason
from vigie.ui import problems, sse
from vigie.ui.identity.who import Scope
from vigie.ui.openai_api.errors import error_body
from vigie.ui.openai_api.replies import END, Reply, encode, usage
from vigie.ui.openai_api.schemas import MODEL, ChatIn, CompletionOut, Usage, described
from vigie.ui.state import TheBase, TheCaller, TheLanguage, TheVigie, needs

log = logging.getLogger(__name__)
router = APIRouter()

ANSWER = {
    "description": "The answer, whole or, with `stream`, as chunks",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/CompletionOut"}},
        sse.MEDIA_TYPE: {
            "itemSchema": {
                "type": "object",
                "required": ["data"],
                "properties": {
                    "data": {
                        "type": "string",
                        "description": "A chat.completion.chunk as JSON: the role, then the text, "
                        "then annotations and sources; [DONE] ends.",
                    }
                },
            }
        },
    },
}


@router.post(
    "/v1/chat/completions",
    response_model=CompletionOut,
    responses={200: ANSWER, **described(400, 401, 403, 404, 503)},
    dependencies=[Depends(needs(Scope.ASK))],
)
async def complete(
    body: ChatIn, vigie: TheVigie, caller: TheCaller, language: TheLanguage, base: TheBase
) -> Response:
    """Answer the last user message from the documents, with `url_citation` annotations.

    Earlier user and assistant messages are the conversation. System, developer and tool messages
    are not read: nobody's text is an instruction to this assistant. Sampling parameters and tools
    are accepted and change nothing. Tokens are counted with the embedding model's tokenizer.
    """
    if body.model != MODEL:
        raise NotFound(what=Reason("connectors.model"), id=body.model)
    question, turns = body.asked()
    counting = Counting(vigie.embedder, question, turns)
    asked = vigie.assistant.ask(question, Caller(caller.audience, language), turns)
    reply = Reply(base)
    if not body.stream:
        return await _whole(asked, reply, counting)
    # Until the search is done nothing is sent: a refusal still gets its own status.
    first = await anext(asked)
    while isinstance(first, Searching):
        first = await anext(asked)
    if isinstance(first, Failed):
        await asked.aclose()
        return problems.failure(first.code, first.message).response()
    wanted = body.stream_options is not None and body.stream_options.include_usage is True
    chunks = _chunks(first, asked, reply, counting if wanted else None, language)
    return StreamingResponse(sse.with_pings(chunks), 200, sse.HEADERS, sse.MEDIA_TYPE)


class Counting:
    """What was sent, to be counted once the answer is known."""

    def __init__(self, embedder: Embedder, question: str, turns: Sequence[Turn]) -> None:
        self._embedder, self._question, self._turns = embedder, question, turns

    async def usage(self, answer: Answer) -> Usage:
        """Counted in a thread: a long conversation takes a moment."""
        given = self._embedder, self._question, self._turns, answer.text
        return await run_in_threadpool(usage, *given)


async def _whole(asked: AsyncGenerator[Event, None], reply: Reply, counting: Counting) -> Response:
    async with aclosing(asked):
        async for event in asked:
            match event:
                case Done(answer):
                    said = reply.whole(answer, await counting.usage(answer))
                    return JSONResponse(said.model_dump(mode="json"))
                case Failed(code, message):
                    return problems.failure(code, message).response()
    raise RuntimeError("the assistant's events ended without an answer")


async def _chunks(
    first: Event,
    asked: AsyncGenerator[Event, None],
    reply: Reply,
    counting: Counting | None,
    language: str,
) -> AsyncGenerator[bytes]:
    """The stream after its status: what fails then is an `error` instead of a chunk."""
    event: Event | None = first
    async with aclosing(asked):
        try:
            yield reply.opening()
            while event is not None:
                match event:
                    case Delta(text):
                        yield reply.piece(text)
                    case Done(answer):
                        yield reply.closing(answer)
                        if counting:
                            yield reply.used(await counting.usage(answer))
                    case Failed(code, message):
                        yield encode(error_body(problems.failure(code, message)))
                        return
                event = await anext(asked, None)
            yield END
        except Exception as error:  # the status is sent: whatever happens must become an error
            log.exception("the answer broke off")
            yield encode(error_body(problems.problem_of(error, language)))
