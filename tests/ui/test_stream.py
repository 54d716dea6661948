"""Stopping: at once for the person, and for the generator as soon as it gives control back."""

import threading
from collections.abc import Generator

import pytest

from rag.errors import GeneratorError
from rag.types import Answer, State
from ui.stream import StoppableAnswers

FOUND, WRITING, DONE = (Answer("Q", state=state) for state in (State.EVIDENCE, State.WRITING, State.DONE))


def test_all_answers_arrive_in_their_order() -> None:
    def stream() -> Generator[Answer]:
        yield from (FOUND, WRITING, DONE)

    assert list(StoppableAnswers(stream())) == [FOUND, WRITING, DONE]


def test_stopping_ends_at_once_while_the_generator_is_still_at_work_and_then_closes_it() -> None:
    release, closed = threading.Event(), threading.Event()

    def stream() -> Generator[Answer]:
        try:
            yield WRITING
            release.wait(30)
            yield DONE
        finally:
            closed.set()

    answers = StoppableAnswers(stream())
    shown = iter(answers)
    assert next(shown) == WRITING
    answers.stop()
    assert list(shown) == [Answer("Q", state=State.STOPPED)]
    assert not closed.is_set(), "it cannot be closed while it runs"
    release.set()
    assert closed.wait(30)


def test_whoever_leaves_early_closes_the_generator() -> None:
    closed = threading.Event()

    def stream() -> Generator[Answer]:
        try:
            while True:
                yield WRITING
        finally:
            closed.set()

    shown = iter(StoppableAnswers(stream()))
    assert next(shown) == WRITING
    shown.close()
    assert closed.wait(30)


def test_an_error_arrives_as_it_was_raised() -> None:
    def stream() -> Generator[Answer]:
        yield FOUND
        raise GeneratorError("the model is gone")

    shown = iter(StoppableAnswers(stream()))
    assert next(shown) == FOUND
    with pytest.raises(GeneratorError, match="the model is gone"):
        next(shown)


def test_stopping_after_the_end_changes_nothing() -> None:
    def stream() -> Generator[Answer]:
        yield DONE

    answers = StoppableAnswers(stream())
    assert list(answers) == [DONE]
    answers.stop()
