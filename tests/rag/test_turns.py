"""The row in front of a model: fair, told, and left at once."""

import threading
import time
from collections.abc import Callable

from rag.generators.turns import Turns


def in_row(turns: Turns, work: Callable[[bool], None], **ways: object) -> threading.Thread:
    def run() -> None:
        with turns.turn(**ways) as came:  # type: ignore[arg-type]  # a test's own words
            work(came)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_turns_come_in_the_order_of_the_row_and_everybody_is_told_how_many_go_first() -> None:
    turns, done = Turns(), []
    told: list[list[int]] = [[], [], []]
    with turns.turn():
        threads = []
        for number in range(3):
            threads.append(in_row(turns, lambda came, own=number: done.append((own, came)), tell=told[number].append))
            until(lambda own=number: bool(told[own]))
        assert told == [[1], [2], [3]]
    for thread in threads:
        thread.join(10)

    assert done == [(0, True), (1, True), (2, True)]
    for number, own in enumerate(told, 1):  # one whose turn came while another was being told skips a number
        assert own == sorted(set(own), reverse=True)
        assert (own[0], own[-1]) == (number, 0)


def test_a_place_that_is_given_up_is_free_at_once() -> None:
    turns, left, came = Turns(), threading.Event(), []
    told: list[int] = []
    with turns.turn():
        first = in_row(turns, came.append, gives_up=left.is_set)
        until(lambda: len(turns._row) == 2)
        in_row(turns, came.append, tell=told.append)
        until(lambda: told == [2])
        left.set()
        turns.look_again()
        first.join(10)
        until(lambda: told == [2, 1])
        assert came == [False]
    until(lambda: came == [False, True])


def test_who_only_makes_things_ready_is_waited_for_and_not_told_of() -> None:
    turns, told, came = Turns(), [[], []], []
    with turns.turn(counts=False):
        for number in range(2):
            in_row(turns, came.append, tell=told[number].append)
            until(lambda own=number: bool(told[own]))
        assert told == [[0], [1]]
        assert came == []
    until(lambda: came == [True, True])
    assert told == [[0], [1, 0]]


def test_an_error_in_somebodys_turn_lets_the_next_one_in() -> None:
    turns, came = Turns(), []
    try:
        with turns.turn():
            second = in_row(turns, came.append)
            raise KeyError
    except KeyError:
        second.join(10)

    assert came == [True]


def test_only_one_is_in_turn_at_a_time() -> None:
    turns, inside, most = Turns(), [], []

    def work(came: bool) -> None:
        inside.append(1)
        time.sleep(0.001)
        most.append(len(inside))
        inside.pop()

    threads = [in_row(turns, work) for _ in range(30)]
    for thread in threads:
        thread.join(10)

    assert most == [1] * 30
