"""`POST /v1/responses`: the same answers for clients of OpenAI's newer interface."""

import logging
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count
from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response, StreamingResponse

from vigie.assistant.answers import Answer, Caller, Delta, Done, Event, Failed, Searching
from vigie.ingest.errors import NotFound, Reason
from vigie.ui import problems, sse
from vigie.ui.api.schemas import CitationOut
from vigie.ui.identity.who import Scope
from vigie.ui.openai_api.completions import Counting
from vigie.ui.openai_api.replies import annotations
from vigie.ui.openai_api.response_schemas import (
    ItemOut,
    ResponseIn,
    ResponseOut,
    ResponseUsage,
    TextOut,
    UrlAnnotation,
)
from vigie.ui.openai_api.schemas import MODEL, described
from vigie.ui.problems import Problem
from vigie.ui.state import TheBase, TheCaller, TheLanguage, TheVigie, needs

log = logging.getLogger(__name__)
router = APIRouter()

RESPONSE = {
    "description": "The answer, whole or, with `stream`, as events",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/ResponseOut"}},
        sse.MEDIA_TYPE: {
            "itemSchema": {
                "type": "object",
                "required": ["event", "data"],
                "properties": {
                    "event": {"type": "string", "examples": ["response.output_text.delta"]},
                    "data": {"type": "string", "contentMediaType": "application/json"},
                },
            }
        },
    },
}


@router.post(
    "/v1/responses",
    response_model=ResponseOut,
    responses={200: RESPONSE, **described(400, 401, 403, 404, 503)},
    dependencies=[Depends(needs(Scope.ASK))],
)
async def respond(
    body: ResponseIn, vigie: TheVigie, caller: TheCaller, language: TheLanguage, base: TheBase
) -> Response:
    """Answer the last user input from the documents, with `url_citation` annotations.

    `instructions`, system and developer items are not read, as in chat completions. Nothing is
    kept: a client sends its conversation again.
    """
    if body.model != MODEL:
        raise NotFound(what=Reason("connectors.model"), id=body.model)
    question, turns = body.asked()
    asked = vigie.assistant.ask(question, Caller(caller.audience, language), turns)
    making = Making(base, Counting(vigie.embedder, question, turns))
    first = await anext(asked)
    while isinstance(first, Searching):
        first = await anext(asked)
    if isinstance(first, Failed):
        await asked.aclose()
        return problems.failure(first.code, first.message).response()
    if not body.stream:
        return await _whole(asked, making)
    events = _events(asked, making, language)
    return StreamingResponse(sse.with_pings(events), 200, sse.HEADERS, sse.MEDIA_TYPE)


class Making:
    """One response on its way: its ids, its time and the numbers of its events."""

    def __init__(self, base: str, counting: Counting) -> None:
        self.id, self.item_id = f"resp_{uuid.uuid4().hex}", f"msg_{uuid.uuid4().hex}"
        self._base, self._counting = base, counting
        self._created, self._numbers = int(time.time()), count()

    async def whole(self, answer: Answer) -> ResponseOut:
        """The answer in one piece."""
        marked = annotations(answer.text, answer.citations, self._base)
        text = TextOut(
            text=answer.text,
            annotations=[UrlAnnotation(**each.url_citation.model_dump()) for each in marked],
        )
        used = await self._counting.usage(answer)
        return ResponseOut(
            id=self.id,
            created_at=self._created,
            output=[ItemOut(id=self.item_id, content=[text])],
            usage=ResponseUsage(
                input_tokens=used.prompt_tokens,
                output_tokens=used.completion_tokens,
                total_tokens=used.total_tokens,
            ),
            sources=[CitationOut.of(citation, self._base) for citation in answer.citations],
            abstained=answer.abstained,
            notice=answer.notice,
        )

    def begun(self, status: str = "in_progress", error: Any = None) -> dict[str, Any]:
        """The response before there is an answer, or without any."""
        return {
            "id": self.id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "model": MODEL,
            "output": [],
            "error": error,
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
        }

    def event(self, name: str, **data: Any) -> bytes:
        """The next event of the stream."""
        kind = f"response.{name}"
        return sse.encode(kind, {"type": kind, "sequence_number": next(self._numbers)} | data)

    def text_event(self, name: str, **data: Any) -> bytes:
        """An event of the one text of the one item."""
        place = {"item_id": self.item_id, "output_index": 0, "content_index": 0}
        return self.event(name, **place, **data)

    def opening(self) -> list[bytes]:
        """What comes before the text."""
        item = ItemOut(id=self.item_id, status="in_progress", content=[]).model_dump()
        part = TextOut(text="", annotations=[]).model_dump()
        return [
            self.event("created", response=self.begun()),
            self.event("in_progress", response=self.begun()),
            self.event("output_item.added", output_index=0, item=item),
            self.text_event("content_part.added", part=part),
        ]

    async def closing(self, answer: Answer) -> list[bytes]:
        """What comes after the text: its annotations, then everything whole."""
        whole = (await self.whole(answer)).model_dump(mode="json")
        (item,) = whole["output"]
        (part,) = item["content"]
        marked = [
            self.text_event("output_text.annotation.added", annotation_index=n, annotation=each)
            for n, each in enumerate(part["annotations"])
        ]
        return [
            *marked,
            self.text_event("output_text.done", text=answer.text, logprobs=[]),
            self.text_event("content_part.done", part=part),
            self.event("output_item.done", output_index=0, item=item),
            self.event("completed", response=whole),
        ]

    def failed(self, problem: Problem) -> bytes:
        """The last event of a stream whose answer did not come to its end."""
        error = {"code": "server_error", "message": problem.detail}
        return self.event("failed", response=self.begun("failed", error))


async def _whole(asked: AsyncGenerator[Event, None], making: Making) -> Response:
    async with aclosing(asked):
        async for event in asked:
            match event:
                case Done(answer):
                    return JSONResponse((await making.whole(answer)).model_dump(mode="json"))
                case Failed(code, message):
                    return problems.failure(code, message).response()
    raise RuntimeError("the assistant's events ended without an answer")


async def _events(
    asked: AsyncGenerator[Event, None], making: Making, language: str
) -> AsyncGenerator[bytes]:
    """The stream after its status; hits, which came before, have no event here."""
    async with aclosing(asked):
        try:
            for each in making.opening():
                yield each
            async for event in asked:
                match event:
                    case Delta(text):
                        yield making.text_event("output_text.delta", delta=text, logprobs=[])
                    case Done(answer):
                        for each in await making.closing(answer):
                            yield each
                    case Failed(code, message):
                        yield making.failed(problems.failure(code, message))
                        return
        except Exception as error:  # the status is sent: whatever happens must become an event
            log.exception("the answer broke off")
            yield making.failed(problems.problem_of(error, language))
