"""The parser tells what a draft claims, quotes and cites; it takes any text whatever."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.draft import ABSTENTION, Draft, Mark, Piece, Prose, Quotation, parse_draft

MARKS = ("“", "”")


def pieces(text: str, marks: tuple[str, str] = MARKS) -> list[tuple[Piece, ...]]:
    return [sentence.pieces for sentence in parse_draft(text, marks).sentences]


def test_prose_cites_sentences_and_a_quotation_its_passage() -> None:
    assert pieces("Asif urged the return of refugees [2.1] [2.2]. He put it as “They should go” [2].") == [
        (Prose("Asif urged the return of refugees "), Mark(2, 1), Mark(2, 2), Prose(".")),
        (Prose("He put it as "), Quotation("They should go"), Mark(2, None), Prose(".")),
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("He said so. [2.1] Then he left [3.1].", 2),
        ("He said so [2.1, 3.2]. Then he left [3.1]!", 2),
        ("Dr. Smith paid $3.5 million [1.2]. Yes [1.1].", 2),
        ("A lie. A truth [1.1].", 2),
        ("One line [1.1]\nanother line [1.2]", 2),
        ("“It is. It was.” [1]. “So.” [2].", 2),
        ("He said “It is.” [1] Then he left [1.1].", 2),
    ],
)
def test_sentences_end_after_their_citations_wherever_the_full_stop_stands(text: str, sentences: int) -> None:
    assert len(pieces(text)) == sentences


def test_other_quotation_marks_are_quotations_too() -> None:
    for quoted in ('"so"', "«so»", "„so“", "‘so’", "'so'", "「so」"):
        assert Quotation("so") in pieces(f"He said {quoted} [1].")[0]
    assert pieces("It's the ministers' view [1.1].") == [(Prose("It's the ministers' view "), Mark(1, 1), Prose("."))]


def test_a_quotation_in_its_own_marks_may_hold_any_other_mark_and_citation() -> None:
    text = '⟦He said “no” and "yes" [3.1].⟧ [1].'
    assert pieces(text, ("⟦", "⟧"))[0][0] == Quotation('He said “no” and "yes" [3.1].')


def test_an_abstention_is_the_line_alone() -> None:
    assert parse_draft(f" {ABSTENTION}\n", MARKS) == Draft(abstains=True)
    assert not parse_draft(f"{ABSTENTION} But he left [1.1].", MARKS).abstains


def test_only_what_is_surely_complete_is_parsed_while_it_is_written() -> None:
    text = "Asif said so [2.1]. Then he left [3.1]."
    grown = [len(parse_draft(text[:end], MARKS, is_final=False).sentences) for end in range(len(text) + 1)]

    assert grown == sorted(grown)
    assert grown[-1] == 1
    assert len(parse_draft(text, MARKS).sentences) == 2


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(["[1.1]", "[2]", "“", "”", '"', ". ", "\n", "A b", "’", "\ue001", "[", "]", "3.5"])
        | st.text(max_size=5)
    )
)
def test_any_text_parses_and_no_written_word_is_lost(parts: list[str]) -> None:
    text = "".join(parts)
    draft = parse_draft(text, MARKS)
    if not draft.abstains:
        written = "".join(sentence.written for sentence in draft.sentences)
        assert [c for c in written if c.isalnum()] == [c for c in text.replace("\ue001", "") if c.isalnum()]
