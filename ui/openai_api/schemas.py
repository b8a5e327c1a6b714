"""What a client of OpenAI's chat completions sends and receives, as far as it means something here.

Unknown fields are accepted, for clients send many (temperature, tools…): they change nothing.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from vigie.assistant.conversations import Turn
from vigie.ingest.errors import InvalidValue, Reason
from vigie.ui.api.schemas import TURNS, CitationOut, Words

MODEL = "vigie"
# Longer than the name of any model; the error of an unknown one repeats it.
NAME_LIMIT = 200
# Clients send the whole conversation each time; only its last turns are read.
MESSAGES = 1000
# Whose words are read; the others would be instructions, which nobody gives to this assistant.
HEARD = ("user", "assistant")


class Sent(BaseModel):
    """Base of what is received: wrong types are refused, unknown fields ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


class TextPart(Sent):
    """A piece of a message's text."""

    type: Literal["text"]
    text: Words


class OtherPart(Sent):
    """A piece that this assistant cannot read; it is refused, never skipped."""

    type: Literal["image_url", "input_audio", "file", "refusal"]


Part = Annotated[TextPart | OtherPart, Field(discriminator="type")]


def _form(content: object) -> str:
    return "parts" if isinstance(content, list) else "text"


Content = Annotated[
    Annotated[Words, Tag("text")] | Annotated[list[Part], Tag("parts")], Discriminator(_form)
]


class MessageIn(Sent):
    """One message; those of system, developer, tool and function are not read."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content | None = None

    def text(self) -> str:
        """The message's words, its parts one to a line; raises InvalidValue for other parts."""
        if not isinstance(self.content, list):
            return self.content or ""
        texts = []
        for part in self.content:
            if isinstance(part, OtherPart):
                expected = Reason("connectors.text_only")
                raise InvalidValue(name="messages.content", value=part.type, expected=expected)
            texts.append(part.text)
        return "\n".join(texts)


class StreamOptions(Sent):
    """Options of a stream."""

    include_usage: bool | None = None


class ChatIn(Sent):
    """A conversation whose last user message is the question."""

    model: Words = Field(max_length=NAME_LIMIT, examples=[MODEL])
    messages: list[MessageIn] = Field(
        min_length=1,
        max_length=MESSAGES,
        examples=[[{"role": "user", "content": "Qui finance le numérique associatif ?"}]],
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = Field(None, description="One answer, or unsaid.")

    def asked(self) -> tuple[str, list[Turn]]:
        """The question and the turns before it; raises InvalidValue for what is no text."""
        return conversation([(m.role, m.text()) for m in self.messages if m.role in HEARD])


def conversation(heard: list[tuple[str, str]]) -> tuple[str, list[Turn]]:
    """The last user's words and the turns before them, oldest first; "" when no user speaks.

    A user message that was not answered is a turn of its own.
    """
    turns: list[Turn] = []
    waiting: str | None = None
    while heard and heard[-1][0] != "user":
        heard = heard[:-1]
    for role, text in heard:
        if role == "user":
            turns += [Turn(waiting)] if waiting is not None else []
            waiting = text
        elif waiting is not None:
            turns.append(Turn(waiting, text))
            waiting = None
    return waiting or "", turns[-TURNS:]


class UrlCitation(BaseModel):
    """Where a marker stands in the content, in characters (code points), and what it cites."""

    start_index: int = Field(ge=0)
    end_index: int = Field(ge=0, description="Just after the marker.")
    title: str
    url: str


class Annotation(BaseModel):
    """One marker of the content."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class MessageOut(BaseModel):
    """The answer's text with its markers, and their annotations in order."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]


class Choice(BaseModel):
    """The one answer."""

    index: int = 0
    message: MessageOut
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """Tokens of the question with its conversation, and of the answer.

    They are counted with the embedding model's tokenizer: what was read in the documents, and
    what a language model behind this server may have used, is not in them.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Extras(BaseModel):
    """What this server tells beside OpenAI's fields; `sources` as in /v1/ask."""

    sources: list[CitationOut]
    abstained: bool = Field(description="Nothing in the documents answers.")
    notice: str = Field(description="How the answer was made, for its reader.")


class CompletionOut(Extras):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class ModelOut(BaseModel):
    """A model that can be asked for."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int
    owned_by: str = MODEL


class ModelsOut(BaseModel):
    """The list of models, which has one."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class ErrorDetail(BaseModel):
    """What went wrong; `code` is stable, `message` follows Accept-Language."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorOut(BaseModel):
    """An error in OpenAI's form."""

    error: ErrorDetail


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors of a route in OpenAI's form."""
    texts = {
        400: "The request cannot be used",
        401: "The key opens nothing",
        403: "The credential does not open this door",
        404: "No such model",
        413: "The body is too large",
        421: "This server has another name",
        503: "A part of the service does not answer",
    }
    return {
        status: {"model": ErrorOut, "description": texts[status]}
        for status in sorted({*statuses, 413, 421})
    }
