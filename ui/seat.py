"""Who writes the answers now, and the change to another without cutting off an answer. Knows no page and no model."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rag.generators.base import Generator


class Seat:
    """Holds one generator at a time. A generator that gave way is closed when its last answer is written. Thread-safe.

    What `sit` replaces belongs to the seat, and is closed by it.
    """

    def __init__(self, generator: Generator) -> None:
        self._sitting = generator
        self._answers: Counter[int] = Counter()
        """How many answers each generator is writing, by its id; one that writes cannot be garbage."""
        self._lock = threading.Lock()

    @property
    def sitting(self) -> Generator:
        """The generator that the next answer is written by."""
        return self._sitting

    @contextmanager
    def writer(self) -> Iterator[Generator]:
        """Yield the generator for one answer; it is not closed before the block ends."""
        with self._lock:
            generator = self._sitting
            self._answers[id(generator)] += 1
        try:
            yield generator
        finally:
            with self._lock:
                self._answers[id(generator)] -= 1
                is_done = self._is_done(generator)
            if is_done:
                generator.close()

    def sit(self, generator: Generator) -> None:
        """Let `generator`, which is ready to write, write all answers from now on."""
        with self._lock:
            before, self._sitting = self._sitting, generator
            is_done = self._is_done(before)
        if is_done:
            before.close()

    def _is_done(self, generator: Generator) -> bool:
        return generator is not self._sitting and not self._answers[id(generator)]
