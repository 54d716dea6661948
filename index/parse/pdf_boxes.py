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
    with opened(source) as document:
        found = [
            (number, page, line)
            for number in _pages_of(pages, span)
            for page in [_page(document, number, source.name)]
            for line in _found(page_lines(page, source), text, _overlap(span, pages, number, len(text)))
        ]
        return [_box_on(page, number, line) for number, page, line in found]


def _pages_of(pages: Sequence[int], span: Span) -> range:
    first, last = page_of(pages, span.start), page_of(pages, max(span.start, span.end - 1))
    return range(first, last + 1) if first and last else range(0)


def _page(document: PdfDocument, number: int, name: str) -> PdfPage:
    if number > len(document):
        raise ReadError(f"{name} has no page {number}: it is not the file that was added")
    return document[number - 1]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page's stretch of the document's text, and what of it is looked for; both as offsets in the document."""

    page: Span
    wanted: Span


def _overlap(span: Span, pages: Sequence[int], number: int, length: int) -> _Wanted:
    own = Span(pages[number - 1], pages[number] if number < len(pages) else length)
    return _Wanted(own, Span(max(span.start, own.start), min(span.end, own.end)))


def _found(read: Sequence[Line], text: str, looked_for: _Wanted) -> Iterator[list[Character]]:
    """Yield what is wanted of each line, where it is any of it."""
    own, wanted = looked_for.page, looked_for.wanted
    offsets = [at for at in range(own.start, own.end) if not SHAPELESS.match(text[at])]
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
