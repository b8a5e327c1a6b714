"""Worker processes that read files under limits of memory and time.

A hostile or damaged file can crash, stall or swell a parser in native code, where no exception
helps. Here it ends one worker, becomes one UnreadableFile, and the next file is read by another.
"""

import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from vigie.ingest.documents import Document
from vigie.ingest.errors import Reason, UnreadableFile
from vigie.ingest.reading import Defaults
from vigie.ingest.worker import CPU_SECONDS, MEMORY_MB, Answer, Request

log = logging.getLogger(__name__)

# Wall time also covers waiting: three times the CPU time, for a machine three times too busy.
WALL_SECONDS = 180
# Whatever parsers leak ends with their worker; starting one takes 0.3 s, a thousandth of the time
# that so many files take.
FILES_PER_WORKER = 300
DEFAULT_SIZE = 2
DYING_SECONDS = 2
# One thread per worker: the pool is the parallelism, and each native thread costs address space.
SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKIO_WORKER_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
WORKER = "from vigie.ingest.worker import serve; serve()"


class ReaderPool:
    """At most `size` workers, started on demand; `read` may be called from any thread.

    Used as a context manager: leaving it, even by Ctrl-C, ends every worker at once.
    """

    def __init__(self, size: int = DEFAULT_SIZE, *, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._slots: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._slots.put(None)
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every worker; a `read` in progress raises RuntimeError."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, set()
        for worker in workers:
            worker.end()

    def read(self, path: Path, *, source: str, root: Path, defaults: Defaults) -> list[Document]:
        """As `reading.read`, with UnreadableFile also for a crash, a stall or too much memory."""
        request = Request(path, source, root, defaults)
        worker = self._slots.get()
        try:
            worker, answer = self._ask(worker, request)
        except BaseException:
            # Interrupted half-way: an answer to this file must not be taken for the next one's.
            self._slots.put(None)
            raise
        self._slots.put(self._kept(worker))
        for name, level, text in answer.logged:
            logging.getLogger(name).log(level, "%s", text)
        if answer.error:
            kind, values = answer.error
            raise kind(**values)
        return answer.documents

    def _ask(self, worker: "_Worker | None", request: Request) -> tuple["_Worker | None", Answer]:
        """Asks again of a fresh worker when one that other files had worn dies."""
        while True:
            fresh = worker is None
            worker = worker or self._start()
            try:
                answer = worker.ask(request)
            except BaseException:
                self._end(worker)
                raise
            if self._closed:
                raise RuntimeError("the reader pool is closed")
            if answer is not None and not answer.exhausted:
                return worker, answer
            if answer is None:
                worker.wait()
            reason = self._end(worker)
            worker = None
            if answer is not None and fresh:
                return None, answer
            if answer is None and (fresh or reason.key == "read.time"):
                log.warning("%s: its worker was ended: %s", request.location, reason.key)
                values = {"path": request.location, "reason": reason}
                return None, Answer([], (UnreadableFile, values), [])

    def _start(self) -> "_Worker":
        with self._lock:
            if self._closed:
                raise RuntimeError("the reader pool is closed")
            worker = _Worker(self._wall_seconds)
            self._workers.add(worker)
            return worker

    def _end(self, worker: "_Worker") -> Reason:
        with self._lock:
            self._workers.discard(worker)
        return worker.end()

    def _kept(self, worker: "_Worker | None") -> "_Worker | None":
        if worker is None or (worker.alive and worker.files < FILES_PER_WORKER):
            return worker
        self._end(worker)
        return None


class _Worker:
    """The parent's side of one worker process."""

    def __init__(self, seconds: float) -> None:
        self.files = 0
        self._seconds = seconds
        self._late = threading.Event()
        # A program and not multiprocessing: a child of that runs the caller's main module again,
        # with all that it imports. A group of its own keeps Ctrl-C for the parent to handle.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | SINGLE_THREADED,
            process_group=0,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Request) -> Answer | None:
        """The worker's answer, None when it died or was late."""
        self.files += 1
        timer = threading.Timer(self._seconds, self._stop_late)
        timer.daemon = True
        timer.start()
        try:
            assert self._process.stdin and self._process.stdout
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            return None
        finally:
            timer.cancel()
        assert isinstance(answer, Answer)
        return answer

    def _stop_late(self) -> None:
        self._late.set()
        self._process.kill()

    def wait(self) -> None:
        """Lets a process that has closed its answers finish dying, so that it tells of what."""
        try:
            self._process.wait(DYING_SECONDS)
        except subprocess.TimeoutExpired:
            return

    def end(self) -> Reason:
        """Ends the process if it still runs, and tells why it had ended."""
        running = self.alive
        self._process.kill()
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                _close(pipe)
        if self._late.is_set():
            return Reason("read.time", {"limit": f"{self._seconds:g}"})
        if code == -signal.SIGXCPU:
            return Reason("read.time", {"limit": CPU_SECONDS})
        if code == -signal.SIGKILL and not running:
            # Nobody else kills a worker but the system when memory runs out.
            return Reason("read.memory", {"limit": MEMORY_MB})
        return Reason("read.crash")


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        # What was not yet written to a dead worker has no reader any more.
        return
