"""A question to the library and whoever sits in the seat: the one way for the page and for programs. Knows neither."""

import threading
from collections.abc import Iterator, Sequence

from index.library import Library
from index.types import EVERYTHING, Scope
from rag.answer import answer_stream
from rag.manner import NO_WISHES, Wishes
from rag.types import Answer, Turn
from ui.seat import Seat
from ui.stream import StoppableGenerator


def ask(
    library: Library,
    seat: Seat,
    question: str,
    history: Sequence[Turn],
    stopped: threading.Event,
    scope: Scope = EVERYTHING,
    wishes: Wishes = NO_WISHES,
) -> Iterator[Answer]:
    """Yield the growing answer until `stopped`; who writes it keeps to it to the end, whoever is chosen meanwhile.

    Raises: PinciteError, with the first item.
    """
    with seat.writer() as writer:
        generator = StoppableGenerator(writer, stopped)
        yield from answer_stream(
            question, library=library, scope=scope, history=history, generator=generator, wishes=wishes
        )
