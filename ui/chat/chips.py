"""The facets of a question as chips under its answer: a click asks again without one of them."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from vigie.assistant.answers import Answer
from vigie.ingest.messages import message
from vigie.ui.wording import facet_words

# Chips on a page, which Gradio wants made beforehand; questions with more facets are rare, and the
# first ones are the strictest.
MOST = 6


@dataclass(frozen=True, slots=True)
class Chips:
    """The question last answered with its facets, by id and words, and those refused so far."""

    question: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    refused: frozenset[str] = frozenset()

    @classmethod
    def of(cls, question: str, answer: Answer, refused: frozenset[str], language: str) -> "Chips":
        """What an answer has to show."""
        facets = answer.facets[:MOST]
        return cls(question, tuple((f.id, facet_words(f, language)) for f in facets), refused)

    def without(self, place: int) -> frozenset[str]:
        """What is refused once the chip at `place` is removed too."""
        return self.refused | {self.facets[place][0]}


def made() -> tuple[gr.Markdown, list[gr.Button]]:
    """The components, hidden until an answer has facets."""
    legend = gr.Markdown(visible=False, elem_id="facets-legend")
    with gr.Row(elem_id="facets"):
        buttons = [gr.Button(visible=False, size="sm") for _ in range(MOST)]
    return legend, buttons


def updates(chips: Chips, language: str) -> tuple[Any, ...]:
    """New values of the components, in the order of `made`."""
    shown = [gr.Button(value=f"✕ {words}", visible=True) for _, words in chips.facets]
    hidden = [gr.Button(visible=False)] * (MOST - len(shown))
    legend = message("facets.legend", language)
    return gr.Markdown(value=legend, visible=bool(shown)), *shown, *hidden
