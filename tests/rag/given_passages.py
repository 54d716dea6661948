"""Passages given to a generator, made from plain text, without a library."""

from index.split import split_sentences
from index.types import DocumentInfo, Kind, Passage, Span
from rag.draft import QUOTATION_MARKS
from rag.types import Given, GivenPassage, GivenSentence

BEFORE = "Other text stands before the passage.\n"
"""Passages do not begin at 0, so that offsets in the document and in the passage cannot be mixed up."""


def passage_of(text: str, number: int = 1, headings: tuple[str, ...] = ()) -> Passage:
    document = DocumentInfo(number, "News", "news.txt", "text", len(BEFORE + text), 1, "2026-01-01T00:00:00Z")
    sentences = tuple(split_sentences(BEFORE + text, Span(len(BEFORE), len(BEFORE + text))))
    return Passage(number * 10, document, 0, Kind.PARAGRAPH, len(BEFORE), len(BEFORE + text), text, headings, sentences)


def given_passages(*texts: str, marks: tuple[str, str] = QUOTATION_MARKS[0]) -> Given:
    return Given(tuple(_given(number, text) for number, text in enumerate(texts, 1)), marks)


def _given(number: int, text: str) -> GivenPassage:
    passage = passage_of(text, number)
    sentences = [
        GivenSentence(index + 1, span, " ".join(passage.sentence_text(index).split()), 0.5)
        for index, span in enumerate(passage.sentences)
    ]
    return GivenPassage(number, passage, tuple(sentences))
