"""Finds a quotation in a passage, to the character, and tells which sentences it stands in."""

from collections.abc import Iterator

from index.types import Passage, Span
from rag.boundaries import boundaries


def locate(quotation: str, passage: Passage) -> Span | None:
    """Return where a quotation stands first in the document's text, None where it does not stand."""
    return next(places(quotation, passage), None)


def places(quotation: str, passage: Passage) -> Iterator[Span]:
    """Yield every place of a quotation in the document's text, in order.

    White space counts as one space, as a reader sees it; everything else must be the same to the character, from
    a word's boundary to a word's boundary.
    """
    wanted = " ".join(quotation.split())
    if not any(character.isalnum() for character in wanted):
        return
    text, offsets = collapse(passage.text)
    cuts = boundaries(text)
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if start in cuts and end in cuts:
            yield Span(passage.start + offsets[start], passage.start + offsets[end - 1] + 1)
        start = text.find(wanted, start + 1)


def sentences_around(span: Span, passage: Passage) -> list[int]:
    """Return the numbers, from 0, of the passage's sentences that a span touches."""
    return [
        number
        for number, sentence in enumerate(passage.sentences)
        if sentence.start < span.end and span.start < sentence.end
    ]


def collapse(text: str) -> tuple[str, list[int]]:
    """Return the text with runs of white space as one space, and where each character stood."""
    characters, offsets = [], []
    for offset, character in enumerate(text):
        if not character.isspace():
            characters.append(character)
        elif characters and characters[-1] != " ":
            characters.append(" ")
        else:
            continue
        offsets.append(offset)
    return "".join(characters), offsets
