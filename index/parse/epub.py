"""EPUB books to text: the chapters in reading order, each read as a web page."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from index.errors import ReadError
from index.parse.archive import Archive, attribute, child, local, opened_archive
from index.parse.decode import decode_markup
from index.parse.extract import Extract, ExtractBuilder
from index.parse.html import add_html
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CONTAINER = "META-INF/container.xml"
CHAPTERS = frozenset({"application/xhtml+xml", "text/html"})
RIGHTS = frozenset({"META-INF/rights.xml", "META-INF/license.lcpl"})
"""What Adobe's and Readium's copy protection leave in a book."""


def parse_epub(source: SourceFile) -> Extract:
    """Read a book. Raises: ReadError, also for one with copy protection; LimitReached."""
    with opened_archive(source) as archive:
        if RIGHTS & archive.names:
            raise ReadError(f"{source.name} has a copy protection, which only the shop's own reader opens")
        root = next((own for own in archive.xml(CONTAINER).iter() if local(own) == "rootfile"), None)
        package = attribute(root, "full-path") if root is not None else ""
        opened = archive.xml(package)
        builder = ExtractBuilder()
        for entry in _chapters(archive, opened, posixpath.dirname(package)):
            add_html(builder, decode_markup(entry, archive.read(entry)))
        return builder.build(_title(opened))


def _chapters(archive: Archive, package: Element, folder: str) -> Iterator[str]:
    """Yield the entries of the spine that are there, but not the table of contents."""
    manifest, spine = child(package, "manifest"), child(package, "spine")
    items = {attribute(item, "id"): item for item in (manifest if manifest is not None else ())}
    for reference in spine if spine is not None else ():
        item = items.get(attribute(reference, "idref"))
        if item is None or attribute(item, "media-type") not in CHAPTERS or "nav" in attribute(item, "properties"):
            continue
        entry = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
        if entry in archive.names:
            yield entry


def _title(package: Element) -> str:
    title = child(package, "metadata", "title")
    return (title.text or "") if title is not None else ""
