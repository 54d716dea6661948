"""Answers for an event loop: each grows in a thread of its own and ends when nobody waits for it. Knows no HTTP."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from index.library import Library
from index.types import EVERYTHING, Scope
from rag.manner import NO_WISHES, Wishes
from rag.types import Answer, State, Turn
from ui.asking import ask
from ui.seat import Seat

ASKERS = 32
"""Answers at work at once for programs, as many as for the page. Those beyond wait, and hold no thread meanwhile."""


class Answering:
    """Answers many programs at once. For one event loop; `stop_all` may be called from any thread."""

    def __init__(self, library: Library, seat: Seat) -> None:
        self._library = library
        self._seat = seat
        self._places = asyncio.Semaphore(ASKERS)
        self._running: set[_Running] = set()

    async def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        wishes: Wishes = NO_WISHES,
    ) -> AsyncGenerator[Answer, None]:
        """Yield the growing answer, the finished one last. Closing the generator stops it.

        Raises: PinciteError, with the first item; NotInLibrary for what `scope` names and the library does not hold.
        """
        async with self._places:
            running = _Running(
                lambda stopped: ask(self._library, self._seat, question, history, stopped, scope, wishes)
            )
            self._running.add(running)
            try:
                async for answer in running.answers():
                    yield answer
            finally:
                self._running.discard(running)

    async def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        wishes: Wishes = NO_WISHES,
    ) -> Answer:
        """Return the finished answer. Being cancelled stops it. Raises: PinciteError."""
        *_, last = [answer async for answer in self.stream(question, history, scope, wishes)]
        return last

    def stop_all(self) -> None:
        """End every answer being written; the server is going away."""
        for running in list(self._running):
            running.stop()


class _Running:
    """One answer that grows in a thread, and the event loop that waits for it."""

    def __init__(self, begin: Callable[[threading.Event], Iterator[Answer]]) -> None:
        self._begin = begin
        self._stopped = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[Answer | BaseException | None] = asyncio.Queue()

    def stop(self) -> None:
        """End the answer now, with a STOPPED one."""
        self._stopped.set()
        self._put(None)

    async def answers(self) -> AsyncGenerator[Answer, None]:
        """Yield what the thread makes. The thread goes on to its end, which closing this brings about."""
        threading.Thread(target=self._pull, name="pincite-program", daemon=True).start()
        last: Answer | None = None
        try:
            while (item := await self._items.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                last = item
                yield item
            if self._stopped.is_set() and last is not None and last.state is not State.DONE:
                yield replace(last, state=State.STOPPED)
        finally:
            self._stopped.set()

    def _pull(self) -> None:
        try:
            for answer in self._begin(self._stopped):
                self._put(answer)
            self._put(None)
        except BaseException as error:
            self._put(error)

    def _put(self, item: Answer | BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)
