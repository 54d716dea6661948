"""Lets a person stop an answer at once, however long its generator takes to its next word. Knows no Gradio.

Two parts share an event. `StoppableGenerator` ends the draft at its next piece of text; `StoppableAnswers` does not
wait for that: a thread of its own pulls the answers, and whoever shows them waits on a queue, which `stop` wakes.
"""

import threading
from collections.abc import Generator as Stream
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from queue import SimpleQueue

from rag.generators.base import Generator, Written
from rag.types import Answer, Given, State, Turn


class StoppableGenerator:
    """Writes what another generator writes, until `stopped` is set. See `rag.generators.base.Generator`."""

    def __init__(self, generator: Generator, stopped: threading.Event) -> None:
        self.name = generator.name
        self.remote = generator.remote
        self._generator = generator
        self._stopped = stopped

    def warm(self) -> None:
        """Load what the other generator loads."""
        self._generator.warm()

    def close(self) -> None:
        """Close the other generator."""
        self._generator.close()

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Stream[Written, None, None]:
        """Yield what the other generator does; close it when stopped."""
        yield from self._until_stopped(self._generator.draft(question, given, history))

    def restate(self, question: str, history: Sequence[Turn]) -> Stream[Written, None, None]:
        """Yield what the other generator does; close it when stopped."""
        yield from self._until_stopped(self._generator.restate(question, history))

    def _until_stopped(self, stream: Stream[Written, None, None]) -> Stream[Written, None, None]:
        with closing(stream):
            for written in stream:
                if self._stopped.is_set():
                    return
                yield written


class StoppableAnswers:
    """Yields a stream of answers once; after `stop`, which any thread may call, ends with a STOPPED one.

    The thread that pulls the stream goes on to the stream's end, which `stopped` brings about.
    """

    def __init__(self, stream: Iterator[Answer], stopped: threading.Event) -> None:
        self._stream = stream
        self._stopped = stopped
        self._items: SimpleQueue[Answer | BaseException | None] = SimpleQueue()

    def stop(self) -> None:
        """End the answers now."""
        self._stopped.set()
        self._items.put(None)

    def __iter__(self) -> Iterator[Answer]:
        threading.Thread(target=self._pull, name="pincite-answer", daemon=True).start()
        last: Answer | None = None
        try:
            while (item := self._items.get()) is not None and not self._stopped.is_set():
                if isinstance(item, BaseException):
                    raise item
                last = item
                yield item
            if self._stopped.is_set() and last is not None:
                yield replace(last, state=State.STOPPED)
        finally:
            self._stopped.set()

    def _pull(self) -> None:
        try:
            for item in self._stream:
                self._items.put(item)
            self._items.put(None)
        except BaseException as error:
            self._items.put(error)
