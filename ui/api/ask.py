"""`POST /v1/ask`: the assistant's events as one JSON answer or as server-sent events."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from starlette.responses import JSONResponse, Response, StreamingResponse

from vigie.assistant.answers import Caller, Done, Event, Failed
from vigie.assistant.conversations import Turn
from vigie.ui import problems, sse
from vigie.ui.api import events, responses
from vigie.ui.api.schemas import AnswerOut, QuestionIn
from vigie.ui.identity.who import Scope
from vigie.ui.state import TheBase, TheCaller, TheLanguage, TheVigie, needs

log = logging.getLogger(__name__)
router = APIRouter()

EVENTS = {
    "description": "The answer, whole or as events",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/AnswerOut"}},
        sse.MEDIA_TYPE: {
            "itemSchema": {
                "type": "object",
                "required": ["event", "data"],
                "properties": {
                    "event": {"enum": ["message.created", "sources", "delta", "done", "error"]},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": "done: AnswerOut. error: ProblemOut. "
                        "delta: text and the citations that it brings. sources: hits.",
                    },
                },
            }
        },
    },
}


@router.post(
    "/v1/ask",
    dependencies=[Depends(needs(Scope.ASK))],
    response_model=AnswerOut,
    responses={200: EVENTS, **responses.problems(401, 403, 429, 503)},
)
async def ask(
    body: QuestionIn,
    vigie: TheVigie,
    caller: TheCaller,
    language: TheLanguage,
    base: TheBase,
    accept: Annotated[str, Header(examples=["application/json", sse.MEDIA_TYPE])] = "",
) -> Response:
    """Answer a question from the documents, with cited sources.

    Send `Accept: text/event-stream` to receive the events message.created, sources, delta, done
    or error as they come.
    """
    caller = Caller(caller.audience, body.language or language)
    conversation = [Turn(turn.question, turn.answer) for turn in body.conversation]
    asked = vigie.assistant.ask(
        body.question, caller, conversation, body.filters.filters(), body.without_facets
    )
    if sse.MEDIA_TYPE not in accept:
        return await _whole(asked, base)
    # A question that is refused outright still gets its own status: nothing has been sent yet.
    first = await anext(asked)
    if isinstance(first, Failed):
        return problems.failure(first.code, first.message).response()
    stream = sse.with_pings(_stream(first, asked, base, language))
    return StreamingResponse(stream, 200, sse.HEADERS, sse.MEDIA_TYPE)


async def _whole(asked: AsyncIterator[Event], base: str) -> Response:
    async with _closing(asked):
        async for event in asked:
            match event:
                case Done(answer):
                    return JSONResponse(AnswerOut.of(answer, base).model_dump(mode="json"))
                case Failed(code, message):
                    return problems.failure(code, message).response()
    raise RuntimeError("the assistant's events ended without an answer")


async def _stream(
    first: Event, asked: AsyncIterator[Event], base: str, language: str
) -> AsyncGenerator[bytes]:
    async with _closing(asked):
        try:
            yield sse.encode(*events.answering(first, base))
            async for event in asked:
                yield sse.encode(*events.answering(event, base))
        except Exception as error:  # the status is sent: whatever happens must become an event
            log.exception("the answer broke off")
            yield sse.encode(*events.broken(error, language))


@asynccontextmanager
async def _closing(asked: AsyncIterator[Event]) -> AsyncIterator[None]:
    """Ends the assistant's work, and its model's, as soon as nobody listens."""
    try:
        yield
    finally:
        if isinstance(asked, AsyncGenerator):
            await asked.aclose()
