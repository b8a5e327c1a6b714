"""Writes that no answer waits for: one thread makes them, in their order."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from vigie.ingest.errors import VigieError

log = logging.getLogger(__name__)


class Later:
    """A thread that starts with its first task; what fails is logged and given up."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def do(self, task: Callable[[], None]) -> None:
        """Comes back at once."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "vigie-later")
        self._pool.submit(task).add_done_callback(_tell)

    def finish(self) -> None:
        """Waits for what was begun; a later task starts another thread."""
        pool, self._pool = self._pool, None
        if pool:
            pool.shutdown()


def _tell(done: Future[None]) -> None:
    error = done.exception()
    if isinstance(error, VigieError):
        log.warning("a count or a date of use was not written: %s", type(error).__name__)
    elif error:
        log.error("a count or a date of use was not written", exc_info=error)
