"""What a client of OpenAI's responses interface sends and receives, as far as it means something.

As with chat completions, unknown fields are accepted and change nothing.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from vigie.assistant.conversations import Turn
from vigie.ingest.errors import InvalidValue, Reason
from vigie.ui.api.schemas import Words
from vigie.ui.openai_api.schemas import (
    HEARD,
    MESSAGES,
    MODEL,
    NAME_LIMIT,
    Extras,
    Sent,
    conversation,
)


class TextIn(Sent):
    """A piece of an item's text, typed by a person or answered before."""

    type: Literal["input_text", "output_text"]
    text: Words


class OtherIn(Sent):
    """A piece that this assistant cannot read; it is refused, never skipped."""

    type: Literal["input_image", "input_file", "input_audio", "refusal"]


def _form(given: object) -> str:
    return "parts" if isinstance(given, list) else "text"


Pieces = list[Annotated[TextIn | OtherIn, Field(discriminator="type")]]
Content = Annotated[
    Annotated[Words, Tag("text")] | Annotated[Pieces, Tag("parts")], Discriminator(_form)
]


class ItemIn(Sent):
    """One message; items without a role of the conversation (calls, reasoning) are not read."""

    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: Content | None = None

    def text(self) -> str:
        """The item's words, its parts one to a line; raises InvalidValue for other parts."""
        if not isinstance(self.content, list):
            return self.content or ""
        texts = []
        for part in self.content:
            if isinstance(part, OtherIn):
                expected = Reason("connectors.text_only")
                raise InvalidValue(name="input.content", value=part.type, expected=expected)
            texts.append(part.text)
        return "\n".join(texts)


Input = Annotated[
    Annotated[Words, Tag("text")]
    | Annotated[list[ItemIn], Field(min_length=1, max_length=MESSAGES), Tag("parts")],
    Discriminator(_form),
]


class ResponseIn(Sent):
    """A question, alone or after its conversation, which is not kept here."""

    model: Words = Field(max_length=NAME_LIMIT, examples=[MODEL])
    input: Input = Field(examples=["Qui finance le numérique associatif ?"])
    stream: bool | None = None
    previous_response_id: None = Field(None, description="Nothing is kept: send the conversation.")

    def asked(self) -> tuple[str, list[Turn]]:
        """The question and the turns before it; raises InvalidValue for what is no text."""
        if isinstance(self.input, str):
            return self.input, []
        heard = [(item.role or "", item) for item in self.input if item.role in HEARD]
        return conversation([(role, item.text()) for role, item in heard])


class UrlAnnotation(BaseModel):
    """Where a marker stands in the text, in characters (code points), and what it cites."""

    type: Literal["url_citation"] = "url_citation"
    start_index: int
    end_index: int
    title: str
    url: str


class TextOut(BaseModel):
    """The answer's text with its markers."""

    type: Literal["output_text"] = "output_text"
    text: str
    annotations: list[UrlAnnotation]
    logprobs: list[Any] = []


class ItemOut(BaseModel):
    """The answer as the one message of a response."""

    type: Literal["message"] = "message"
    id: str
    status: Literal["in_progress", "completed"] = "completed"
    role: Literal["assistant"] = "assistant"
    content: list[TextOut]


class Details(BaseModel):
    """Kinds of tokens that this server never uses."""

    cached_tokens: int = 0
    reasoning_tokens: int = 0


class ResponseUsage(BaseModel):
    """Tokens of the question with its conversation, and of the answer, by the embedding model."""

    input_tokens: int
    input_tokens_details: Details = Details()
    output_tokens: int
    output_tokens_details: Details = Details()
    total_tokens: int


class ResponseOut(Extras):
    """A whole response; what OpenAI's clients expect besides says that there is none of it."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    status: Literal["completed"] = "completed"
    model: str = MODEL
    output: list[ItemOut]
    usage: ResponseUsage
    error: None = None
    incomplete_details: None = None
    instructions: None = None
    metadata: dict[str, str] = {}
    parallel_tool_calls: bool = False
    temperature: None = None
    top_p: None = None
    tool_choice: Literal["none"] = "none"
    tools: list[Any] = []
    previous_response_id: None = None
    store: bool = False
