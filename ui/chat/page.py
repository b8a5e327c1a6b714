"""The staff chat: question, streamed answer, and its sources beside it."""

import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.resources import files
from typing import Any

# Read by Gradio when it is imported: no call home, neither by the server nor by the page.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr  # noqa: E402  (after the variable that it reads)
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from vigie.assistant.answers import Delta, Done, Failed
from vigie.assistant.build import Vigie
from vigie.assistant.conversations import Turn
from vigie.assistant.engine import Assistant
from vigie.ingest.messages import LANGUAGES, message
from vigie.ui.access import Access
from vigie.ui.chat import chips
from vigie.ui.chat.chips import Chips
from vigie.ui.chat.rendering import answer_markdown, inert_lines, sources_markdown
from vigie.ui.examples import example_questions
from vigie.ui.languages import preferred

PATH = "/chat"
# Answers streamed at once; an extractive answer takes a third of a second of one core.
CONCURRENT_ANSWERS = 8
# Questions that may wait for their turn before the page asks to try again.
WAITING_QUESTIONS = 32
# Turns sent along with a question: follow-ups look back a few questions, rarely more.
KEPT_TURNS = 6
# Texts that follow the language of the browser; the others, that of the server.
LABELS = ("conversation", "question", "placeholder", "send", "stop", "clear")

# What one exchange adds to a conversation.
EXCHANGE = ("user", "assistant")

History = list[dict[str, Any]]
Outputs = AsyncIterator[tuple[Any, ...]]
Ask = Callable[[str, History, list[Turn], frozenset[str], gr.Request], Outputs]


def mount_chat(app: FastAPI, vigie: Vigie, access: Access) -> None:
    """Serves the chat under `/chat` of `app`; visitors see what their session opens."""
    # With no origin allowed, Gradio adds no header of its own that lets every site in.
    app.add_middleware(CORSMiddleware, allow_origins=())
    page = build_page(vigie, access)
    page.queue(default_concurrency_limit=CONCURRENT_ANSWERS, max_size=WAITING_QUESTIONS)
    static = files("vigie.ui") / "static"
    gr.mount_gradio_app(
        app,
        page,
        path=PATH,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        i18n=gr.I18n(**{language: _texts(language) for language in LANGUAGES}),
        theme=_theme(),
        css=(static / "chat.css").read_text(encoding="utf-8"),
        head=(static / "chat_head.html").read_text(encoding="utf-8"),
    )


def _theme() -> gr.themes.Base:
    """Gradio's own, with white on a teal dark enough for WCAG 2.2 (1.4.3: 5.5 to 1)."""
    return gr.themes.Default(primary_hue="teal", neutral_hue="slate").set(
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#115e59",
        button_primary_text_color="#ffffff",
    )


def _texts(language: str) -> dict[str, str]:
    return {label: message(f"chat.{label}", language) for label in LABELS}


def build_page(vigie: Vigie, access: Access) -> gr.Blocks:
    """The page's components and what each of them starts; keeps no visitor's state itself."""
    default = vigie.settings.language
    text = gr.I18n(**{language: _texts(language) for language in LANGUAGES})
    page: gr.Blocks
    with gr.Blocks(title=message("chat.title", default), fill_width=True) as page:
        gr.Markdown(_introduction(default), elem_id="introduction")
        turns = gr.State(list[Turn]())
        asked = gr.State(Chips())
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=3, elem_id="talk"):
                chat = _conversation(text, default)
                legend, buttons = chips.made()
                with gr.Row(elem_id="ask"):
                    question = gr.Textbox(
                        label=text("question"),
                        placeholder=text("placeholder"),
                        # One line at first: with more, Enter would only break the line.
                        lines=1,
                        max_lines=8,
                        autofocus=True,
                        elem_id="question",
                        scale=5,
                    )
                    send = gr.Button(text("send"), variant="primary", elem_id="send", scale=1)
                with gr.Row():
                    stop = gr.Button(text("stop"), elem_id="stop", size="sm")
                    clear = gr.Button(text("clear"), elem_id="clear", size="sm")
                _examples(vigie, question)
            with gr.Column(scale=2, elem_id="sources-panel"):
                sources = gr.Markdown(
                    message("chat.sources_empty", default), elem_id="sources", sanitize_html=True
                )
        answer = answering(vigie.assistant, access, default)
        outputs = [question, chat, sources, turns, asked, legend, *buttons]
        _wire(send, stop, clear, outputs, answer, default)
    return page


