"""How far a run is, on standard error: one line that rewrites itself, or a few lines in a log."""

import sys
import time

from vigie.evals.tables import Speech

# Seconds between two lines: a log of twenty minutes stays under a screen and a half.
TERMINAL_SECONDS, LOG_SECONDS = 0.2, 30.0


class Progress:
    """Tells what is under way, not more often than is read."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._terminal = sys.stderr.isatty()
        self._last = 0.0

    def indexing(self, name: str, done: int, chunks: int) -> None:
        """Documents or files done so far."""
        self._tell(self._speech("indexing", name=name, done=done, chunks=chunks), last=False)

    def asking(self, name: str, done: int, total: int) -> None:
        """Questions done so far."""
        words = self._speech("asking", name=name, done=done, total=total)
        self._tell(words, last=done == total)

    def _tell(self, line: str, last: bool) -> None:
        now = time.monotonic()
        if not last and now - self._last < (TERMINAL_SECONDS if self._terminal else LOG_SECONDS):
            return
        self._last = now
        start, end = ("\r\033[K", "\n" if last else "") if self._terminal else ("", "\n")
        sys.stderr.write(start + line + end)
        sys.stderr.flush()
