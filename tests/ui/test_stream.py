"""Stopping: at once for the person, and for the generator at its next word."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from rag.errors import GeneratorError
from rag.generators.base import Written
from rag.types import Answer, Given, State, Turn
from ui.stream import StoppableAnswers, StoppableGenerator

FOUND, WRITING, DONE = (Answer("Q", state=state) for state in (State.EVIDENCE, State.WRITING, State.DONE))
NOTHING = Given((), ("“", "”"))


@dataclass
class Scripted:
    """Writes words until it is closed, each after `wait`."""

    wait: Callable[[], object]
    name: str = "scripted"
    remote: str = ""
    closed: threading.Event = field(default_factory=threading.Event)

    def warm(self) -> None:
        pass

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        try:
            while True:
                self.wait()
                yield Written("word ")
        finally:
            self.closed.set()

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield from ()


def answers(generator: StoppableGenerator) -> Iterator[Answer]:
    """A stream like that of `rag.answer`: a sentence that never ends is never yielded."""
    yield FOUND
    for _ in generator.draft("Q", NOTHING, ()):
        pass
    yield DONE


def test_all_answers_arrive_in_their_order() -> None:
    assert list(StoppableAnswers(iter([FOUND, WRITING, DONE]), threading.Event())) == [FOUND, WRITING, DONE]


def test_stopping_ends_at_once_while_the_generator_is_still_at_its_word_and_then_closes_it() -> None:
    release, stopped = threading.Event(), threading.Event()
    generator = Scripted(lambda: release.wait(30))
    stoppable = StoppableAnswers(answers(StoppableGenerator(generator, stopped)), stopped)
    shown = iter(stoppable)
    assert next(shown) == FOUND
    stoppable.stop()
    assert list(shown) == [Answer("Q", state=State.STOPPED)]
    assert not generator.closed.is_set(), "nothing can close it while it is at work"
    release.set()
    assert generator.closed.wait(30)


def test_whoever_leaves_early_closes_the_generator() -> None:
    stopped = threading.Event()
    generator = Scripted(lambda: None)
    shown = iter(StoppableAnswers(answers(StoppableGenerator(generator, stopped)), stopped))
    assert next(shown) == FOUND
    shown.close()
    assert generator.closed.wait(30)


def test_an_error_arrives_as_it_was_raised() -> None:
    def stream() -> Iterator[Answer]:
        yield FOUND
        raise GeneratorError("the model is gone")

    shown = iter(StoppableAnswers(stream(), threading.Event()))
    assert next(shown) == FOUND
    with pytest.raises(GeneratorError, match="the model is gone"):
        next(shown)


def test_stopping_after_the_end_changes_nothing() -> None:
    ended = StoppableAnswers(iter([DONE]), threading.Event())
    assert list(ended) == [DONE]
    ended.stop()


def test_a_stoppable_generator_writes_what_its_generator_writes() -> None:
    stopped = threading.Event()
    stoppable = StoppableGenerator(Scripted(lambda: None), stopped)
    stream = stoppable.draft("Q", NOTHING, ())
    assert (stoppable.name, next(stream), next(stream)) == ("scripted", Written("word "), Written("word "))
    stopped.set()
    assert list(stream) == []
