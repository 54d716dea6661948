"""Lines of text on a PDF's page, as a person sees them: from PDFium's characters, each with its box.

A line ends where the next character stands on another row, or beyond a gap that is wider than between words: at
the edge of a column or of a table's cell. Lines come in the order in which the file draws them;
`index.parse.pdf_order` puts them into reading order.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

WIDEST_SPACE = 0.8
"""A gap wider than this, in heights of a letter, may part columns or cells; a space is 0.2 to 0.5 wide."""
RIGHT_TO_LEFT_SPACE = 0.12
"""In a line that runs from right to left, a gap wider than this, in heights of a letter, is a space."""
HYPHEN_AT_END = "\u00ad"
"""Stands for the hyphen at a line's end, which PDFium gives as 0x02 or 0xFFFE."""
SMALLEST_LETTERS = 3.0
"""Points: smaller ones are marks for machines, such as the anchors of a form."""
SYMBOL_BULLETS = frozenset({0xF0B7, 0xF0A7, 0xF0A8, 0xF0D8, 0xF0FC, 0xF076, 0xF06C, 0xF06E})
"""Bullets of the fonts Symbol and Wingdings, which have no Unicode of their own."""


class Box(NamedTuple):
    """A rectangle on the page as it is shown, in points from its left and top edge.

    A tuple, as `Character` is: a page has thousands, and a tuple is made in a third of a frozen dataclass's time.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Points from top to bottom."""
        return self.bottom - self.top

    def gap(self, other: Box) -> float:
        """Return the points between both from side to side, negative where they overlap."""
        return max(self.left, other.left) - min(self.right, other.right)

    def turned(self) -> Box:
        """Return it with the sides exchanged, as text that runs up or down the page is looked at."""
        return Box(self.top, self.left, self.bottom, self.right)

    def shares_row(self, other: Box) -> bool:
        """Tell whether they overlap by half of the lower one's height."""
        overlap = min(self.bottom, other.bottom) - max(self.top, other.top)
        return overlap > 0.5 * min(self.height, other.height)


class Character(NamedTuple):
    """One character, or the letters of one ligature, and where it stands."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    """Characters in the order in which they are read, without white space at either end."""

    text: str
    characters: tuple[Character, ...]
    box: Box
    size: float
    """The height of its letters in points."""
    bold: bool
    right_to_left: bool
    drawn: int
    """Its place in the order in which the file draws the page's lines."""


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all; there is at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def lines_of(page: PdfPage) -> list[Line]:
    """Return the lines of a page, in the order in which the file draws them."""
    text_page = page.get_textpage()
    try:
        pieces = _rejoined(_pieces(_drawn(page, text_page)))
        lines = [_line(text_page, piece, number) for number, piece in enumerate(pieces)]
        return [line for line in lines if line.size >= SMALLEST_LETTERS]
    finally:
        text_page.close()


class _Drawn(NamedTuple):
    """A character with PDFium's own number for it. A generated one is a space that the file does not draw."""

    character: Character
    number: int
    generated: bool


def _drawn(page: PdfPage, text_page: Any) -> Iterator[_Drawn | None]:
    """Yield the page's characters as the file draws them; None where PDFium sees a line's end."""
    import pypdfium2.raw as pdfium

    place = _placed(page)
    rectangle = pdfium.FS_RECTF()
    high = 0
    for number in range(pdfium.FPDFText_CountChars(text_page)):
        code = pdfium.FPDFText_GetUnicode(text_page, number)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        text, high = _text_of(code, high), 0
        if text == "\n":
            yield None
        elif text and pdfium.FPDFText_GetLooseCharBox(text_page, number, rectangle):
            generated = text == " " and pdfium.FPDFText_IsGenerated(text_page, number) == 1
            yield _Drawn(Character(text, place(rectangle)), number, generated)


@lru_cache(maxsize=4_096)
def _text_of(code: int, high: int) -> str:
    """Return what a code stands for: "\\n" for a line's end, "" for what nobody sees."""
    if 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00) if high else ""
    if code in (0x02, 0xFFFE):
        return HYPHEN_AT_END
    if code in (0x0A, 0x0D):
        return "\n"
    if code in SYMBOL_BULLETS:
        return "•"
    character = chr(code) if code <= 0x10FFFF else ""
    if character.isspace():
        return " "
    if unicodedata.category(character or "\0") in ("Cc", "Cf", "Cs"):
        return ""
    is_presentation_form = 0xFB00 <= code < 0xFE00 or 0xFE70 <= code < 0xFF00
    return unicodedata.normalize("NFKC", character).strip() if is_presentation_form else character


def _placed(page: PdfPage) -> Callable[[Any], Box]:
    """Return what turns PDFium's rectangles into boxes on the page as it is shown, cropped and rotated."""
    left, bottom, right, top = page.get_bbox()

    def upright(box: Any) -> Box:
        return Box(box.left - left, top - box.top, box.right - left, top - box.bottom)

    def quarter(box: Any) -> Box:
        return Box(box.bottom - bottom, box.left - left, box.top - bottom, box.right - left)

    def half(box: Any) -> Box:
        return Box(right - box.right, box.bottom - bottom, right - box.left, box.top - bottom)

    def three_quarters(box: Any) -> Box:
        return Box(top - box.top, right - box.right, top - box.bottom, right - box.left)

    return {90: quarter, 180: half, 270: three_quarters}.get(page.get_rotation(), upright)


