"""Events of the assistant and of an ingestion, as the name and JSON data that every face reads."""

import uuid
from typing import Any

from vigie.assistant.answers import Delta, Done, Event, Failed, Found, Searching
from vigie.index.sync import Progress
from vigie.ui import problems
from vigie.ui.api.schemas import AnswerOut, CitationOut, HitOut

Named = tuple[str, dict[str, Any]]


def answering(event: Event, base: str) -> Named:
    """message.created, sources, delta, done or error; addresses stand under `base`."""
    match event:
        case Searching(query):
            return "message.created", {"id": str(uuid.uuid4()), "query": query}
        case Found(hits=hits):
            found = [HitOut.of(hit, base).model_dump(mode="json") for hit in hits]
            return "sources", {"sources": found}
        case Delta(text, citations):
            cited = [CitationOut.of(each, base).model_dump(mode="json") for each in citations]
            return "delta", {"text": text, "citations": cited}
        case Done(answer):
            return "done", AnswerOut.of(answer, base).model_dump(mode="json")
        case Failed(code, message):
            return "error", problems.failure(code, message).body


def ingesting(progress: Progress, language: str) -> Named:
    """progress, or failure with the error's words when the last file could not be indexed."""
    counts = {
        "found": progress.found,
        "done": progress.done,
        "unchanged": progress.unchanged,
        "failed": progress.failed,
        "chunks": progress.chunks,
        "seconds": round(progress.seconds, 3),
        "current": progress.current,
    }
    if progress.error is None:
        return "progress", counts
    words = {"code": progress.error.code, "message": progress.error.message(language)}
    return "failure", counts | words


def syncing(progress: Progress, language: str) -> Named:
    """As `ingesting`, with the source and what a round tells of it."""
    name, data = ingesting(progress, language)
    return name, data | {
        "source": progress.source,
        "new": progress.new,
        "changed": progress.changed,
        "moved": progress.moved,
        "removed": progress.removed,
        "held": progress.held,
        "change": progress.change and progress.change.value,
    }


def broken(error: Exception, language: str) -> Named:
    """The last event of a stream that an error ended."""
    return "error", problems.problem_of(error, language).body
