"""Who may use what only one can use at a time: in the order they came. Knows no model.

A lock would let anyone through, tells nobody how long the row is, and cannot be given up by who waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class _Place:
    """One who waits, or whose turn it is."""

    counts: bool


class Turns:
    """A row in which each waits for all before it. Thread-safe; not re-entrant."""

    def __init__(self) -> None:
        self._row: list[_Place] = []
        self._changed = threading.Condition()

    @contextmanager
    def turn(
        self,
        gives_up: Callable[[], bool] = lambda: False,
        tell: Callable[[int], None] = lambda ahead: None,
        *,
        counts: bool = True,
    ) -> Iterator[bool]:
        """Wait for a turn and keep it; yield whether it came, and not `gives_up()` first.

        `tell` is called with the number of those ahead whenever it is another one, at the end with 0.
        `gives_up` is asked again whenever `look_again` is called. Whoever does not count, such as one who only makes
        things ready, is waited for and not told of.
        """
        place = _Place(counts)
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

    def _wait(self, place: _Place, gives_up: Callable[[], bool], tell: Callable[[int], None]) -> bool:
        told = None
        with self._changed:
            while not gives_up():
                before = self._row[: self._row.index(place)]
                ahead = sum(other.counts for other in before)
                if ahead != told:
                    tell(ahead)
                    told = ahead
                if not before:
                    return True
                self._changed.wait()
        return False
