"""HTML to the text of its main part, with headings, lists, tables and code. Knows no network: nothing is fetched.

Read tag by tag, without a tree, so that neither depth nor unclosed tags matter. What belongs to the site and not to the
page (navigation, footers, forms) is left out, and what no reader sees (scripts, hidden elements).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from html.parser import HTMLParser

from index.parse.decode import decode_markup
from index.parse.extract import Extract, ExtractBuilder
from index.parse.source import SourceFile
from index.types import Kind

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
UNSEEN = frozenset(
    "script style noscript template svg iframe object audio video canvas map select textarea button datalist".split()
)
OF_THE_SITE = frozenset("nav footer aside header form dialog".split())
ROLES_OF_THE_SITE = frozenset("navigation banner contentinfo complementary search dialog menu".split())
CLASSES_OF_THE_SITE = frozenset(
    "mw-editsection mw-portlet vector-dropdown vector-menu noprint navbox sr-only visually-hidden".split()
)
"""Wikipedia's menus, which stand inside of its main part, and what only a screen reader reads."""
BREAKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody"
    " td tfoot th thead title tr ul".split()
)
CLOSES = {
    "p": {"p"}, "li": {"li", "p"}, "dt": {"dt", "dd", "p"}, "dd": {"dt", "dd", "p"},
    "td": {"td", "th", "p"}, "th": {"td", "th", "p"}, "tr": {"tr", "td", "th", "p"},
}  # fmt: skip
"""Elements that a start tag ends where their own end tag was left out; so does any block end a title."""
FORGOTTEN = frozenset({"title"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
MAIN_SHARE = 0.25
"""What is marked as the main part is all that counts, if it has so much of the page's text."""


class Place(IntEnum):
    """Where in the page a piece of text stands; what is greater matters more."""

    SITE = 0
    PAGE = 1
    ARTICLE = 2
    MAIN = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, a heading, a list, a table's rows or code."""

    text: str
    kind: Kind
    level: int
    place: Place


@dataclass(slots=True)
class _Open:
    """An element that has not ended: what it means for all in it."""

    tag: str
    unseen: bool
    place: Place


@dataclass(slots=True)
class _List:
    """A list that has not ended; `number` is the next item's, 0 for bullets."""

    number: int


@dataclass(slots=True)
class _Table:
    """A table that has not ended: its finished rows, and the pieces of the row's cells."""

    rows: list[str] = field(default_factory=list)
    cells: list[list[Piece]] = field(default_factory=list)


def parse_html(source: SourceFile) -> Extract:
    """Read a web page."""
    builder = ExtractBuilder()
    title = add_html(builder, decode_markup(source.name, source.data))
    return builder.build(title)


def add_html(builder: ExtractBuilder, markup: str) -> str:
    """Add the main part of a page, and return its title: its only first-level heading, or what it calls itself."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    reader.finish()
    pieces = _main_part(reader.pieces)
    for piece in pieces:
        if piece.kind is Kind.HEADING:
            builder.heading(piece.text, piece.level)
        else:
            builder.lines([piece.text], piece.kind)
    tops = [piece.text for piece in pieces if piece.level == 1]
    return tops[0] if len(tops) == 1 else reader.title


def _main_part(pieces: Sequence[Piece]) -> list[Piece]:
    """Return what is marked as the main part, or else what is not the site's, or else all."""
    lengths = {place: sum(len(piece.text) for piece in pieces if piece.place >= place) for place in Place}
    for place in (Place.MAIN, Place.ARTICLE, Place.PAGE):
        if lengths[place] and lengths[place] >= MAIN_SHARE * lengths[Place.PAGE]:
            return [piece for piece in pieces if piece.place >= place]
    return list(pieces)


class _Reader(HTMLParser):
    """Gathers pieces of text. A paragraph ends wherever a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.title = ""
        self._open: list[_Open] = []
        self._text: list[str] = []
        self._lists: list[_List] = []
        self._items: list[str] = []
        self._marker = ""
        self._tables: list[_Table] = []
        self._preformatted = 0

    # What the parser calls

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if tag == "br":
            self._text.append("\n")
        if tag in BREAKS:
            self._flush()
            self._close_forgotten(CLOSES.get(tag, FORGOTTEN))
        if tag in VOID:
            return
        above = self._open[-1] if self._open else _Open("", False, Place.PAGE)
        attributes = {name: value or "" for name, value in attrs}
        unseen = above.unseen or tag in UNSEEN or _is_hidden(attributes)
        self._open.append(_Open(tag, unseen, _place(tag, attributes, above.place)))
        if not unseen:
            self._begin(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        """End an element, and those in it that were not ended; an end without a beginning counts for nothing."""
        if tag in BREAKS:
            self._flush()
        depth = next((depth for depth in range(len(self._open), 0, -1) if self._open[depth - 1].tag == tag), 0)
        while depth and len(self._open) >= depth:
            self._end()

    def handle_data(self, data: str) -> None:
        """Gather text."""
        if self._open and self._open[-1].unseen:
            return
        self._text.append(data if self._preformatted else re.sub(r"[ \t\r\n\f]+", " ", data))

    def finish(self) -> None:
        """End what is still open."""
        self._flush()
        while self._open:
            self._end()
        self._flush_list()

    # Elements

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "ul" | "ol" | "menu":
                start = attributes.get("start", "1")
                number = int(start) if start.isdecimal() and len(start) < 9 else 1
                self._lists.append(_List(number if tag == "ol" else 0))
            case "li":
                self._marker = self._next_marker()
            case "table":
                self._flush_list()
                self._tables.append(_Table())
            case "td" | "th" if self._tables:
                self._tables[-1].cells.append([])
            case "pre":
                self._preformatted += 1
            case _:
                pass

    def _end(self) -> None:
        """End the innermost element."""
        if self._open[-1].tag in BREAKS:
            self._flush()
        element = self._open.pop()
        if element.unseen:
            return
        match element.tag:
            case "ul" | "ol" | "menu" if self._lists:
                self._lists.pop()
                if not self._lists:
                    self._flush_list()
            case "tr" if self._tables:
                self._end_row(element.place)
            case "table" if self._tables:
                self._end_row(element.place)
                self._flush_rows(element.place)
                self._tables.pop()
            case "pre":
                self._preformatted = max(0, self._preformatted - 1)
            case _:
                pass

    def _close_forgotten(self, tags: Iterable[str]) -> None:
        """End elements whose end tag was left out, up to the next container."""
        while self._open and self._open[-1].tag in tags:
            self._flush()
            self._end()

    def _next_marker(self) -> str:
        indent = "  " * max(0, len(self._lists) - 1)
        if not self._lists or not self._lists[-1].number:
            return f"{indent}- "
        self._lists[-1].number += 1
        return f"{indent}{self._lists[-1].number - 1}. "

    # Text

    def _flush(self) -> None:
        """Make a piece of the text gathered so far."""
        gathered, self._text = "".join(self._text), []
        text = (
            gathered.strip("\n")
            if self._preformatted
            else "\n".join(" ".join(line.split()) for line in gathered.split("\n"))
        )
        if not text.strip():
            return
        tags = [element.tag for element in self._open[-8:]]
        place = self._open[-1].place if self._open else Place.PAGE
        level = next((HEADINGS[tag] for tag in reversed(tags) if tag in HEADINGS), 0)
        if "title" in tags:
            self.title = self.title or text
        elif self._tables and self._tables[-1].cells:
            self._tables[-1].cells[-1].append(
                Piece(text.strip(), Kind.HEADING if level else Kind.PARAGRAPH, level, place)
            )
        elif self._lists and not level:
            marker = self._marker or "  " * len(self._lists)
            self._items.append(marker + " ".join(text.split()))
            self._marker = ""
        else:
            self._flush_list()
            kind = Kind.HEADING if level else Kind.CODE if self._preformatted else Kind.PARAGRAPH
            self.pieces.append(Piece(text if self._preformatted else text.strip(), kind, level, place))

    def _flush_list(self) -> None:
        if self._items:
            place = self._open[-1].place if self._open else Place.PAGE
            self.pieces.append(Piece("\n".join(self._items), Kind.PARAGRAPH, 0, place))
            self._items = []

    def _end_row(self, place: Place) -> None:
        """End a row. One with several paragraphs in its only cell is a frame around them."""
        table = self._tables[-1]
        cells = [cell for cell in table.cells if cell]
        table.cells = []
        if len(cells) == 1 and (len(cells[0]) > 1 or cells[0][0].level):
            self._flush_rows(place)
            self._hand_up(cells[0])
        elif cells:
            table.rows.append(" | ".join(" ".join(" ".join(piece.text for piece in cell).split()) for cell in cells))

    def _flush_rows(self, place: Place) -> None:
        rows, self._tables[-1].rows = self._tables[-1].rows, []
        if rows:
            kind = Kind.TABLE if any(" | " in row for row in rows) else Kind.PARAGRAPH
            self._hand_up([Piece("\n".join(rows), kind, 0, place)])

    def _hand_up(self, pieces: list[Piece]) -> None:
        """Hand pieces to the cell around this table, or to the page."""
        outer = self._tables[-2].cells if len(self._tables) > 1 else []
        (outer[-1] if outer else self.pieces).extend(pieces)


def _is_hidden(attributes: dict[str, str]) -> bool:
    return "hidden" in attributes or bool(HIDDEN.search(attributes.get("style", "")))


def _place(tag: str, attributes: dict[str, str], above: Place) -> Place:
    """Return where an element stands; a header inside of an article is the article's."""
    classes = set(attributes.get("class", "").split())
    is_site = tag in OF_THE_SITE and not (tag in ("header", "form") and above > Place.PAGE)
    if above is Place.SITE or is_site or attributes.get("role") in ROLES_OF_THE_SITE or classes & CLASSES_OF_THE_SITE:
        return Place.SITE
    if tag == "main" or attributes.get("role") == "main":
        return Place.MAIN
    return max(above, Place.ARTICLE) if tag == "article" else above
