"""PowerPoint files (PPTX) to text: a slide is a page, its title a heading; tables and the speaker's notes.

Read straight from the XML; pictures, charts, films and macros are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.parse.archive import Archive, attribute, child, local, opened_archive, related, relations
from index.parse.extract import Extract, ExtractBuilder
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TITLES = frozenset({"title", "ctrTitle"})
FURNITURE = frozenset({"dt", "ftr", "sldNum", "hdr", "sldImg"})
"""Placeholders for the date, the footer, the number: what every slide repeats."""


def parse_pptx(source: SourceFile) -> Extract:
    """Read a presentation. Raises: ReadError, LimitReached."""
    with opened_archive(source) as archive:
        main = related(archive, "", "officeDocument")
        if not main:
            raise ReadError(f"{source.name} is no PowerPoint file that can be read: it has no presentation part")
        builder = ExtractBuilder()
        for part in _slides(archive, main):
            builder.page()
            _add_slide(builder, archive, part)
        return builder.build()


def _slides(archive: Archive, main: str) -> Iterator[str]:
    """Yield the slides' parts in the order in which they are shown."""
    targets = relations(archive, main)
    listed = child(archive.xml(main), "sldIdLst")
    for slide in listed if listed is not None else ():
        _, target = targets.get(next((v for k, v in slide.attrib.items() if k.endswith("}id")), ""), ("", ""))
        if target in archive.names:
            yield target


def _add_slide(builder: ExtractBuilder, archive: Archive, part: str) -> None:
    shapes = list(_shapes(archive.xml(part)))
    for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in TITLES):
        _add_shape(builder, shape)
    notes = related(archive, part, "notesSlide")
    for shape in _shapes(archive.xml(notes)) if notes else ():
        if _placeholder(shape) == "body" and (text := "\n".join(text for text, _ in _paragraphs(shape))):
            builder.paragraph(f"Notes: {text}")


def _shapes(element: Element) -> Iterator[Element]:
    """Yield what stands on a slide, groups opened; of two versions of one, the first."""
    for own in element:
        if local(own) in ("sp", "graphicFrame"):
            yield own
        elif local(own) != "Fallback":
            yield from _shapes(own)


def _add_shape(builder: ExtractBuilder, shape: Element) -> None:
    kind = _placeholder(shape)
    if kind in FURNITURE:
        return
    rows = [row for row in shape.iter() if local(row) == "tr"]
    if rows:
        builder.table(
            [" ".join(text for text, _ in _paragraphs(cell)) for cell in row if local(cell) == "tc"] for row in rows
        )
        return
    paragraphs = list(_paragraphs(shape))
    if kind in TITLES:
        builder.heading(" ".join(text for text, _ in paragraphs), level=1)
    elif kind and len(paragraphs) > 1:
        builder.paragraph("\n".join(f"{'  ' * level}- {text}" for text, level in paragraphs))
    else:
        builder.paragraph("\n".join(text for text, _ in paragraphs))


def _placeholder(shape: Element) -> str:
    """Return what a shape is a place for, "" for a free one."""
    place = next((own for own in shape.iter() if local(own) == "ph"), None)
    return "" if place is None else attribute(place, "type") or "body"


def _paragraphs(shape: Element) -> Iterator[tuple[str, int]]:
    """Yield the paragraphs that have text, each with its level from 0."""
    for paragraph in (own for own in shape.iter() if local(own) == "p"):
        text = "".join(_texts(paragraph)).strip()
        properties = child(paragraph, "pPr")
        level = attribute(properties, "lvl") if properties is not None else ""
        if text:
            yield text, int(level) if level.isdecimal() and len(level) < 2 else 0


def _texts(paragraph: Element) -> Iterator[str]:
    for own in paragraph.iter():
        if local(own) == "t":
            yield own.text or ""
        elif local(own) == "br":
            yield "\n"
