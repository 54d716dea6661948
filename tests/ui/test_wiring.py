"""What comes from a browser with an event is taken only where it is what it should be."""

from typing import Any

import gradio as gr
import pytest

from index.types import Span
from ui.place import Place
from ui.wiring import MOST_CITED, place


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"document": 3, "start": 5, "end": 9, "cited": [[5, 9], [20, 30]]},
            Place(3, Span(5, 9), (Span(5, 9), Span(20, 30))),
        ),
        ({"document": 3}, Place(3)),
        ({"document": "3", "start": -1, "end": 2.5, "cited": "[[1, 2]]"}, Place(0)),
        ({"cited": [[1], [1, 2, 3], ["1", 2], [-1, 2], [1, 2**60], 7, None, [4, 5]]}, Place(0, cited=(Span(4, 5),))),
        (None, Place(0)),
    ],
)
def test_a_place_is_made_of_whole_numbers_and_the_rest_is_left_out(data: Any, expected: Place) -> None:
    assert place(gr.EventData(None, data)) == expected


def test_no_more_sentences_are_taken_than_an_answer_may_cite() -> None:
    cited = [[number, number + 1] for number in range(2 * MOST_CITED)]
    assert len(place(gr.EventData(None, {"cited": cited})).cited) == MOST_CITED


def test_the_other_sentences_come_in_order_without_the_clicked_one_and_what_overlaps_it() -> None:
    spans = (Span(30, 40), Span(10, 20), Span(0, 5), Span(15, 25), Span(0, 5), Span(7, 7))
    of = Place(1, Span(10, 20), spans)

    assert of.others == (Span(0, 5), Span(30, 40))
    assert of.spans == (Span(10, 20), Span(0, 5), Span(30, 40))
