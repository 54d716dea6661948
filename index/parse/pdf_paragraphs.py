"""A PDF's lines to paragraphs, headings and tables, over columns and pages. Knows nothing of PDFium."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from index.parse.extract import CELL_SEPARATOR
from index.parse.pdf_lines import HYPHEN_AT_END, Box, Line, around
from index.parse.pdf_order import Region, Row, region_box
from index.parse.plain import CLOSING_PUNCTUATION, LIST_ITEM
from index.types import Kind

CELL_GAP = 2.0
"""A gap wider than this, in heights of a letter, parts cells; a sentence's end in loose type is up to 1.6 wide."""
NO_GAP = 0.15
"""A gap narrower than this, in heights of a letter, is no space, as before a fraction's denominator."""
WIDE_PITCH = 1.35
"""Lines further apart than this, in usual distances, begin a new paragraph."""
INDENT = 0.8
"""In heights of a letter: the first line of a paragraph is set in by more."""
SAME_SIZE = 0.12
"""Lines of one paragraph differ by less than this share of their size."""
LARGER = 1.12
"""A heading's letters are larger than the body's by this factor, or bold."""
MAX_HEADING_CHARACTERS = 200
MAX_HEADING_LINES = 3
LOWEST_LEVEL = 6

HYPHENS = ("-", "‐", HYPHEN_AT_END)
WORD = re.compile(r"\w[\w-]*")
NO_SPACES = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
"""Chinese and Japanese are written without spaces."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A row of a region as one line of text, or as a table's row."""

    text: str
    cells: int
    start: float
    """Its edge where reading begins, in points; mirrored for right-to-left, so that it always grows inwards."""
    end: float
    box: Box
    size: float
    bold: bool
    page: int
    region: int
    region_start: float
    region_end: float
    pitch: float
    """The usual distance of lines in its region, from foot to foot: a bullet or an index is taller, not lower."""
    is_table: bool = False


@dataclass(slots=True)
class Paragraph:
    """A paragraph, heading or table, grown line by line."""

    kind: Kind
    page: int
    text: str = ""
    level: int = 0
    size: float = 0.0
    bold: bool = False
    lines: int = 0
    pages_within: list[tuple[int, int]] = field(default_factory=list)
    """Pages that begin inside of it: the page, and its offset in `text`."""


def paragraphs_of(pages: Sequence[Sequence[Region]], outline: dict[str, int]) -> list[Paragraph]:
    """Return the paragraphs of all pages in reading order.

    `outline` gives the level of each heading of the file's own table of contents, by `outline_key`.
    """
    lines = [line for number, regions in enumerate(pages, start=1) for line in _text_lines(regions, number)]
    words = {word for line in lines for word in WORD.findall(line.text.casefold())}
    paragraphs = [_assembled(group, words) for group in _groups(lines)]
    _mark_headings(paragraphs, _body_size(lines), outline)
    return list(_lists_joined(paragraphs))


def outline_key(title: str) -> str:
    """Return what a heading is compared by: its letters and digits."""
    return "".join(character for character in title.casefold() if character.isalnum())


# Rows to lines


def _text_lines(regions: Sequence[Region], page: int) -> Iterator[TextLine]:
    for number, region in enumerate(regions):
        yield from _lines_of_region(region, page, number)


def _lines_of_region(region: Region, page: int, number: int) -> list[TextLine]:
    box = region_box(region)
    pitch = _pitch(region)
    lines = [_text_line(row, page, number, box, pitch) for row in region]
    wide = [line.cells > 1 for line in lines]
    return [
        replace(line, is_table=wide[at] and (any(wide[max(0, at - 1) : at]) or any(wide[at + 1 : at + 2])))
        for at, line in enumerate(lines)
    ]


def _pitch(region: Region) -> float:
    feet = [(_longest(row).box.bottom, _longest(row).size) for row in region]
    steps = [low - high for (high, size), (low, other) in pairwise(feet) if abs(size - other) < SAME_SIZE * size]
    return median(steps) if len(steps) > 1 else 1.5 * median(size for _, size in feet)


def _longest(row: Row) -> Line:
    return max(row, key=lambda line: len(line.text))


def _text_line(row: Row, page: int, region: int, region_box: Box, pitch: float) -> TextLine:
    longest = _longest(row)
    box = around(line.box for line in row)._replace(top=longest.box.top, bottom=longest.box.bottom)
    text, cells = _joined_row(row)
    mirrored = longest.right_to_left
    start, end = (-box.right, -box.left) if mirrored else (box.left, box.right)
    region_start, region_end = (
        (-region_box.right, -region_box.left) if mirrored else (region_box.left, region_box.right)
    )
    bold = all(line.bold for line in row)
    return TextLine(text, cells, start, end, box, longest.size, bold, page, region, region_start, region_end, pitch)


def _joined_row(row: Row) -> tuple[str, int]:
    """Return the row's text, and how many cells it has; a list's marker is no cell of its own."""
    text, cells = row[0].text, 1
    for line, following in pairwise(row):
        gap = line.box.gap(following.box) / max(line.size, 1.0)
        if gap < NO_GAP:
            text += following.text
        elif gap < CELL_GAP or _is_marker(text):
            text += f" {following.text}"
        else:
            text += CELL_SEPARATOR + following.text
            cells += 1
    return text, cells


def _is_marker(text: str) -> bool:
    return len(text) < 6 and bool(LIST_ITEM.match(f"{text} "))


# Lines to paragraphs


