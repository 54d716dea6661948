"""Rows of a table, and records, as lines that read as sentences: each value with its column's name.

"Ferry: Aurora; Seats: 120" is found by what it says, and says what it means where it is quoted alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from index.parse.extract import CELL_SEPARATOR, ExtractBuilder
from index.types import Kind

MAX_NAME_CHARACTERS = 60
"""A column's name is short; what is longer is a value."""
NUMBER_OR_DATE = re.compile(r"[\s\d.,:/%€$£¥+-]*\d[\s\d.,:/%€$£¥+-]*|\S+@\S+|https?://\S+")

Row = Sequence[str]


def add_rows(builder: ExtractBuilder, rows: Iterable[Row], level: int) -> None:
    """Add a table's rows. A blank row ends one table and begins another; `level` is that of its title's heading."""
    for is_blank, group in groupby(rows, key=lambda row: not any(cell.strip() for cell in row)):
        if not is_blank:
            _add_table(builder, [[_one_line(cell) for cell in row] for row in group], level)


def sentence(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and values as one line, those without a value left out."""
    return "; ".join(f"{name}: {value}" if name else value for name, value in pairs if value)


def _add_table(builder: ExtractBuilder, rows: list[list[str]], level: int) -> None:
    first = 0
    while first + 1 < len(rows) and _is_title(rows[first], rows[first + 1]):
        builder.heading(next(filter(None, rows[first])), level)
        first += 1
    names, *others = rows[first:]
    if _are_names(names, others):
        lines = [sentence(_named(names, row)) for row in others]
        builder.lines(lines or [CELL_SEPARATOR.join(filter(None, names))], Kind.TABLE)
    else:
        builder.table(rows[first:])


def _is_title(row: Row, following: Row) -> bool:
    """Tell a table's title: the only cell of its row, above a row of several."""
    return len([cell for cell in row if cell]) == 1 and len([cell for cell in following if cell]) > 1


def _are_names(row: Row, others: Sequence[Row]) -> bool:
    """Tell the names of columns from values: short, no figures, no two alike, one for nearly every column."""
    names = [cell for cell in row if cell]
    width = max((len(list(filter(None, other))) for other in others), default=0)
    is_plain = all(len(name) <= MAX_NAME_CHARACTERS and not NUMBER_OR_DATE.fullmatch(name) for name in names)
    return bool(others) and is_plain and len(set(names)) == len(names) and len(names) >= min(width, 2)


def _named(names: Row, row: Row) -> Iterable[tuple[str, str]]:
    for column, value in enumerate(row):
        yield (names[column] if column < len(names) else ""), value


def _one_line(cell: str) -> str:
    return " ".join(cell.split())
