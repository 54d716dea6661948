"""Who may use what only one can use at a time: in the order they came. Knows no model.

A lock would let anyone through, tells nobody how long the row is, and cannot be given up by who waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """A row in which each waits for all before it. Thread-safe; not re-entrant."""

    def __init__(self) -> None:
        self._row: list[object] = []
        self._changed = threading.Condition()

    @contextmanager
    def turn(
        self, gives_up: Callable[[], bool] = lambda: False, tell: Callable[[int], None] = lambda ahead: None
    ) -> Iterator[bool]:
        """Wait for a turn and keep it; yield whether it came, and not `gives_up()` first.

        `tell` is called with the number of those ahead whenever it is another one, at the end with 0.
        `gives_up` is asked again whenever `look_again` is called.
        """
        place = object()
        with self._changed:
            self._row.append(place)
        try:
            yield self._wait(place, gives_up, tell)
        finally:
            with self._changed:
                self._row.remove(place)
                self._changed.notify_all()

    def look_again(self) -> None:
        """Let those who wait see whether they give up."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self, place: object, gives_up: Callable[[], bool], tell: Callable[[int], None]) -> bool:
        told = None
        with self._changed:
            while not gives_up():
                ahead = self._row.index(place)
                if ahead != told:
                    tell(ahead)
                    told = ahead
                if ahead == 0:
                    return True
                self._changed.wait()
        return False
