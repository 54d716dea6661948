"""The change of the generator: nobody's answer is cut off, and nothing stays open."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from rag.errors import GeneratorError
from rag.generators.base import Written
from rag.types import Given, Turn
from ui.seat import Seat


@dataclass
class Noting:
    """Notes when it is closed."""

    name: str
    remote: str = ""
    closed: int = field(default=0, compare=False)

    def warm(self) -> None: ...

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield Written(self.name)

    def close(self) -> None:
        self.closed += 1


def test_who_gives_way_is_closed_when_its_last_answer_is_written() -> None:
    old, new = Noting("old"), Noting("new")
    seat = Seat(old)
    with seat.writer() as first, ExitStack() as later:
        with seat.writer():
            seat.sit(new)
            assert seat.sitting is new
            assert later.enter_context(seat.writer()) is new
            assert first is old
        assert old.closed == 0, "one answer is still written"
    assert (old.closed, new.closed) == (1, 0)


def test_who_writes_nothing_is_closed_at_once() -> None:
    old = Noting("old")
    Seat(old).sit(Noting("new"))
    assert old.closed == 1


def test_the_same_generator_stays_open() -> None:
    only = Noting("only")
    seat = Seat(only)
    seat.sit(only)
    with seat.writer():
        seat.sit(only)
    assert only.closed == 0


def test_an_answer_that_fails_gives_its_place_back() -> None:
    old = Noting("old")
    seat = Seat(old)

    def fail() -> None:
        with seat.writer():
            seat.sit(Noting("new"))
            raise GeneratorError("it failed")

    with pytest.raises(GeneratorError, match="it failed"):
        fail()
    assert old.closed == 1


def test_two_that_look_alike_are_told_apart() -> None:
    one, other = Noting("alike"), Noting("alike")
    seat = Seat(one)
    with seat.writer():
        seat.sit(other)
        seat.sit(Noting("third"))
        assert (one.closed, other.closed) == (0, 1)
    assert one.closed == 1
