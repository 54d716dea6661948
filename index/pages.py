"""Pages of the library's PDFs as they look, with what is cited on them. The last ones drawn are kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

from index.parse.limits import ReaderSettings
from index.parse.pdf_boxes import stretch_of_page, within
from index.parse.pdf_page import DrawnPage, WantedPage
from index.parse.reader import Reader
from index.types import Document, DocumentInfo, Span

KEPT = 24
"""Pages, of about 150 kB each."""
SECONDS = 20.0
"""A person waits for the page; its text is there at once."""


class PageDrawer:
    """Draws pages in a process of its own: a page that is looked at waits for no file that is read. Thread-safe."""

    def __init__(self, reading: ReaderSettings) -> None:
        """`reading` are the limits for a file; a page gets less time."""
        self._reader = Reader(replace(reading, workers=1, seconds=min(reading.seconds, SECONDS)))
        self._drawn: OrderedDict[tuple[DocumentInfo, int, tuple[Span, ...]], DrawnPage] = OrderedDict()
        self._lock = threading.Lock()

    def draw(self, document: Document, number: int, spans: Sequence[Span], original: Callable[[], bytes]) -> DrawnPage:
        """Return a page with the boxes of stretches of the document's text; `original` is called to get the file.

        Raises: PasswordNeeded, ReadError, and what `original` raises.
        """
        key = (document.info, number, tuple(spans))
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        name = PurePath(document.info.source).name
        drawn = self._reader.draw(name, original(), _wanted(document, number, spans))
        with self._lock:
            self._drawn[key] = drawn
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return drawn

    def close(self) -> None:
        """End the process."""
        self._reader.close()


def _wanted(document: Document, number: int, spans: Sequence[Span]) -> WantedPage:
    """Return a page with its own part of the text; a page beyond those that hold text has none."""
    if not 1 <= number <= len(document.pages):
        return WantedPage(number, "", (Span(0, 0),) * len(spans))
    own = stretch_of_page(document.pages, number, len(document.text))
    return WantedPage(number, own.of(document.text), tuple(within(span, own) for span in spans))
