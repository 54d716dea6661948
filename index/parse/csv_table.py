"""CSV and TSV: each row a line with its columns' names."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from index.parse.decode import decode
from index.parse.extract import Extract, ExtractBuilder
from index.parse.records import add_rows
from index.parse.source import SourceFile

DELIMITERS = ",;\t|"
ROWS_TO_TELL = 50
"""A file's delimiter shows within so many rows."""


def parse_csv(source: SourceFile) -> Extract:
    """Read a table of values separated by commas, semicolons, tabs or bars, whichever divides it most evenly."""
    csv.field_size_limit(sys.maxsize)
    text = decode(source.name, source.data)
    builder = ExtractBuilder()
    add_rows(builder, _rows(text, max(DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))), level=1)
    return builder.build()


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def _evenness(text: str, delimiter: str) -> float:
    """Return the share of rows that have the commonest number of cells, 0 where that is one; higher is better."""
    widths = Counter(len(row) for row in islice(_rows(text, delimiter), ROWS_TO_TELL) if row)
    [(width, rows)] = widths.most_common(1) or [(1, 0)]
    return rows / widths.total() if width > 1 else 0.0
