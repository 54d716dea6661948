"""Images and scanned pages to text through Tesseract, the system's program, where a person asks for it.

It runs as a program of its own, gets the picture through its standard input and gives its words, each with its box.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from index.errors import ReadError, UnsupportedFormat
from index.parse.extract import Extract, ExtractBuilder
from index.parse.source import SourceFile

PROGRAM = "tesseract"
SURE_ENOUGH = 30.0
"""Percent: words that Tesseract is less sure of are specks and lines, not letters."""
COLUMNS = 12
"""Of Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""
LANGUAGES = re.compile(r"[\w/]+(?:\+[\w/]+)*")
"""As Tesseract names them: eng, deu+fra, chi_sim."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in a picture, and where it stands: pixels from the left and top edge."""

    text: str
    line: tuple[str, ...]
    """Tesseract's numbers of its block, paragraph and line."""
    left: float
    top: float
    width: float
    height: float


def parse_image(source: SourceFile) -> Extract:
    """Read the text in a picture. Raises: UnsupportedFormat where OCR was not asked for, ReadError."""
    if not source.ocr_languages:
        raise UnsupportedFormat(f"{source.name} is a picture: add it with --ocr eng (or your language) to read it")
    builder = ExtractBuilder()
    for _, words in groupby(words_in(source, source.data), key=lambda word: word.line[:2]):
        builder.paragraph(" ".join(word.text for word in words))
    return builder.build()


def words_in(source: SourceFile, picture: bytes) -> Iterator[Word]:
    """Yield the words of a picture, in any format that Tesseract reads, in reading order. Raises: ReadError."""
    for row in (line.split("\t") for line in _run(source, picture).split("\n")[1:]):
        if len(row) == COLUMNS and row[11].strip() and float(row[10]) >= SURE_ENOUGH:
            left, top, width, height = map(float, row[6:10])
            yield Word(row[11].strip(), tuple(row[2:5]), left, top, width, height)


def _run(source: SourceFile, picture: bytes) -> str:
    if not LANGUAGES.fullmatch(source.ocr_languages):
        raise ReadError(f"{source.ocr_languages!r} names no languages of Tesseract: write eng, or deu+fra")
    command = [PROGRAM, "stdin", "stdout", "-l", source.ocr_languages, "tsv"]
    try:
        done = subprocess.run(command, input=picture, capture_output=True)
    except OSError as error:
        raise ReadError(
            f"{source.name} needs Tesseract to be read, which is not installed: get it from your system, on Debian"
            " with apt-get install tesseract-ocr"
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise ReadError(f"{source.name} cannot be read by Tesseract ({said or f'exit code {done.returncode}'})")
    return done.stdout.decode("utf-8", "replace")
