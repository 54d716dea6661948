"""What is written in a thread of its own, to a reader who takes it at leisure. Knows no model and no server."""

import threading
from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue

from rag.generators.base import Written

PULSE_SECONDS = 0.25
"""How long a reader waits at most, so that it can close while nothing comes yet."""

Put = Callable[[Written], None]


def relay(
    write: Callable[[Put], None], stop: Callable[[], None], name: str, *, daemon: bool = True
) -> Generator[Written, None, None]:
    """Yield what `write` puts while it runs in a thread called `name`; without text where none comes for a while.

    `stop` is called when the reader is done, early or not; `write` is then to return soon, and the reader does not
    wait for it. The process does at its end, unless `daemon`.
    Raises: what `write` raises.
    """
    outcomes: SimpleQueue[Written | Exception | None] = SimpleQueue()

    def run() -> None:
        try:
            write(outcomes.put)
        except Exception as error:  # it is raised again in the reader's thread
            outcomes.put(error)
        else:
            outcomes.put(None)

    threading.Thread(target=run, name=name, daemon=daemon).start()
    try:
        yield from _read(outcomes)
    finally:
        stop()


def _read(outcomes: "SimpleQueue[Written | Exception | None]") -> Generator[Written, None, None]:
    pulse = Written()
    while True:
        try:
            outcome = outcomes.get(timeout=PULSE_SECONDS)
        except Empty:
            yield pulse
            continue
        if outcome is None:
            return
        if isinstance(outcome, Exception):
            raise outcome
        pulse = Written(ahead=outcome.ahead, loading=outcome.loading)
        yield outcome
