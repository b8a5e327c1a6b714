"""The assistant's events as a completion or as the chunks of a stream."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vigie.assistant.answers import Answer, Citation
from vigie.assistant.conversations import Turn
from vigie.index.embedders import Embedder
from vigie.ui.api.schemas import CitationOut
from vigie.ui.links import external_url, source_url
from vigie.ui.openai_api.schemas import (
    MODEL,
    Annotation,
    Choice,
    CompletionOut,
    MessageOut,
    UrlCitation,
    Usage,
)
from vigie.ui.rendering import MARKER

END = b"data: [DONE]\n\n"


def annotations(text: str, citations: Sequence[Citation], base: str) -> list[Annotation]:
    """One for each marker of the text, in order; a document off the web is read on this server."""
    cited = {citation.number: citation for citation in citations}
    return [
        Annotation(
            url_citation=UrlCitation(
                start_index=found.start(),
                end_index=found.end(),
                title=citation.title,
                url=external_url(citation.url) or source_url(citation, base),
            )
        )
        for found in MARKER.finditer(text)
        if (citation := cited.get(int(found[1])))
    ]


def usage(embedder: Embedder, question: str, turns: Sequence[Turn], text: str) -> Usage:
    """Tokens of what was sent and of the answer, by the embedding model's own count."""
    said = [part for turn in turns for part in (turn.question, turn.answer_text)]
    prompt = sum(map(embedder.count, [*said, question]))
    completion = embedder.count(text)
    return Usage(
        prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
    )


def encode(data: object) -> bytes:
    """One unnamed server-sent event, JSON on a single line."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer on its way: its id and its time stay the same in all of its chunks."""

    base: str
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer, used: Usage) -> CompletionOut:
        """The answer in one piece."""
        marked = annotations(answer.text, answer.citations, self.base)
        return CompletionOut(
            id=self.id,
            created=self.created,
            model=MODEL,
            choices=[Choice(message=MessageOut(content=answer.text, annotations=marked))],
            usage=used,
            **self._extras(answer),
        )

    def opening(self) -> bytes:
        """The first chunk, which says who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def piece(self, text: str) -> bytes:
        """More of the text."""
        return self._chunk({"content": text})

    def closing(self, answer: Answer) -> bytes:
        """The last chunk of the answer: annotations count in the whole text, not in a piece."""
        marked = annotations(answer.text, answer.citations, self.base)
        told = {
            name: [source.model_dump(mode="json") for source in value]
            if isinstance(value, list)
            else value
            for name, value in self._extras(answer).items()
        }
        delta = {"annotations": [each.model_dump(mode="json") for each in marked]}
        return self._chunk(delta, "stop", told)

    def used(self, used: Usage) -> bytes:
        """The chunk that comes after the answer when its client wants the usage."""
        return encode(self._head() | {"choices": [], "usage": used.model_dump()})

    def _extras(self, answer: Answer) -> dict[str, Any]:
        return {
            "sources": [CitationOut.of(citation, self.base) for citation in answer.citations],
            "abstained": answer.abstained,
            "notice": answer.notice,
        }

    def _head(self) -> dict[str, Any]:
        kind = "chat.completion.chunk"
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL}

    def _chunk(
        self,
        delta: dict[str, Any],
        finish: str | None = None,
        told: dict[str, Any] | None = None,
    ) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return encode(self._head() | {"choices": [choice]} | (told or {}))
