"""Plain text to the headings and paragraphs that a reader sees in it.

Two habits of writing text files are told apart: one paragraph a line, however long; and lines wrapped by
hand, with blank lines between the paragraphs (and, in some, without).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.types import Block, Kind, Span

WIDEST_WRAPPED_LINE = 120
"""Editors wrap at 65 to 100 characters; a longer line is a paragraph of its own."""

MAX_HEADING_CHARACTERS = 80
MAX_HEADING_WORDS = 12

CLOSING_PUNCTUATION = tuple(".!?…:;,。！？；：،؛؟۔।”\"’'»）)")
LINK_LINE = re.compile(
    r"\s*(?:(?:related|read|read more|read also|also read|see also|more|watch|listen|source|photos?|video|link)\s*:"
    r"|.{0,40}https?://\S+\s*$)",
    re.IGNORECASE,
)
LIST_ITEM = re.compile(r"\s*(?:[-*+•‣–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its span without surrounding white space, and its text."""

    span: Span
    text: str
    indent: int


def plain_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of `text`, in order; together they cover all of it but white space."""
    groups = _lines_between_blanks(text)
    if not groups:
        return ()
    if _is_wrapped([line for group in groups for line in group]):
        paragraphs = [paragraph for group in groups for paragraph in _unwrap(group, blank_lines=len(groups) > 1)]
    else:
        paragraphs = [[line] for group in groups for line in group]
    return tuple(_blocks(paragraphs))


def _lines_between_blanks(text: str) -> list[list[Line]]:
    groups: list[list[Line]] = [[]]
    start = 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            indent = len(raw) - len(raw.lstrip())
            first = start + indent
            groups[-1].append(Line(Span(first, first + len(stripped)), stripped, indent))
        elif groups[-1]:
            groups.append([])
        start += len(raw) + 1
    return [group for group in groups if group]


def _is_wrapped(lines: Sequence[Line]) -> bool:
    """Tell lines wrapped by hand: most of the text stands in lines that fit an editor's width."""
    lengths = [len(line.text) for line in lines]
    return 2 * sum(length for length in lengths if length > WIDEST_WRAPPED_LINE) < sum(lengths)


def _unwrap(group: Sequence[Line], blank_lines: bool) -> Iterator[list[Line]]:
    """Yield the paragraphs of a group of adjacent lines."""
    width = max(len(line.text) + line.indent for line in group)
    paragraph = [group[0]]
    for line, following in pairwise(group):
        if _breaks(line, following, width, blank_lines, is_first=line is group[0]):
            yield paragraph
            paragraph = []
        paragraph.append(following)
    yield paragraph


def _breaks(line: Line, following: Line, width: int, blank_lines: bool, is_first: bool) -> bool:
    """Tell whether a new paragraph begins at `following`.

    Where the author had room for the next word and still began a new line, the break was meant. In a file with
    blank lines between its paragraphs only a heading's break counts, so that verse and addresses stay whole.
    """
    if LIST_ITEM.match(following.text):
        return False
    if LINK_LINE.match(line.text) or LINK_LINE.match(following.text):
        return True
    has_room = len(line.text) + line.indent + 1 + len(following.text.split()[0]) < 0.85 * width
    if blank_lines:
        return is_first and has_room and _looks_like_heading(line.text) and len(following.text) > 0.7 * width
    if following.indent > line.indent + 1:
        return True
    return has_room and (line.text.endswith(CLOSING_PUNCTUATION) or not following.text[0].islower())


def _blocks(paragraphs: Sequence[Sequence[Line]]) -> Iterator[Block]:
    for paragraph, following in zip(paragraphs, [*paragraphs[1:], None], strict=True):
        span = Span(paragraph[0].span.start, paragraph[-1].span.end)
        if len(paragraph) > 1:
            yield Block(span)
        elif _is_link(paragraph[0]):
            yield Block(span, Kind.LINK)
        elif following and _is_heading(paragraph[0], following):
            yield Block(span, Kind.HEADING, level=1)
        else:
            yield Block(span)


def _is_link(line: Line) -> bool:
    return bool(LINK_LINE.match(line.text)) and len(line.text) < 2 * WIDEST_WRAPPED_LINE


def _is_heading(line: Line, following: Sequence[Line]) -> bool:
    """A short line without closing punctuation, above a paragraph: several lines, a closed one, or a long one."""
    last = following[-1].text
    is_paragraph = len(following) > 1 or last.endswith(CLOSING_PUNCTUATION) or len(last) > MAX_HEADING_CHARACTERS
    return _looks_like_heading(line.text) and is_paragraph and not LINK_LINE.match(following[0].text)


def _looks_like_heading(text: str) -> bool:
    is_short = len(text) <= MAX_HEADING_CHARACTERS and len(text.split()) <= MAX_HEADING_WORDS
    starts_well = text[0].isalnum() and not text[0].islower()
    is_item = bool(LIST_ITEM.match(text)) and not re.match(r"\d", text)
    return is_short and starts_well and not is_item and not text.endswith(CLOSING_PUNCTUATION)
