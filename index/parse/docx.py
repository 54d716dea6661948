"""Word files (DOCX, both dialects of OOXML) to text, with headings, lists, tables, text boxes and footnotes.

Read straight from the XML: deleted text, comments, headers, footers, macros and pictures are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.parse.archive import Archive, attribute, child, local, opened_archive, related
from index.parse.docx_numbering import Numbering
from index.parse.extract import Extract, ExtractBuilder
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LEFT_OUT = frozenset({"del", "moveFrom", "Fallback", "instrText", "rPr", "txbxContent", "pPr"})
"""What a reader of the paragraph does not see in it, or sees elsewhere."""
WHITE_SPACE = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
NO_HEADING = 9
"""Word's outline level of body text; headings have 0 to 8."""
SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
"""Footnotes that are lines drawn above the others."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph's style says of its place in the text."""

    name: str
    outline: int
    """0 for the highest heading; 9 for body text."""
    list_id: str
    list_level: int


BODY = Style("", NO_HEADING, "", 0)


def parse_docx(source: SourceFile) -> Extract:
    """Read a Word file. Raises: ReadError, LimitReached."""
    with opened_archive(source) as archive:
        main = related(archive, "", "officeDocument")
        if not main:
            raise ReadError(f"{source.name} is no Word file that can be read: it has no document part")
        reader = _Reader(archive, main)
        body = child(archive.xml(main), "body")
        reader.blocks(body if body is not None else archive.xml(main))
        for kind in ("footnotes", "endnotes"):
            reader.notes(related(archive, main, kind))
        return reader.builder.build(reader.title)


class _Reader:
    """Walks the body and fills the builder; counts the lists as it goes."""

    def __init__(self, archive: Archive, main: str) -> None:
        self.archive = archive
        self.builder = ExtractBuilder()
        self.title = ""
        self.styles = _styles(archive, related(archive, main, "styles"))
        self.numbering = Numbering.read(archive, related(archive, main, "numbering"))
        self.items: list[str] = []

    def blocks(self, parent: Element) -> None:
        """Add the paragraphs and tables below an element."""
        for element in parent:
            match local(element):
                case "p":
                    self.paragraph(element)
                case "tbl":
                    self.table(element)
                case "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag":
                    self.blocks(element)
                case _:
                    pass
        self.end_list()

    def notes(self, part: str) -> None:
        """Add the foot- or endnotes of a part, "" for none."""
        for note in self.archive.xml(part) if part else ():
            if attribute(note, "type") not in SEPARATORS:
                self.blocks(note)

    def paragraph(self, paragraph: Element) -> None:
        """Add a paragraph as what its style makes it, and after it the text boxes that hang on it."""
        style = self.style(paragraph)
        text = text_of(paragraph).strip()
        marker = self.numbering.marker(style.list_id, style.list_level) if text else ""
        if style.name == "title" and text:
            self.title = self.title or text
        if text and style.outline < NO_HEADING:
            self.end_list()
            self.builder.heading(f"{marker}{text}", style.outline + 1)
        elif text and marker:
            self.items.append("  " * style.list_level + marker + text)
        else:
            self.end_list()
            self.builder.paragraph(text)
        for box in _text_boxes(paragraph):
            self.end_list()
            self.blocks(box)

    def end_list(self) -> None:
        """Add the list that has been gathered."""
        self.builder.paragraph("\n".join(self.items))
        self.items.clear()

    def table(self, table: Element) -> None:
        """Add a table; one with a single cell to a row is a frame around paragraphs."""
        self.end_list()
        rows = [[cell for cell in row if local(cell) == "tc"] for row in _inside(table, "tr")]
        if rows and all(len(row) == 1 for row in rows):
            for row in rows:
                self.blocks(row[0])
            return
        self.builder.table([_cell_text(cell) for cell in row] for row in rows)

    def style(self, paragraph: Element) -> Style:
        """Return the paragraph's style, with what the paragraph itself sets over it."""
        properties = child(paragraph, "pPr")
        if properties is None:
            return BODY
        named = child(properties, "pStyle")
        style = self.styles.get(attribute(named, "val"), BODY) if named is not None else BODY
        return _with_own(style, properties)


def text_of(element: Element) -> str:
    """Return the text a reader sees in a paragraph or run, without its text boxes."""
    return "".join(_texts(element))


def _texts(element: Element) -> Iterator[str]:
    for own in element:
        name = local(own)
        if name in WHITE_SPACE:
            yield WHITE_SPACE[name]
        elif name == "t":
            yield own.text or ""
        elif name not in LEFT_OUT:
            yield from _texts(own)


def _text_boxes(element: Element) -> Iterator[Element]:
    """Yield the text boxes in a paragraph; of two versions of one, the first."""
    for own in element:
        if local(own) == "txbxContent":
            yield own
        elif local(own) != "Fallback":
            yield from _text_boxes(own)


def _cell_text(cell: Element) -> str:
    """Return a cell's paragraphs, those of tables in it included, on one line."""
    return " ".join(text_of(paragraph) for paragraph in cell.iter() if local(paragraph) == "p")


def _inside(element: Element, name: str) -> Iterator[Element]:
    """Yield an element's rows or the like, also those that a content control or a revision wraps."""
    for own in element:
        if local(own) == name:
            yield own
        elif local(own) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _inside(own, name)


def _styles(archive: Archive, part: str) -> dict[str, Style]:
    """Return the styles by id; what one leaves open, the one it is based on says."""
    elements = {attribute(own, "styleId"): own for own in archive.xml(part)} if part else {}

    def resolved(identity: str, depth: int) -> Style:
        element = elements.get(identity)
        if element is None or depth > 16:
            return BODY
        based_on = child(element, "basedOn")
        base = resolved(attribute(based_on, "val"), depth + 1) if based_on is not None else BODY
        name = attribute(named, "val").lower() if (named := child(element, "name")) is not None else ""
        properties = child(element, "pPr")
        own = _with_own(base, properties) if properties is not None else base
        return Style(name, _outline_by_name(name, own.outline), own.list_id, own.list_level)

    return {identity: resolved(identity, 0) for identity in elements}


def _outline_by_name(name: str, outline: int) -> int:
    if name == "title":
        return 0
    heading = re.fullmatch(r"heading (\d)", name)
    return int(heading[1]) - 1 if heading else outline


def _with_own(style: Style, properties: Element) -> Style:
    """Return a style with what paragraph properties set over it."""
    outline = _number(child(properties, "outlineLvl"), style.outline)
    numbering = child(properties, "numPr")
    if numbering is None:
        return Style(style.name, outline, style.list_id, style.list_level)
    identity = child(numbering, "numId")
    list_id = attribute(identity, "val") if identity is not None else style.list_id
    return Style(style.name, outline, list_id, _number(child(numbering, "ilvl"), style.list_level))


def _number(element: Element | None, default: int) -> int:
    value = attribute(element, "val") if element is not None else ""
    return int(value) if value.isdecimal() and len(value) < 3 else default
