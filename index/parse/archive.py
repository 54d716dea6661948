"""ZIP containers (Word, Excel, PowerPoint, OpenDocument, EPUB) and the XML in them, read within limits.

Nothing is unpacked to the disk, so that an entry's name can lead nowhere. XML is read by defusedxml, which refuses
entities and external references; pictures, macros and whatever is linked are never looked at.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index.errors import LimitReached, ReadError
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_UNPACKED_BYTES = 256 * 2**20
"""All that is read of one container, unpacked. An 870-page manual in Word has 15 MB."""
MAX_RATIO = 200
"""Unpacked to packed bytes. XML shrinks to a tenth or a thirtieth; a bomb, to a thousandth."""
RATIO_COUNTS_FROM = 10 * 2**20
"""Bytes: a smaller entry may be as repetitive as it likes."""


class Archive:
    """A ZIP container's entries by their names."""

    def __init__(self, name: str, entries: zipfile.ZipFile) -> None:
        """Use `opened_archive`."""
        self.name = name
        self.names = frozenset(entries.namelist())
        self._entries = entries
        self._left = MAX_UNPACKED_BYTES

    def read(self, entry: str) -> bytes:
        """Return an entry's content. Raises: LimitReached, ReadError for a missing, damaged or encrypted one."""
        try:
            self._charge(self._entries.getinfo(entry))
            return self._entries.read(entry)
        except KeyError as error:
            raise ReadError(f"{self.name} is damaged: it lacks {entry}") from error
        except RuntimeError as error:
            raise ReadError(f"{self.name} is encrypted: save it without a password first") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise ReadError(f"{self.name} is damaged: {entry} cannot be unpacked ({error})") from error

    def xml(self, entry: str) -> Element:
        """Return the root of an XML entry. Raises: as `read`, and ReadError for what is no XML."""
        return parse_xml(self.name, self.read(entry))

    def check_all(self) -> None:
        """Charge all entries at once, for a reader that unpacks them itself. Raises: LimitReached."""
        for info in self._entries.infolist():
            self._charge(info)

    def _charge(self, info: zipfile.ZipInfo) -> None:
        """Count an entry before it is unpacked; `zipfile` reads no more than the size that is declared."""
        self._left -= info.file_size
        is_bomb = info.file_size > RATIO_COUNTS_FROM and info.file_size > MAX_RATIO * info.compress_size
        if self._left < 0 or is_bomb:
            raise LimitReached(
                f"{self.name} unpacks to {info.file_size / 2**20:,.0f} MiB in {info.filename} alone, more than a"
                " document has: it may be a ZIP bomb and is left out"
            )


@contextmanager
def opened_archive(source: SourceFile) -> Iterator[Archive]:
    """Open a ZIP container for the length of a block. Raises: ReadError."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ReadError(f"{source.name} is damaged or cut off: open it in its program and save it again") from error
    with entries:
        yield Archive(source.name, entries)


def parse_xml(name: str, data: bytes) -> Element:
    """Return the root of an XML text. Raises: ReadError where it is none, or declares entities."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data)
    except DefusedXmlException as error:
        raise ReadError(f"{name} declares XML entities, which no document needs: it is left out") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ReadError(f"{name} is damaged: its XML cannot be read ({error})") from error
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace, in which two versions of a format may differ."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value whatever its namespace, "" where it has none."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value
    return ""


def child(element: Element | None, *names: str) -> Element | None:
    """Return the descendant at the end of a path of local names, None where a step is missing."""
    for name in names:
        if element is None:
            return None
        element = next((own for own in element if local(own) == name), None)
    return element


def relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Return what an Office part points to inside of the container: by id, the kind's last word and the target."""
    folder, _, file = part.rpartition("/")
    entry = posixpath.join(folder, "_rels", f"{file}.rels")
    if entry not in archive.names:
        return {}
    return {
        attribute(relation, "Id"): (
            attribute(relation, "Type").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attribute(relation, "Target"))).lstrip("/"),
        )
        for relation in archive.xml(entry)
        if attribute(relation, "TargetMode") != "External"
    }


def related(archive: Archive, part: str, kind: str) -> str:
    """Return the first part of a kind that an Office part points to, "" without one that is there."""
    targets = (target for own, target in relations(archive, part).values() if own == kind)
    return next((target for target in targets if target in archive.names), "")
