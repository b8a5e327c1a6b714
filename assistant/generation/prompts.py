"""What a language model is asked: few words, and passages fenced off as data."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.index.hits import Hit
from vigie.ingest.messages import LANGUAGES, message

# Characters of all passages together, about 3000 tokens of French: with the answer they fit the
# 4096 tokens that small local servers keep by default.
PASSAGES_LIMIT = 9000
# Bytes of the fence: nobody who writes a document can guess 96 bits.
FENCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to a model; `hits` are the passages numbered 1 to n in it."""

    system: str
    user: str
    hits: tuple[Hit, ...]


def prompt(question: str, hits: Sequence[Hit], language: str) -> Prompt:
    """Passages in the order given, as many as fit; at least the first one, cut if need be."""
    language = language if language in LANGUAGES else "fr"
    fence = secrets.token_hex(FENCE_BYTES)
    kept: list[Hit] = []
    blocks: list[str] = []
    room = PASSAGES_LIMIT
    for number, hit in enumerate(hits, 1):
        body = _body(hit)
        if kept and len(body) > room:
            break
        kept.append(hit)
        blocks.append(f"{fence}\n[{number}] {body[:PASSAGES_LIMIT]}\n{fence}")
        room -= len(body)
    return Prompt(
        system=message("prompt.system", language, fence=fence).strip(),
        user=message(
            "prompt.user", language, passages="\n".join(blocks), question=" ".join(question.split())
        ).strip(),
        hits=tuple(kept),
    )


def _body(hit: Hit) -> str:
    """Title, headings and date tell the model what a passage is about and how old it is."""
    dated = hit.published.isoformat() if hit.published else None
    about = " – ".join(filter(None, (hit.title, *hit.heading_path, hit.publisher, dated)))
    return f"{about}\n{hit.text}"
