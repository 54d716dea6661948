"""Lines of a scanned page of a PDF: drawn by PDFium, read by Tesseract, each word with its box on the page."""

from __future__ import annotations

from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from index.parse.ocr import Word, words_in
from index.parse.pdf_lines import Box, Character, Line, around
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

DOTS_PER_POINT = 300 / 72
"""Tesseract reads best where capital letters are 20 to 30 pixels high, as those of 10 points are at 300 dpi."""
MAX_PIXELS = 5_000
"""On a side; a poster is drawn more coarsely."""


def scanned_lines(page: PdfPage, source: SourceFile) -> list[Line]:
    """Return the lines that Tesseract sees on a page, in its reading order. Raises: ReadError."""
    scale = min(DOTS_PER_POINT, MAX_PIXELS / max(page.get_size()))
    words = list(words_in(source, _picture(page, scale)))
    sizes = {block: median(word.height for word in own) for block, own in groupby(words, lambda word: word.line[0])}
    lines = groupby(words, lambda word: word.line)
    return [_line(list(own), scale, sizes[key[0]] / scale, number) for number, (key, own) in enumerate(lines)]


def _picture(page: PdfPage, scale: float) -> bytes:
    """Return the page in grey as a PGM file, the plainest format that Tesseract reads."""
    bitmap = page.render(scale=scale, grayscale=True)
    pixels = bytes(bitmap.buffer)
    rows = (pixels[at : at + bitmap.width] for at in range(0, bitmap.stride * bitmap.height, bitmap.stride))
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)


def _line(words: list[Word], scale: float, size: float, number: int) -> Line:
    """Return one line; its `size` is that of its block, since a line's own depends on which letters it has."""
    characters: list[Character] = []
    for word in words:
        letters = _letters(word, scale)
        characters += [Character(" ", letters[0].box), *letters] if characters else letters
    box = around(character.box for character in characters)
    text = "".join(character.text for character in characters)
    return Line(text, tuple(characters), box, size, bold=False, right_to_left=False, drawn=number)


def _letters(word: Word, scale: float) -> list[Character]:
    """Share a word's box out among its letters."""
    width = word.width / len(word.text)
    return [
        Character(
            letter,
            Box(
                (word.left + at * width) / scale,
                word.top / scale,
                (word.left + (at + 1) * width) / scale,
                (word.top + word.height) / scale,
            ),
        )
        for at, letter in enumerate(word.text)
    ]