def _pieces(drawn: Iterable[_Drawn | None]) -> Iterator[list[_Drawn]]:
    """Cut the characters where the next one stands elsewhere; pieces without any text are left out."""
    piece: list[_Drawn] = []
    last: Box | None = None
    for item in drawn:
        if item is None or (last and not item.generated and _is_elsewhere(last, item.character.box)):
            if last:
                yield piece
            piece, last = [], None
        if item and not item.character.text.isspace():
            last = item.character.box
        if item and (last or not item.character.text.isspace()):
            piece.append(item)
    if last:
        yield piece


def _is_elsewhere(last: Box, box: Box) -> bool:
    if last.top == box.top and 0 <= box.left - last.left < box.bottom - box.top:
        return False
    if last.shares_row(box):
        return last.gap(box) > WIDEST_SPACE * max(last.height, box.height)
    return not last.turned().shares_row(box.turned()) or last.turned().gap(box.turned()) > box.turned().height


def _rejoined(pieces: Iterable[list[_Drawn]]) -> list[list[_Drawn]]:
    """Put pieces of a right-to-left line together that stand side by side: Latin words in it are drawn apart."""
    joined: list[list[_Drawn]] = []
    for piece in pieces:
        if joined and _is_beside(joined[-1], piece):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _is_beside(piece: Sequence[_Drawn], following: Sequence[_Drawn]) -> bool:
    if not any(_is_right_to_left(item.character.text) for item in (*piece, *following)):
        return False
    box, other = _seen_box(piece), _seen_box(following)
    return box.shares_row(other) and box.gap(other) < WIDEST_SPACE * max(box.height, other.height)


def _seen_box(piece: Sequence[_Drawn]) -> Box:
    return around(item.character.box for item in piece if not item.character.text.isspace())


def _line(text_page: Any, piece: Sequence[_Drawn], number: int) -> Line:
    seen = [item for item in piece if not item.character.text.isspace()]
    box = _seen_box(piece)
    characters = _trimmed([item.character for item in piece])
    right_to_left = any(_is_right_to_left(item.character.text) for item in seen)
    if right_to_left:
        characters = _right_to_left([item.character for item in seen])
    text = "".join(character.text for character in characters)
    size = median(item.character.box.height for item in seen)
    bold = all(_is_bold(text_page, seen[len(seen) * quarter // 4].number) for quarter in (1, 2, 3))
    return Line(text, tuple(characters), box, size, bold, right_to_left, number)


def _trimmed(characters: Sequence[Character]) -> list[Character]:
    """Return the characters without white space at either end, and with one space for several."""
    kept: list[Character] = []
    for character in characters:
        if not character.text.isspace() or (kept and kept[-1].text != " "):
            kept.append(character)
    while kept and kept[-1].text == " ":
        kept.pop()
    return kept


def _is_bold(text_page: Any, number: int) -> bool:
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(256)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text_page, number, name, len(name), flags)
    return any(word in name.value.lower() for word in (b"bold", b"black", b"heavy", b"-bd"))


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def _right_to_left(characters: Sequence[Character]) -> list[Character]:
    """Return the characters of a line in the order in which they are read, by where they stand.

    What runs from left to right inside of it (Latin words, numbers) is turned back. Spaces are told by the gaps:
    where a file draws them says little. The letters of a ligature share a box and come in reverse.
    """
    seen = sorted(characters, key=lambda character: character.box.left)[::-1]
    spaced: list[Character] = []
    for character in seen:
        if spaced and spaced[-1].box.gap(character.box) > RIGHT_TO_LEFT_SPACE * character.box.height:
            spaced.append(Character(" ", character.box))
        spaced.append(character)
    return _turned_back(spaced)


def _turned_back(characters: Sequence[Character]) -> list[Character]:
    """Reverse each stretch that runs from left to right, from its first letter or digit to its last."""
    ordered: list[Character] = []
    stretch: list[Character] = []
    for character in characters:
        if _is_right_to_left(character.text):
            ordered += [*_reversed_stretch(stretch, ends_line=False), character]
            stretch = []
        else:
            stretch.append(character)
    return ordered + _reversed_stretch(stretch, ends_line=True)


def _reversed_stretch(stretch: Sequence[Character], ends_line: bool) -> list[Character]:
    """Return a stretch turned back.

    Word draws the space after a Latin word at its right, where the word before it stands: it belongs to the end.
    """
    inside = [number for number, character in enumerate(stretch) if character.text.isalnum()]
    if not inside:
        return list(stretch)
    before, after = list(stretch[: inside[0]]), list(stretch[inside[-1] + 1 :])
    if len(before) == 1 and before[0].text == " " and not after and not ends_line:
        before, after = after, before
    return [*before, *stretch[inside[0] : inside[-1] + 1][::-1], *after]
