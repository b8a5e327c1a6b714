"""Failed attempts to sign in, counted by account and by address, in memory."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

# Ten failures in a quarter of an hour: room for a forgetful person, 350,000 guesses in a year;
# an office behind one address gets twice that.
PERIOD_SECONDS = 15 * 60.0
BY_ACCOUNT, BY_ADDRESS = 10, 20
# Names that anyone may type must not fill the memory: the oldest are forgotten.
MOST = 10_000


class Attempts:
    """Whoever failed too often waits, with the right password too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, account: str, address: str) -> int:
        """Seconds until another attempt is heard, 0 when it may be made now."""
        with self._lock:
            return max(self._left(f"a {account}", BY_ACCOUNT), self._left(address, BY_ADDRESS))

    def failed(self, account: str, address: str) -> None:
        """Counts one."""
        with self._lock:
            for key, most in ((f"a {account}", BY_ACCOUNT), (address, BY_ADDRESS)):
                self._failures.setdefault(key, deque(maxlen=most)).append(self._clock())
                self._failures.move_to_end(key)
            while len(self._failures) > MOST:
                self._failures.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """What was counted before was no failure: the account's are forgotten, and one of the
        address."""
        with self._lock:
            self._failures.pop(f"a {account}", None)
            if found := self._failures.get(address):
                found.pop()

    def _left(self, key: str, most: int) -> int:
        found = self._failures.get(key, ())
        since = self._clock() - PERIOD_SECONDS
        recent = [at for at in found if at > since]
        return int(recent[0] - since) + 1 if len(recent) >= most else 0
