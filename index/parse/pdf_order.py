"""Lines of a PDF's page in the order in which a person reads them: column by column, table rows from side to side.

Knows nothing of characters or fonts: only where each line stands, how long it is, and when the file draws it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import mean, median

from index.parse.pdf_lines import Box, Line, around

LINES_OF_A_COLUMN = 3
"""Fewer lines side by side are no columns."""
SAME_EDGE = 3.0
"""Points within which two lines begin at the same edge."""
CHARACTERS_OF_PROSE = 18
"""Lines of running text are longer on average; cells of a table are shorter."""
CHARACTERS_OF_WORDS = 8
"""Lines that are shorter on average are a table's figures, even where it is drawn column by column."""
FILLED = 0.7
"""Lines of running text fill so much of their column's width; cells of a table do not."""

Row = list[Line]
"""Lines that stand side by side, in the order in which they are read."""
Region = list[Row]
"""A column, or a stretch of the page without columns: its rows from top to bottom."""


def regions_of(lines: Sequence[Line]) -> list[Region]:
    """Return the page's regions in reading order. Text that runs up or down the margin comes last, each line alone."""
    upright = [line for line in lines if _is_upright(line)]
    aside: list[Region] = [[[line]] for line in lines if not _is_upright(line)]
    return [*_regions(upright, mirrored=_reads_from_the_right(upright)), *aside]


def region_box(region: Region) -> Box:
    """Return the smallest box around a region."""
    return around(line.box for row in region for line in row)


def _is_upright(line: Line) -> bool:
    return line.box.height <= 2 * (line.box.right - line.box.left) or len(line.text) < 4


def _reads_from_the_right(lines: Sequence[Line]) -> bool:
    return 2 * sum(line.right_to_left for line in lines) > len(lines)


def _regions(lines: Sequence[Line], mirrored: bool) -> list[Region]:
    """Cut the lines at their gutter, above and below what runs across it, and each side again."""
    rows = _rows(lines, mirrored)
    gutter = _gutter(rows)
    if gutter is None:
        return [rows] if rows else []
    regions: list[Region] = []
    for band in _bands(rows, gutter):
        members = [line for row in band for line in row]
        left = [line for line in members if line.box.right <= gutter]
        right = [line for line in members if line.box.left >= gutter]
        if _is_columns(left, right) and len(left) + len(right) == len(members):
            first, second = (right, left) if mirrored else (left, right)
            regions += [*_regions(first, mirrored), *_regions(second, mirrored)]
        elif len(band) < len(rows):
            regions += _regions(members, mirrored)
        else:
            regions.append(band)
    return regions


def _rows(lines: Sequence[Line], mirrored: bool) -> list[Row]:
    """Group lines that stand side by side, from top to bottom."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: (line.box.top + line.box.bottom, line.box.left)):
        if rows and rows[-1][-1].box.shares_row(line.box):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.left, reverse=mirrored) for row in rows]


def _gutter(rows: Sequence[Row]) -> float | None:
    """Return the left edge of the column that the most lines share among those that make columns, None without one."""
    lines = [line for row in rows for line in row]
    best, gutter = 0, None
    for edge in _shared_edges(lines):
        in_columns = sum(
            len(left) + len(right)
            for left, right in (_sides(band, edge) for band in _bands(rows, edge))
            if _is_columns(left, right)
        )
        if in_columns > best:
            best, gutter = in_columns, edge
    return gutter


def _shared_edges(lines: Sequence[Line]) -> Iterator[float]:
    """Yield where several lines begin and something stands to the left."""
    lefts = sorted(line.box.left for line in lines)
    groups: list[list[float]] = []
    for left in lefts:
        if groups and left - groups[-1][0] <= SAME_EDGE:
            groups[-1].append(left)
        else:
            groups.append([left])
    yield from (group[0] - 0.5 for group in groups[1:] if len(group) >= LINES_OF_A_COLUMN)


def _bands(rows: Sequence[Row], gutter: float) -> Iterator[list[Row]]:
    """Yield stretches of rows that cross the gutter, and of rows that do not, from top to bottom."""
    for _, band in groupby(rows, key=lambda row: any(line.box.left < gutter < line.box.right for line in row)):
        yield list(band)


def _sides(band: Sequence[Row], gutter: float) -> tuple[list[Line], list[Line]]:
    members = [line for row in band for line in row]
    return [line for line in members if line.box.right <= gutter], [line for line in members if line.box.left >= gutter]


def _is_columns(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Tell columns of text from columns of a table.

    A file draws text column by column, a table row by row; where columns are drawn row by row, as a scanner does,
    both sides have to be running text (either may be several columns, and so only one of them filled).
    """
    if min(len(left), len(right)) < LINES_OF_A_COLUMN:
        return False
    characters = min(mean(len(line.text) for line in side) for side in (left, right))
    is_prose = characters >= CHARACTERS_OF_PROSE and any(_is_filled(side) for side in (left, right))
    return is_prose or (characters >= CHARACTERS_OF_WORDS and _is_drawn_by_column(left, right))


def _is_filled(side: Sequence[Line]) -> bool:
    width = around(line.box for line in side)
    return median(line.box.right - line.box.left for line in side) >= FILLED * (width.right - width.left)


def _is_drawn_by_column(left: Sequence[Line], right: Sequence[Line]) -> bool:
    drawn = sorted([(line.drawn, False) for line in left] + [(line.drawn, True) for line in right])
    changes = sum(side != following for (_, side), (_, following) in pairwise(drawn))
    return changes <= max(1, min(len(left), len(right)) // 4)
