"""Leaves out what a PDF repeats on every page: running headers and footers, page numbers, marks of the press."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from index.parse.pdf_lines import Line

EDGE = 0.2
"""The share of a page's height, at its top and at its bottom, in which running lines stand."""
EDGE_ROWS = 3
"""Running lines are among so many outermost rows of a page."""
REPEATED = 3
"""A line that stands on so many pages at the same height is a running one; in a shorter file, one on all pages."""
SAME_HEIGHT = 4.0
"""Points: a running line's place varies by less."""
NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b")

Key = tuple[str, int]
"""What a line is recognised by: its text without numbers, and about where it stands."""


def without_running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Return each page's lines without the running ones. `heights` are the pages', in points."""
    keys = [_keys_of_page(lines, height) for lines, height in zip(pages, heights, strict=True)]
    found = Counter(key for page in keys for key in set().union(*page))
    enough = min(REPEATED, max(2, len(pages)))
    return [
        [line for line, own in zip(lines, page, strict=True) if all(found[key] < enough for key in own)]
        for lines, page in zip(pages, keys, strict=True)
    ]


def _keys_of_page(lines: Sequence[Line], height: float) -> list[set[Key]]:
    tops = sorted({round(line.box.top) for line in lines})
    highest, lowest = tops[:EDGE_ROWS], tops[-EDGE_ROWS:]
    return [_keys(line, height) if round(line.box.top) in (*highest, *lowest) else set() for line in lines]


def _keys(line: Line, height: float) -> set[Key]:
    """Return the keys of a line at the page's edge: two, so that of two close heights one is always the same.

    Heights count from the nearer edge, so that pages of different sizes agree.
    """
    is_high = line.box.bottom < EDGE * height
    if not is_high and line.box.top < (1 - EDGE) * height:
        return set()
    text = NUMBERS.sub("#", " ".join(line.text.casefold().split()))
    steps = (line.box.top if is_high else line.box.top - height) / SAME_HEIGHT
    return {(text, 2 * math.floor(steps)), (text, 2 * math.floor(steps + 0.5) + 1)}
