"""A quotation is found to the character, from a word's boundary to a word's boundary, or not at all."""

import pytest
from given_passages import BEFORE, passage_of
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.boundaries import boundaries, chunks
from rag.locate import locate, sentences_around


def found(quotation: str, text: str) -> str | None:
    span = locate(quotation, passage_of(text))
    return span.of(BEFORE + text) if span else None


@pytest.mark.parametrize(
    ("quotation", "text"),
    [
        ("return of refugees", "the return of refugees and so on"),
        ("two words", "two\n  words"),
        ("5%", "rose by 5% a year"),
        ("$3.5 million", "paid $3.5 million"),
        ("下雨", "今天下雨。"),
        ("naïve", "a naïve man"),
    ],
)
def test_whole_words_are_found_across_line_ends(quotation: str, text: str) -> None:
    assert " ".join((found(quotation, text) or "").split()) == quotation


@pytest.mark.parametrize(
    ("quotation", "text", "why"),
    [
        ("refugee", "the refugees", "half a word"),
        ("confrontational", "is non-confrontational", "half of a hyphenated word"),
        ("5 million", "paid $3.5 million", "half a number"),
        ("3", "paid 3,000 euros", "half a number"),
        ("5", "rose by 5%", "a number without its unit"),
        ("100", "lost -100 points", "a number without its sign"),
        ("n", "don’t", "part of a contraction"),
        ("e", "e\u0301", "a character without its accent"),
        ("Refugees", "refugees", "another case"),
        ("return refugees", "return of refugees", "a word left out"),
        (" ", "a b", "nothing"),
        ("—", "a — b", "a mark alone"),
    ],
)
def test_what_changes_the_meaning_is_not_found(quotation: str, text: str, why: str) -> None:
    assert found(quotation, text) is None, why


def test_a_later_whole_word_is_found_after_an_earlier_half() -> None:
    assert locate("art", passage_of("smart art")).start == len(BEFORE) + 6  # type: ignore[union-attr]  # it is found


def test_a_quotation_over_two_sentences_touches_both() -> None:
    passage = passage_of("He left. She stayed. It rained.")
    span = locate("left. She stayed", passage)
    assert span is not None
    assert sentences_around(span, passage) == [0, 1]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_chunks_join_to_the_text_and_boundaries_are_its_offsets(text: str) -> None:
    assert "".join(chunks(text)) == text
    assert {0, len(text)} <= boundaries(text) <= set(range(len(text) + 1))
