"""Passages and sentences cover a document, without overlap, to the character."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from files import parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import PinciteError
from index.split import split, split_sentences
from index.types import Kind, ParsedDocument, PassageDraft, Span

SEED = Path(__file__).parents[2] / "seeds" / "000_15bae5066eb9f954.txt"


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_bytes(texts: Sequence[str]) -> list[int]:
    return [len(text.encode()) for text in texts]


def sentences(text: str, language: str = "en") -> list[str]:
    return [span.of(text) for span in split_sentences(text, Span(0, len(text)), language)]


def assert_covers(document: ParsedDocument, passages: Sequence[PassageDraft]) -> None:
    covered = [index for passage in passages for span in passage.sentences for index in range(span.start, span.end)]
    assert covered == sorted(set(covered)), "sentences overlap or are out of order"
    missing = set(range(len(document.text))) - set(covered)
    assert all(document.text[index].isspace() for index in missing), "text is in no sentence"
    for passage in passages:
        assert passage.sentences[0].start == passage.span.start
        assert passage.sentences[-1].end == passage.span.end


STRUCTURE = ["\n", "\n\n", "# x\n", "- i\n", "|a|b|\n", " "]
WORDS = ["Dr. A. left. ", "“Yes,” he said. ", "3.5 m", "é\u0301", "字。"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(STRUCTURE + WORDS) | st.text(max_size=8), max_size=40),
    st.sampled_from(["a.txt", "a.md"]),
    st.integers(min_value=8, max_value=60),
)
def test_passages_and_sentences_cover_all_text_without_overlap(parts: list[str], name: str, limit: int) -> None:
    try:
        document = parsed(name, "".join(parts).encode("utf-8", "replace"))
    except PinciteError:
        return
    passages = split(document, limit, count_bytes)
    assert_covers(document, passages)
    assert all(
        count_bytes([passage.span.of(document.text)])[0] <= limit + 4 * len(passage.sentences) for passage in passages
    )


def test_the_seed_is_covered_and_its_headings_are_context() -> None:
    document = parsed(SEED.name, SEED.read_bytes())
    passages = split(document, 200, count_words)
    refugees = next(passage for passage in passages if "urged Afghan" in passage.span.of(document.text))

    assert_covers(document, passages)
    assert refugees.headings == ("Call for return of refugees",)
    assert [span.of(document.text) for span in refugees.sentences] == [
        "The defence minister urged Afghan authorities to ensure that illegal entrants do not cross into Pakistan.",
        "“They should arrange for the return of refugees and ensure that illegals do not come from there,” he stated.",
    ]


def test_headings_nest_and_a_bare_heading_can_be_found() -> None:
    document = parsed("a.md", b"# A\n\n## B\n\ntext\n\n## C\n\n# D\n")
    kinds = [
        (passage.span.of(document.text), passage.kind, passage.headings) for passage in split(document, 99, count_words)
    ]

    assert kinds == [
        ("A", Kind.HEADING, ()),
        ("B", Kind.HEADING, ("A",)),
        ("text", Kind.PARAGRAPH, ("A", "B")),
        ("C", Kind.PARAGRAPH, ("A",)),
        ("D", Kind.PARAGRAPH, ()),
    ]


def test_a_long_paragraph_is_split_at_sentences_into_even_parts() -> None:
    document = parsed("a.txt", b"One two three four five. " * 9)
    passages = split(document, 20, count_words)

    assert [count_words([passage.span.of(document.text)])[0] for passage in passages] == [15, 15, 15]
    assert_covers(document, passages)


def test_a_sentence_longer_than_a_passage_is_cut_at_a_clause_or_a_word() -> None:
    document = parsed("a.txt", ("word " * 24 + "end, " + "word " * 24).encode())
    passages = split(document, 30, count_words)

    assert [passage.span.of(document.text)[-4:] for passage in passages] == ["end,", "word"]
    assert_covers(document, passages)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Dr. A. paid $3.5 million in May. He left.", "en", ["Dr. A. paid $3.5 million in May.", "He left."]),
        ("“Is it so? I think not,” she said. Yes.", "en", ["“Is it so? I think not,” she said.", "Yes."]),
        ("Er kam am 3. Oktober an. Dann ging er.", "de", ["Er kam am 3. Oktober an.", "Dann ging er."]),
        ("他走了。好吗？好。", "zh", ["他走了。", "好吗？", "好。"]),
        ("یہ پہلا جملہ ہے۔ یہ دوسرا ہے۔", "ur", ["یہ پہلا جملہ ہے۔", "یہ دوسرا ہے۔"]),
        ("- one\n- two\n- three", "en", ["- one", "- two", "- three"]),
        ("Fare | Euros\ndog | 3", "en", ["Fare | Euros", "dog | 3"]),
        ("The crossing takes\n35 minutes. It is late.", "en", ["The crossing takes\n35 minutes.", "It is late."]),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text: str, language: str, expected: list[str]) -> None:
    assert sentences(text, language) == expected


def test_a_paragraph_of_characters_that_are_no_tokens_is_kept() -> None:
    document = parsed("a.txt", ("\u200b" * 150).encode())

    passages = split(document, 64, lambda texts: [0] * len(texts))

    assert [passage.span.of(document.text) for passage in passages] == ["\u200b" * 150]
