"""Answers as Markdown that a browser cannot be made to run, load or follow.

Words from documents and from models are data: every ASCII punctuation mark in them is escaped
(CommonMark §2.4), so none can open a tag, an image, a link, a fence or a bare address. The only
links are ours, to the source pages.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from vigie.assistant.answers import Answer, Citation, Confidence, Statement
from vigie.index.hits import Hit
from vigie.ingest.messages import message
from vigie.ui.links import source_url
from vigie.ui.wording import also_words, dateline, one_line

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# A card shows the passage, not the page: about three lines of the panel.
QUOTE_CHARACTERS = 280
MARKER = re.compile(r"\s*\[\d+\]")


def inert(text: str) -> str:
    """The same words on one line, with no character left that Markdown or HTML would act upon."""
    return PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def short(text: str, limit: int = QUOTE_CHARACTERS) -> str:
    """At most `limit` characters, cut between words and then marked with an ellipsis."""
    words = one_line(text)
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + " …"


def markers(numbers: Iterable[int], citations: Sequence[Citation], language: str) -> str:
    """`[1]` and so on, each a link to its highlighted passage."""
    links = {citation.number: source_url(citation, language=language) for citation in citations}
    return "".join(f" [\\[{number}\\]]({links[number]})" for number in numbers if number in links)


def answer_markdown(answer: Answer, language: str) -> str:
    """The complete answer: statements by form, then how it was made and how sure it is."""
    if answer.abstained or not answer.statements:
        body = inert_lines(answer.text)
    else:
        parts = [
            _statements(form, list(group), answer, language)
            for form, group in groupby(answer.statements, key=lambda statement: statement.form)
        ]
        body = "\n\n".join(parts)
    about = [inert(answer.notice)] if answer.notice else []
    if not answer.abstained:
        about.append(inert(confidence_words(answer.confidence, language)))
    return body + (f"\n\n*{' '.join(about)}*" if about else "")


def _statements(form: str, group: list[Statement], answer: Answer, language: str) -> str:
    lines = [
        inert(MARKER.sub("", statement.text) if form == "row" else statement.text)
        + markers(statement.citations, answer.citations, language)
        for statement in group
    ]
    return " ".join(lines) if form == "sentence" else "\n".join(f"- {line}" for line in lines)


def inert_lines(text: str) -> str:
    """Text of several lines, each inert, line breaks kept."""
    return "\n\n".join(inert(line) for line in text.splitlines() if line.strip())


def confidence_words(confidence: Confidence, language: str) -> str:
    """How sure the answer is, in words."""
    return message(f"chat.confidence_{confidence}", language)


def sources_markdown(answer: Answer, language: str) -> str:
    """Cited sources as numbered cards with their passage, then those only consulted."""
    parts = []
    if answer.citations:
        parts.append("## " + inert(message("chat.cited", language)))
        parts += [_card(citation, language) for citation in answer.citations]
    cited = {citation.document_id for citation in answer.citations}
    consulted = [hit for hit in answer.consulted if hit.document_id not in cited]
    if consulted:
        title = "chat.leads" if answer.abstained else "chat.consulted"
        parts.append("## " + inert(message(title, language)))
        parts.append("\n".join(_line(hit, language) for hit in _one_a_document(consulted)))
    return "\n\n".join(parts) or message("chat.no_source", language)


def _card(citation: Citation, language: str) -> str:
    link = source_url(citation, language=language)
    head = f"**[\\[{citation.number}\\] {inert(citation.title)}]({link})**"
    details = filter(None, (dateline(citation, language), also_words(citation.also, language)))
    return f"{head}\n\n{inert(' · '.join(details))}\n\n> {inert(short(citation.quote))}"


def _line(hit: Hit, language: str) -> str:
    link = source_url(hit, language=language)
    return f"- [{inert(hit.title)}]({link}) — {inert(dateline(hit, language))}"


def _one_a_document(hits: Iterable[Hit]) -> list[Hit]:
    return list({hit.document_id: hit for hit in reversed(list(hits))}.values())[::-1]