def _conversation(text: gr.I18n, default: str) -> gr.Chatbot:
    return gr.Chatbot(
        label=text("conversation"),
        elem_id="conversation",
        height="46vh",
        placeholder=message("chat.empty", default),
        sanitize_html=True,
        allow_tags=False,
        latex_delimiters=[],
        buttons=["copy"],
        feedback_options=None,
        layout="panel",
    )


def _introduction(language: str) -> str:
    links = (("home", "/"), ("login", "/login?next=/chat/"))
    doors = " · ".join(f"[{message(f'page.{name}', language)}]({path})" for name, path in links)
    title, lead = message("chat.heading", language), message("chat.intro", language)
    return f"# {title}\n\n{lead}\n\n{doors}"


def _examples(vigie: Vigie, question: gr.Textbox) -> None:
    """Buttons that fill the question in: a newcomer sees what can be asked, then decides."""
    examples = example_questions(vigie, vigie.settings.language)
    if not examples:
        return
    gr.Markdown(f"## {message('chat.examples', vigie.settings.language)}")
    with gr.Row(elem_id="examples"):
        for example in examples:
            gr.Button(example, size="sm").click(
                partial(str, example), None, question, api_visibility="private"
            )


def _wire(
    send: gr.Button, stop: gr.Button, clear: gr.Button, outputs: list[Any], ask: Ask, default: str
) -> None:
    question, chat, _, turns, asked, _, *buttons = outputs
    once: dict[str, Any] = {"api_visibility": "private", "trigger_mode": "once"}
    said = [question, chat, turns]
    streams = [gr.on([question.submit, send.click], _typed(ask), said, outputs, **once)]
    for place, button in enumerate(buttons):
        shown = [chat, turns, asked]
        streams.append(button.click(_without(ask, place), shown, outputs, **once))
    stop.click(None, None, None, cancels=streams, api_visibility="private")
    nothing = message("chat.sources_empty", default)
    gr.on(
        [clear.click, chat.clear],
        lambda: ("", [], nothing, [], Chips(), *chips.updates(Chips(), default)),
        None,
        outputs,
        cancels=streams,
        api_visibility="private",
    )


# Gradio reads the signatures of the next two to know what to pass.
def _typed(ask: Ask) -> Callable[..., Outputs]:
    async def typed(words: str, history: History, had: list[Turn], request: gr.Request) -> Outputs:
        async for values in ask(words, history, had, frozenset(), request):
            yield values

    return typed


def _without(ask: Ask, place: int) -> Callable[..., Outputs]:
    """Asks again without a facet; the answer takes the place of the one that had it."""

    async def again(history: History, had: list[Turn], last: Chips, request: gr.Request) -> Outputs:
        kept = history[: -len(EXCHANGE)], had[:-1]
        async for values in ask(last.question, *kept, last.without(place), request):
            yield values

    return again


def answering(assistant: Assistant, access: Access, default: str) -> Ask:
    """What streams an answer into a conversation; the caller is who the request's session says."""

    async def respond(
        question: str,
        history: History,
        turns: list[Turn],
        refused: frozenset[str],
        request: gr.Request,
    ) -> Outputs:
        language = preferred(request.headers.get("accept-language"), default)
        caller = access.caller(request.headers, language)
        shown = [*history, {"role": "user", "content": inert_lines(question)}]
        hidden = (Chips(), *chips.updates(Chips(), language))
        same = (gr.skip(),) * len(hidden)
        yield "", _with(shown, message("chat.searching", language)), gr.skip(), turns, *hidden
        text = ""
        past = tuple(turns[-KEPT_TURNS:])
        async for event in assistant.ask(question, caller, past, without_facets=refused):
            match event:
                case Delta():
                    text += event.text
                    yield gr.skip(), _with(shown, inert_lines(text)), gr.skip(), turns, *same
                case Done(answer):
                    found = Chips.of(question, answer, refused, language)
                    yield (
                        gr.skip(),
                        _with(shown, answer_markdown(answer, language)),
                        sources_markdown(answer, language),
                        [*turns, Turn(question, answer.text)],
                        found,
                        *chips.updates(found, language),
                    )
                case Failed():
                    told = _with(shown, inert_lines(event.message))
                    yield question, told, gr.skip(), turns, *same

    return respond


def _with(shown: History, content: str) -> History:
    return [*shown, {"role": "assistant", "content": content}]
