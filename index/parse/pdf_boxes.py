"""Where a stretch of a PDF's text stands on its pages: computed again from the original, nothing of it is stored.

A page's lines are read as they were at ingest, and found again in the stored text: compared without white space and
hyphens, since lines were joined and divided words made whole. What the text left out (running headers) is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.parse.pdf import opened, page_lines
from index.parse.pdf_lines import Character, Line, around
from index.parse.pdf_order import regions_of
from index.parse.source import SourceFile
from index.split import page_of
from index.types import Span

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

SHAPELESS = re.compile(r"[\s|\u00ad‐-]+")
"""What joining lines adds or takes away: white space, the bars between cells, hyphens."""


@dataclass(frozen=True, slots=True)
class PageBox:
    """A rectangle on a page as it is shown: shares of its width and height, from its left and top edge."""

    page: int
    """Counted from 1."""
    left: float
    top: float
    right: float
    bottom: float


def boxes(source: SourceFile, text: str, pages: Sequence[int], span: Span) -> list[PageBox]:
    """Return the boxes around a stretch of a document's text, one for each of its lines, in reading order.

    `text` and `pages` are the stored document's. What cannot be found on the page has no box.
    Raises: PasswordNeeded, ReadError.
    """
    found = []
    with opened(source) as document:
        for number in _pages_of(pages, span):
            page = page_numbered(document, number, source.name)
            own = stretch_of_page(pages, number, len(text))
            found += boxes_on(page, number, page_lines(page, source), own.of(text), within(span, own))
    return found


def page_numbered(document: PdfDocument, number: int, name: str) -> PdfPage:
    """Return a page, counted from 1. Raises: ReadError where the file has none of that number."""
    if not 1 <= number <= len(document):
        raise ReadError(f"{name} has no page {number}: it is not the file that was added")
    return document[number - 1]


def stretch_of_page(pages: Sequence[int], number: int, length: int) -> Span:
    """Return which part of a document's text, of `length` characters, stands on a page."""
    return Span(pages[number - 1], pages[number] if number < len(pages) else length)


def within(span: Span, page: Span) -> Span:
    """Return what of a stretch of the document stands on a page, in characters from the page's first; maybe empty."""
    start, end = max(span.start, page.start), min(span.end, page.end)
    return Span(start - page.start, max(start, end) - page.start)


def boxes_on(page: PdfPage, number: int, lines: Sequence[Line], text: str, wanted: Span) -> list[PageBox]:
    """Return the boxes around a stretch of a page's text, one for each of its lines.

    `lines` are those of `page_lines`; `text` is the page's part of the stored text, and `wanted` counts from its start.
    """
    return [_box_on(page, number, characters) for characters in _found(lines, text, wanted)]


def _pages_of(pages: Sequence[int], span: Span) -> range:
    first, last = page_of(pages, span.start), page_of(pages, max(span.start, span.end - 1))
    return range(first, last + 1) if first and last else range(0)


def _found(read: Sequence[Line], text: str, wanted: Span) -> Iterator[list[Character]]:
    """Yield what is wanted of each line, where it is any of it."""
    offsets = [at for at, letter in enumerate(text) if not SHAPELESS.match(letter)]
    shape = "".join(text[at] for at in offsets)
    lines = [line for region in regions_of(read) for row in region for line in row]
    for place, line in _tiled(shape, lines):
        letters = [character for character in line.characters for _ in _shape(character.text)]
        own_offsets = offsets[place : place + len(letters)]
        if part := [c for c, at in zip(letters, own_offsets, strict=True) if wanted.start <= at < wanted.end]:
            yield part


def _tiled(shape: str, lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield where each line stands in the text. The text is made of the page's lines, one after the other.

    The line after the one before is tried first; else it is the longest that fits.
    """
    shapes = [_shape(line.text) for line in lines]
    left = {number for number, own in enumerate(shapes) if own and own in shape}
    place, last = 0, -1
    while place < len(shape) and left:
        fitting = [number for number in left if shape.startswith(shapes[number], place)]
        if not fitting:
            place += 1
            continue
        last = last + 1 if last + 1 in fitting else max(fitting, key=lambda number: (len(shapes[number]), -number))
        left.remove(last)
        yield place, lines[last]
        place += len(shapes[last])


def _shape(text: str) -> str:
    return SHAPELESS.sub("", text)


def _box_on(page: PdfPage, number: int, characters: Sequence[Character]) -> PageBox:
    width, height = page.get_size()
    box = around(character.box for character in characters)
    return PageBox(number, box.left / width, box.top / height, box.right / width, box.bottom / height)
