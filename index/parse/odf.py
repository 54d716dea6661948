"""OpenDocument texts, presentations and spreadsheets (ODT, ODP, ODS) to text, with headings, lists, tables, notes.

Read straight from `content.xml`; deleted text, comments, macros and pictures are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.parse.archive import attribute, child, local, opened_archive
from index.parse.extract import Extract, ExtractBuilder
from index.parse.records import add_rows
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LEFT_OUT = frozenset({"annotation", "note", "tracked-changes", "frame", "note-citation", "forms", "script", "notes"})
MAX_REPEATED = 64
"""A spreadsheet repeats empty cells to its edge; those are not wanted, the few that repeat a value are."""


def parse_odf(source: SourceFile) -> Extract:
    """Read an OpenDocument file. Raises: ReadError, LimitReached."""
    with opened_archive(source) as archive:
        manifest = "META-INF/manifest.xml"
        if manifest in archive.names and b"encryption-data" in archive.read(manifest):
            raise ReadError(f"{source.name} is encrypted: save it without a password first")
        body = child(archive.xml("content.xml"), "body")
        reader = _Reader()
        for kind in body if body is not None else ():
            reader.blocks(kind)
        reader.notes_at_the_end()
        return reader.builder.build()


class _Reader:
    """Walks the body and fills the builder; foot- and endnotes wait for the end."""

    def __init__(self) -> None:
        self.builder = ExtractBuilder()
        self.notes: list[str] = []

    def blocks(self, parent: Element) -> None:
        """Add what stands below an element."""
        for element in parent:
            match local(element):
                case "h":
                    self.builder.heading(self.text(element), _level(element))
                    self.frames(element)
                case "p":
                    self.builder.paragraph(self.text(element))
                    self.frames(element)
                case "list":
                    self.builder.paragraph("\n".join(self.items(element, 0)))
                case "table":
                    self.table(element)
                case "page":
                    self.builder.page()
                    self.blocks(element)
                case "frame" | "text-box" | "section" | "g" | "custom-shape" | "table-of-content" | "index-body":
                    self.blocks(element)
                case _:
                    pass

    def frames(self, paragraph: Element) -> None:
        """Add the text boxes that hang on a paragraph."""
        for frame in (own for own in paragraph.iter() if local(own) == "text-box"):
            self.blocks(frame)

    def text(self, element: Element) -> str:
        """Return the text a reader sees in a paragraph; its notes are put aside."""
        return "".join(self._texts(element)).strip()

    def _texts(self, element: Element) -> Iterator[str]:
        yield element.text or ""
        for own in element:
            match local(own):
                case "s":
                    yield " "
                case "tab":
                    yield " "
                case "line-break":
                    yield "\n"
                case "note":
                    body = child(own, "note-body")
                    self.notes += [self.text(paragraph) for paragraph in (body if body is not None else ())]
                case name if name not in LEFT_OUT:
                    yield from self._texts(own)
                case _:
                    pass
            yield own.tail or ""

    def items(self, element: Element, depth: int) -> Iterator[str]:
        """Yield a list's items, one a line, with what is inside of them set in."""
        for item in element:
            marker = "- "
            for own in item:
                if local(own) == "list":
                    yield from self.items(own, depth + 1)
                elif text := self.text(own):
                    yield "  " * depth + marker + text
                    marker = "  "

    def table(self, table: Element) -> None:
        """Add a table: a spreadsheet's under its name, with its columns' names; one in a text as it is."""
        rows = [row for row in table.iter() if local(row) == "table-row"]
        if (
            name := attribute(table, "name")
            if any(attribute(cell, "value-type") for row in rows for cell in row)
            else ""
        ):
            self.builder.heading(name, level=1)
            add_rows(self.builder, (list(self.cells(row)) for row in rows), level=2)
        else:
            self.builder.table(list(self.cells(row)) for row in rows)

    def cells(self, row: Element) -> Iterator[str]:
        """Yield a row's cells, repeated ones as often as they stand there."""
        for cell in row:
            text = " ".join(self.text(own) for own in cell.iter() if local(own) in ("p", "h"))
            repeated = attribute(cell, "number-columns-repeated")
            times = int(repeated) if repeated.isdecimal() and len(repeated) < 6 else 1
            yield from [text] * min(times, MAX_REPEATED)

    def notes_at_the_end(self) -> None:
        """Add the foot- and endnotes."""
        for note in self.notes:
            self.builder.paragraph(note)


def _level(heading: Element) -> int:
    level = attribute(heading, "outline-level")
    return int(level) if level.isdecimal() and 0 < int(level[:2]) < 10 else 1
