"""A page of a PDF as it looks, with the boxes of what is cited on it. Runs in the reader's process."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.parse.pdf import opened, page_lines
from index.parse.pdf_boxes import PageBox, boxes_on, page_numbered
from index.parse.source import SourceFile
from index.types import Span

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

WIDTH = 1_240
"""Pixels: A4 at 150 dots per inch, sharp in a panel of 620 on a screen of two pixels a dot."""
MAX_HEIGHT = 4 * WIDTH
"""Pixels; a page that is longer still is drawn more coarsely."""
QUALITY = 88
"""Of WebP, up to 100: letters keep their edges, and a page of text takes about 150 kB."""


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page to be drawn, and what is cited on it."""

    number: int
    """Counted from 1."""
    text: str
    """The page's part of the document's text."""
    spans: tuple[Span, ...]
    """Stretches of `text`; empty ones stand on other pages."""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's picture, and where on it the stretches stand."""

    number: int
    """Counted from 1."""
    pages: int
    """How many the file has."""
    picture: bytes
    """WebP."""
    width: int
    """Pixels."""
    height: int
    boxes: tuple[tuple[PageBox, ...], ...]
    """For each stretch, in order, one box for each of its lines; none where it cannot be found on the page."""


def draw_page(source: SourceFile, wanted: WantedPage) -> DrawnPage:
    """Draw a page and find the stretches on it. Raises: PasswordNeeded, ReadError."""
    with opened(source) as document:
        page = page_numbered(document, wanted.number, source.name)
        lines = page_lines(page, source) if any(span.start < span.end for span in wanted.spans) else []
        boxes = tuple(tuple(boxes_on(page, wanted.number, lines, wanted.text, span)) for span in wanted.spans)
        picture, width, height = _picture(page)
        return DrawnPage(wanted.number, len(document), picture, width, height, boxes)


def _picture(page: PdfPage) -> tuple[bytes, int, int]:
    """Return the page as WebP, and its width and height in pixels."""
    width, height = page.get_size()
    image: Image = page.render(scale=min(WIDTH / width, MAX_HEIGHT / height)).to_pil()
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=2)
    return out.getvalue(), image.width, image.height
