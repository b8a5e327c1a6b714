"""The inside of a worker process: its limits, and its loop of a request in and an answer out."""

import logging
import os
import pickle
import resource
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigie.ingest.documents import Document
from vigie.ingest.errors import Reason, UnreadableFile, VigieError
from vigie.ingest.reading import Defaults, location_of, read

# Under 1 GB of address space every normal file of the trials passed and every bomb ended within
# 3.3 s. The longest legitimate work, a dense PDF of 2,000 pages, takes 25 s of one core.
MEMORY_MB = 1_000
CPU_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read, as `reading.read` takes it."""

    path: Path
    source: str
    root: Path
    defaults: Defaults

    @property
    def location(self) -> str:
        """The name of the file within its source."""
        return location_of(self.path, self.root)


@dataclass(frozen=True, slots=True)
class Answer:
    """Documents or an error (its class and values), and what was logged on the way."""

    documents: list[Document]
    error: tuple[type[VigieError], Mapping[str, object]] | None
    logged: list[tuple[str, int, str]]
    exhausted: bool = False


def serve() -> None:
    """The worker's own loop: a request in, an answer out, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    # Native libraries print; what they print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit = MEMORY_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(_answer(request), answers)
        answers.flush()


def _answer(request: Request) -> Answer:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS, hard))
    notes = _Notes()
    root = logging.getLogger("vigie")
    root.addHandler(notes)
    try:
        documents = read(
            request.path, source=request.source, root=request.root, defaults=request.defaults
        )
        return Answer(documents, None, notes.kept)
    except VigieError as error:
        return Answer([], (type(error), error.values), notes.kept)
    except MemoryError:
        reason = Reason("read.memory", {"limit": MEMORY_MB})
        values = {"path": request.location, "reason": reason}
        return Answer([], (UnreadableFile, values), notes.kept, exhausted=True)
    finally:
        root.removeHandler(notes)


class _Notes(logging.Handler):
    """Log records of the worker, for the parent to write where it writes its own."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append((record.name, record.levelno, self.format(record)))


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