def _groups(lines: Sequence[TextLine]) -> Iterator[list[TextLine]]:
    group: list[TextLine] = []
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        if group and _begins_anew(group, line, following):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _begins_anew(group: Sequence[TextLine], line: TextLine, following: TextLine | None) -> bool:
    last = group[-1]
    if last.is_table or line.is_table:
        return not (last.is_table and line.is_table and _same_region(last, line))
    if abs(last.size - line.size) > SAME_SIZE * max(last.size, line.size) or LIST_ITEM.match(line.text):
        return True
    if not _same_region(last, line):
        return last.bold != line.bold or not _goes_on_elsewhere(last, line)
    if line.box.bottom - last.box.bottom > WIDE_PITCH * line.pitch:
        return True
    if last.bold != line.bold:
        return _room(last, line) > 0 and not line.text[0].islower()
    return _is_set_in(group, line, following) or _has_room(last, line)


def _same_region(last: TextLine, line: TextLine) -> bool:
    return (last.page, last.region) == (line.page, line.region)


def _goes_on_elsewhere(last: TextLine, line: TextLine) -> bool:
    """Tell whether a paragraph goes on in the next column or on the next page."""
    if last.text.endswith(CLOSING_PUNCTUATION):
        return last.text.endswith((",", ";")) and line.text[0].islower()
    return line.text[0].islower() or last.region_end - last.end < 2 * last.size


def _is_set_in(group: Sequence[TextLine], line: TextLine, following: TextLine | None) -> bool:
    """Tell a first line that is set in, and the return to the margin after a hanging item."""
    last, indent = group[-1], INDENT * line.size
    if line.start - last.start > indent and not LIST_ITEM.match(last.text):
        below = following if following and _same_region(line, following) else None
        return below is None or line.start - below.start > indent
    return len(group) > 1 and last.start - line.start > indent


def _has_room(last: TextLine, line: TextLine) -> bool:
    """Tell whether the next word would have had room in the line above: then the break was meant."""
    return _room(last, line) > 0 and (last.text.endswith(CLOSING_PUNCTUATION) or not line.text[0].islower())


def _room(last: TextLine, line: TextLine) -> float:
    """Return the points that the line's first word would have left free in the line above."""
    width = (line.end - line.start) / max(1, len(line.text))
    return last.region_end - last.end - (len(line.text.split()[0]) + 1) * width


def _assembled(group: Sequence[TextLine], words: set[str]) -> Paragraph:
    kind = Kind.TABLE if group[0].is_table else Kind.PARAGRAPH
    paragraph = Paragraph(kind, group[0].page, size=group[0].size, bold=group[0].bold, lines=len(group))
    page = group[0].page
    for line in group:
        if kind is Kind.TABLE:
            paragraph.text += f"\n{line.text}" if paragraph.text else line.text
        else:
            paragraph.text = join_lines(paragraph.text, line.text, words)
        for number in range(page + 1, line.page + 1):
            paragraph.pages_within.append((number, len(paragraph.text) - len(line.text)))
        page = line.page
    paragraph.text = paragraph.text.replace(HYPHEN_AT_END, "-")
    return paragraph


def join_lines(above: str, below: str, words: set[str]) -> str:
    """Return two lines as one, with a word that was divided at the line's end made whole.

    A hyphen belongs to the word where the text has the word with it elsewhere and not without (`words`, casefolded),
    and before what is no small letter.
    """
    if not above:
        return below
    if above.endswith(HYPHENS) and len(above) > 1 and above[-2].isalnum():
        head, tail = re.findall(r"\w+", above)[-1].casefold(), WORD.match(below)
        if tail and below[0].islower() and not _keeps_hyphen(head, tail[0].casefold(), words):
            return above[:-1] + below
        return f"{above[:-1]}-{below}" if tail else f"{above} {below}"
    if NO_SPACES.match(above[-1]) and NO_SPACES.match(below[0]):
        return above + below
    return f"{above} {below}"


def _keeps_hyphen(head: str, tail: str, words: set[str]) -> bool:
    return f"{head}-{tail}" in words and f"{head}{tail}" not in words


# Headings and lists


def _body_size(lines: Sequence[TextLine]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[_rounded(line.size)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _rounded(size: float) -> float:
    return round(2 * size) / 2


def _mark_headings(paragraphs: Sequence[Paragraph], body: float, outline: dict[str, int]) -> None:
    headings = [paragraph for paragraph in paragraphs if _may_be_heading(paragraph)]
    sizes = sorted({_rounded(p.size) for p in headings if p.size >= LARGER * body}, reverse=True)
    for paragraph in headings:
        level = outline.get(outline_key(paragraph.text), 0)
        if not level and paragraph.size >= LARGER * body:
            level = sizes.index(_rounded(paragraph.size)) + 1
        elif not level and paragraph.bold and not paragraph.text.endswith((".", ":")):
            level = len(sizes) + 1
        if level:
            paragraph.kind, paragraph.level = Kind.HEADING, min(level, LOWEST_LEVEL)


def _may_be_heading(paragraph: Paragraph) -> bool:
    text = paragraph.text
    is_short = len(text) <= MAX_HEADING_CHARACTERS and paragraph.lines <= MAX_HEADING_LINES
    return paragraph.kind is Kind.PARAGRAPH and is_short and any(map(str.isalpha, text)) and text[-1] not in ",;"


def _lists_joined(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs, with the items of a list as the lines of one."""
    last: Paragraph | None = None
    for paragraph in paragraphs:
        if last and _is_item(last) and _is_item(paragraph) and last.page == paragraph.page and not last.pages_within:
            shift = len(last.text) + 1
            last.text += f"\n{paragraph.text}"
            last.pages_within += [(page, offset + shift) for page, offset in paragraph.pages_within]
            continue
        if last:
            yield last
        last = paragraph
    if last:
        yield last


def _is_item(paragraph: Paragraph) -> bool:
    return paragraph.kind is Kind.PARAGRAPH and bool(LIST_ITEM.match(paragraph.text))
