"""How long each stage of a question takes, and how much processor."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vigie.evals.systems import STAGES, UNRANKED

MILLISECONDS = 1000.0

# What is kept of a question, in the order that it is shown: the encoding of its words alone, each
# stage of the search without any encoding, the whole search with it; then the events of an answer.
ENCODING, SEARCHING, ANSWERING = "encode", "search", "answer"
TIMED = (ENCODING, *STAGES, UNRANKED, SEARCHING, "hits", "first_words", ANSWERING)
COSTLY = (SEARCHING, ANSWERING)


@dataclass(slots=True)
class Taken:
    """By stage: `times` in milliseconds on the clock, `cpu` in seconds of processor."""

    times: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)


@contextmanager
def timed(taken: Taken, stage: str) -> Iterator[Callable[[], float]]:
    """Notes what the block takes; what it gives tells the milliseconds since its beginning."""
    began, cpu = time.perf_counter(), time.process_time()

    def elapsed() -> float:
        return MILLISECONDS * (time.perf_counter() - began)

    try:
        yield elapsed
    finally:
        taken.times[stage] = elapsed()
        taken.cpu[stage] = time.process_time() - cpu
