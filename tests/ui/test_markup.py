"""Whatever the text, what is rendered holds that text and no tag but ours."""

import pytest
from html_reading import TEXTS, Reader
from hypothesis import given

from ui.markup import chip, counted, direction, error_line, escape, isolated


@given(TEXTS)
def test_escaped_text_is_the_text_and_nothing_else(text: str) -> None:
    seen = Reader(escape(text))
    assert (seen.text, seen.tags) == (text, [])


@given(TEXTS)
def test_isolated_text_stands_in_one_element_of_its_own_direction(text: str) -> None:
    seen = Reader(isolated(text))
    assert (seen.text, seen.tags) == (text, ["bdi"])


@pytest.mark.parametrize(
    ("text", "way"),
    [("07:40 كل صباח", "rtl"), ("(שלום) hello", "rtl"), ("Lindholm تغادر", "ltr"), ("1, 2.", "ltr"), ("", "ltr")],
)
def test_the_first_letter_with_a_direction_says_the_text_s(text: str, way: str) -> None:
    assert direction(text) == way


@given(TEXTS, TEXTS)
def test_a_chip_keeps_its_label_and_its_description_apart_from_its_markup(label: str, description: str) -> None:
    seen = Reader(chip(label, 3, 10, 20, description))
    assert (seen.text, seen.tags) == (label, ["button"])
    assert seen.attributes == {
        "type": ["button"],
        "class": ["chip"],
        "data-document": ["3"],
        "data-start": ["10"],
        "data-end": ["20"],
        "aria-label": [description],
        "title": [description],
    }


def test_a_place_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="format code 'd'"):
        chip("1", '3" onclick="alert(1)', 0, 1, "")  # type: ignore[arg-type]


@given(TEXTS)
def test_an_error_line_is_one_paragraph_that_is_announced(message: str) -> None:
    seen = Reader(error_line(message))
    assert (seen.text, seen.tags, seen.attributes["role"]) == (message, ["p"], ["alert"])


def test_a_lone_surrogate_becomes_a_question_mark_that_can_be_sent() -> None:
    assert escape("a\ud800b").encode("utf-8") == b"a?b"


def test_counts_read_naturally() -> None:
    assert [counted(number, "passage") for number in (0, 1, 2, 1234)] == [
        "0 passages",
        "1 passage",
        "2 passages",
        "1,234 passages",
    ]
