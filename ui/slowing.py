"""Slows down who guesses: after each failure, the next attempt must wait twice as long. Knows no passwords."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST_WAIT = 60
"""Seconds. Longer, and anybody could keep a person out by failing in their name."""
FORGOTTEN_AFTER = 900
"""Seconds without a failure."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float

    @property
    def wait(self) -> float:
        return min(2.0 ** (self.count - 1), LONGEST_WAIT)


class Slowing:
    """Failures by whom or what they are counted for, such as a name and an address. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, _Failures] = {}
        self._lock = threading.Lock()

    def wait(self, keys: Sequence[str]) -> float:
        """Return in how many seconds the next attempt is taken, 0 for now."""
        now = self._clock()
        failures = [self._failures[key] for key in keys if key in self._failures]
        return max([0.0, *(failure.last + failure.wait - now for failure in failures)])

    def failed(self, keys: Sequence[str]) -> None:
        """Count a failure for each of the keys."""
        now = self._clock()
        with self._lock:
            for key in keys:
                before = self._failures.pop(key, None)
                is_known = before is not None and now - before.last < FORGOTTEN_AFTER
                self._failures[key] = _Failures(before.count + 1 if before and is_known else 1, now)
            for key in list(self._failures)[: max(0, len(self._failures) - MOST_REMEMBERED)]:
                del self._failures[key]

    def succeeded(self, keys: Sequence[str]) -> None:
        """Forget the failures of these keys."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)
