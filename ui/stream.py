"""Lets a person stop an answer at once, however long its generator takes to its next sentence. Knows no Gradio.

A generator cannot be closed while it runs. So a thread of its own pulls the answers; whoever shows them waits on a
queue, which `stop` wakes. The thread closes the stream as soon as it has control again.
"""

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from queue import SimpleQueue

from rag.types import Answer, State


class StoppableAnswers:
    """Yields the answers of a stream once; after `stop`, which any thread may call, ends with a STOPPED one."""

    def __init__(self, stream: Generator[Answer]) -> None:
        self._stream = stream
        self._stopped = threading.Event()
        self._items: SimpleQueue[Answer | BaseException | None] = SimpleQueue()

    def stop(self) -> None:
        """End the answers now; the stream is closed as soon as it yields."""
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
                if self._stopped.is_set():
                    break
                self._items.put(item)
            self._stream.close()
            self._items.put(None)
        except BaseException as error:
            self._items.put(error)
