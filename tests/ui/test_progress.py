"""What an answer waits for and how fast it came, in words."""

from dataclasses import replace

import pytest

from rag.types import Answer, Read, State
from ui.progress import duration, left_out_line, speed, working_line

FOUND = Answer("Q", state=State.EVIDENCE, generator="Qwen3 4B")
READ = (Read(1, (1, 2, 3)), Read(2, (4,)))


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (FOUND, "Reading…"),
        (replace(FOUND, read=READ), "Reading 4 sentences of 2 passages…"),
        (replace(FOUND, read=READ[1:]), "Reading 1 sentence of 1 passage…"),
        (replace(FOUND, read=READ, ahead=2), "Waiting: 2 questions go first"),
        (replace(FOUND, read=READ, ahead=1), "Waiting: 1 question goes first"),
        (replace(FOUND, read=READ, loading=True), "Loading Qwen3 4B…"),
        (replace(FOUND, read=READ, loading=True, ahead=1), "Waiting: 1 question goes first"),
        (replace(FOUND, read=READ, tokens=1), "Writing…"),
        (replace(FOUND, read=READ, state=State.WRITING), "Writing…"),
    ],
)
def test_an_answer_says_what_is_being_done_for_it(answer: Answer, line: str) -> None:
    assert working_line(answer) == line


def test_only_what_is_known_of_the_speed_is_said() -> None:
    seconds = {"evidence": 0.1, "first_token": 0.9, "last_token": 2.9, "total": 3.04}
    assert speed(Answer("Q")) == []
    assert speed(Answer("Q", seconds={"total": 0.0129})) == ["13 ms"]
    assert speed(Answer("Q", tokens=1, seconds=seconds)) == ["first token 900 ms", "3.0 s"]
    assert speed(Answer("Q", tokens=11, seconds=seconds)) == ["first token 900 ms", "5.0 tokens/s", "3.0 s"]
    assert speed(Answer("Q", tokens=2469, seconds=seconds))[1] == "1,234 tokens/s"


def test_what_a_model_was_not_given_is_counted() -> None:
    assert left_out_line(Answer("Q", left_out=1, tokens=5)) == (
        "1 more sentence of these passages did not fit the model’s budget"
    )
    assert left_out_line(Answer("Q", left_out=0, tokens=5)) == ""
    assert left_out_line(Answer("Q", left_out=7)) == "", "no model read anything"


def test_seconds_are_rounded_to_what_a_person_cares_for() -> None:
    assert [duration(seconds) for seconds in (0.0004, 0.999, 1, 61.25)] == ["0 ms", "999 ms", "1.0 s", "61.2 s"]
