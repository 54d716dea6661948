"""XML to text: paragraphs and headings as journals (JATS) and books (DocBook, TEI) mark them, else records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.parse.archive import local, parse_xml
from index.parse.extract import Extract, ExtractBuilder
from index.parse.records import sentence
from index.parse.source import SourceFile
from index.types import Kind

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PARAGRAPHS = frozenset("p para simpara abstract-p ab l mixed-citation element-citation".split())
HEADINGS = frozenset("title head article-title chapter-title label-title bridgehead".split())
LEFT_OUT = frozenset("journal-meta article-id article-categories custom-meta-group counts teiHeader".split())
"""What libraries and publishers note about a text."""
ROWS = frozenset({"tr", "row"})
LOWEST_LEVEL = 6


def parse_xml_data(source: SourceFile) -> Extract:
    """Read XML; its first heading is its title. Raises: ReadError."""
    builder = ExtractBuilder()
    root = parse_xml(source.name, source.data)
    _add(builder, root, level=1)
    return builder.build(next((_text(own) for own in root.iter() if local(own) in HEADINGS), ""))


def _add(builder: ExtractBuilder, element: Element, level: int) -> None:
    """Add an element: as a heading, a paragraph, a table's row, a record, or what is in it one by one."""
    name = local(element)
    if name in LEFT_OUT:
        return
    if name in HEADINGS:
        builder.heading(_text(element), min(level, LOWEST_LEVEL))
    elif name in PARAGRAPHS or _is_mixed(element):
        builder.paragraph(_text(element))
    elif any(local(own) in ROWS for own in element):
        builder.table([_text(cell) for cell in row] for row in element if local(row) in ROWS)
    elif len(element) and all(not len(own) for own in element):
        _add_record(builder, element, level)
    else:
        deeper = level + any(local(own) in HEADINGS for own in element)
        for own in element:
            _add(builder, own, level if local(own) in HEADINGS else deeper)
        if not len(element):
            builder.paragraph(_text(element))


def _add_record(builder: ExtractBuilder, element: Element, level: int) -> None:
    """Add an element whose children hold text alone: headings and paragraphs as such, the others as one record."""
    record = []
    for own in element:
        if local(own) in HEADINGS | PARAGRAPHS:
            _add(builder, own, level)
        else:
            record.append((local(own), _text(own)))
    builder.lines([sentence(record)], Kind.TABLE)


def _is_mixed(element: Element) -> bool:
    """Tell text with elements in it, as a paragraph has, whatever it is called."""
    return len(element) > 0 and any((own.tail or "").strip() for own in element)


def _text(element: Element) -> str:
    """Return all the text in an element; without text between its children, they are set apart."""
    between = "" if _is_mixed(element) else " "
    return " ".join(between.join(element.itertext()).split())
