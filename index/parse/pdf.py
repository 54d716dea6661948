"""PDF files to text, with headings, tables and pages. Uses PDFium through pypdfium2.

Lines are found by where the letters stand (`pdf_lines`), ordered by columns (`pdf_order`), freed of what every page
repeats (`pdf_running`) and put together to paragraphs (`pdf_paragraphs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index.errors import EmptyDocument, PasswordNeeded, ReadError
from index.parse.extract import Extract, ExtractBuilder
from index.parse.pdf_lines import Line, lines_of
from index.parse.pdf_order import regions_of
from index.parse.pdf_paragraphs import Paragraph, outline_key, paragraphs_of
from index.parse.pdf_running import without_running_lines
from index.parse.pdf_scan import scanned_lines
from index.parse.source import SourceFile
from index.types import Kind

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

NO_TITLE = re.compile(r"untitled|microsoft |.*\.\w{2,4}$|\W*\w*\W*$|\(?(?:anonymous|unspecified)", re.IGNORECASE)
"""What programs write into a PDF's title where its author gave none; a single word says little."""


def parse_pdf(source: SourceFile) -> Extract:
    """Read a PDF. Raises: PasswordNeeded, EmptyDocument for a scan, ReadError for a damaged file."""
    with opened(source) as document:
        pages, heights = [], []
        for page in document:
            pages.append(page_lines(page, source))
            heights.append(page.get_height())
            page.close()
        if not any(pages):
            raise EmptyDocument(_no_text(source, len(document)))
        outline = _outline(document)
        title = document.get_metadata_value("Title")
    paragraphs = paragraphs_of([regions_of(lines) for lines in without_running_lines(pages, heights)], outline)
    return _extract(paragraphs, len(pages), "" if NO_TITLE.match(title) else title)


def page_lines(page: PdfPage, source: SourceFile) -> list[Line]:
    """Return a page's lines: its text or, where it has none and OCR was asked for, what the picture says."""
    lines = lines_of(page)
    return scanned_lines(page, source) if not lines and source.ocr_languages else lines


@contextmanager
def opened(source: SourceFile) -> Iterator[PdfDocument]:
    """Open a PDF for the length of a block. Raises: PasswordNeeded, ReadError."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(source.data, password=source.password or None)
    except pdfium.PdfiumError as error:
        raise _explained(source, str(error)) from error
    try:
        if len(document) == 0:
            raise ReadError(f"{source.name} is a damaged PDF: no page of it can be read")
        yield document
    except pdfium.PdfiumError as error:
        raise ReadError(f"{source.name} is a damaged PDF: {error}") from error
    finally:
        document.close()


def _explained(source: SourceFile, message: str) -> ReadError:
    if "assword" in message:
        reason = "the password given does not open it" if source.password else "it is encrypted"
        return PasswordNeeded(f"{source.name} needs a password ({reason}): add it again with --password")
    return ReadError(
        f"{source.name} is no PDF that can be read, it may be damaged or cut off: try to open and save it again"
    )


def _no_text(source: SourceFile, pages: int) -> str:
    where = f"{source.name} holds no text on its {'one page' if pages == 1 else f'{pages} pages'}"
    return where if source.ocr_languages else f"{where}: if it is a scan, add it with --ocr eng (or your language)"


def _outline(document: PdfDocument) -> dict[str, int]:
    """Return the levels of the headings in the file's own table of contents, by their letters."""
    entries = ((entry.level, entry.get_title()) for entry in document.get_toc(max_depth=6))
    return {key: level + 1 for level, title in entries if (key := outline_key(title))}


def _extract(paragraphs: list[Paragraph], pages: int, title: str) -> Extract:
    builder = ExtractBuilder()
    begun = 0
    for paragraph in paragraphs:
        for _ in range(begun, paragraph.page):
            builder.page()
        begun = max(begun, paragraph.page)
        if paragraph.kind is Kind.HEADING:
            builder.heading(paragraph.text, paragraph.level)
        else:
            builder.lines([paragraph.text], paragraph.kind)
        builder.pages_within(offset for _, offset in paragraph.pages_within)
        begun = max([begun, *(page for page, _ in paragraph.pages_within)])
    for _ in range(begun, pages):
        builder.page()
    return builder.build(title)
