"""What a file is: told from its bytes, and from its name only where the bytes are text of one kind or another."""

from __future__ import annotations

import re
from pathlib import PurePath

from index.errors import ReadError, UnsupportedFormat
from index.parse.archive import opened_archive
from index.parse.code import SUFFIXES as CODE_SUFFIXES
from index.parse.source import SourceFile

SIGNATURES = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"BM", "bitmap"),
    (b"RIFF", "riff"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
PDF_BEGINS_WITHIN = 1_024
"""Bytes: so much may stand before a PDF's header, as other readers allow."""

SUFFIXES = {
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown",
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".htm": "html", ".html": "html", ".xhtml": "html", ".xml": "xml", ".nxml": "xml", ".svg": "xml",
    ".eml": "eml", ".mht": "eml", ".mhtml": "eml",
}  # fmt: skip
"""Formats of text, by their names."""

PROMISES = {
    ".pdf": "PDF", ".docx": "Word file", ".docm": "Word file", ".pptx": "PowerPoint file", ".pptm": "PowerPoint file",
    ".xlsx": "Excel workbook", ".xlsm": "Excel workbook", ".odt": "OpenDocument file", ".ods": "OpenDocument file",
    ".odp": "OpenDocument file", ".epub": "EPUB", ".png": "image", ".jpg": "image", ".jpeg": "image", ".gif": "image",
    ".tif": "image", ".tiff": "image", ".webp": "image", ".bmp": "image", ".zip": "ZIP archive",
}  # fmt: skip
"""Formats that are no text: a file with such a name that is text was saved under a wrong one, or is damaged."""

ZIP_FORMATS = {
    "wordprocessingml": "docx", "presentationml": "pptx", "spreadsheetml": "xlsx",
    "application/vnd.oasis.opendocument": "odf", "application/epub+zip": "epub",
}  # fmt: skip
OFFICE_DOCUMENTS = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}

HTML = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
XML = re.compile(rb"\s*<\?xml\b")
MAIL = re.compile(
    rb"(?:(?:From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|X-[\w-]+|Delivered-To):.*\r?\n"
    rb"(?:[ \t].*\r?\n)*){3}",
    re.IGNORECASE,
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def format_of(source: SourceFile) -> str:
    """Return the format's name, one of those that `index.parse` has a parser for.

    Raises: EmptyDocument, UnsupportedFormat, ReadError for what is not what its name says.
    """
    binary = _binary_format(source)
    if binary:
        return binary
    suffix = PurePath(source.name).suffix.lower()
    if suffix in PROMISES:
        raise ReadError(f"{source.name} is not the {PROMISES[suffix]} that its name says: {_what_it_is(source.data)}")
    return _text_format(suffix, source.data.removeprefix(BYTE_ORDER_MARK))


def _what_it_is(data: bytes) -> str:
    return "it is empty" if not data else "it may be damaged, or be a text under a wrong name"


def _binary_format(source: SourceFile) -> str:
    """Return the format that a signature shows, "" for none."""
    if b"%PDF-" in source.data[:PDF_BEGINS_WITHIN]:
        return "pdf"
    kind = next((kind for signature, kind in SIGNATURES if source.data.startswith(signature)), "")
    match kind:
        case "zip":
            return _zip_format(source)
        case "ole":
            raise UnsupportedFormat(_ole(source))
        case "riff":
            return "image" if source.data[8:12] == b"WEBP" else ""
        case "bitmap":
            return "image" if PurePath(source.name).suffix.lower() == ".bmp" else ""
        case _:
            return kind


def _zip_format(source: SourceFile) -> str:
    with opened_archive(source) as archive:
        for entry in ("mimetype", "[Content_Types].xml"):
            described = archive.read(entry).decode("utf-8", "replace") if entry in archive.names else ""
            for mark, format_name in ZIP_FORMATS.items():
                if mark in described:
                    return format_name
        for entry, format_name in OFFICE_DOCUMENTS.items():
            if entry in archive.names:
                return format_name
    raise UnsupportedFormat(f"{source.name} is a ZIP archive, no document: unpack it and add what is in it")


def _ole(source: SourceFile) -> str:
    """Return what to do with an old Office file, or with a new one that is encrypted: both are OLE containers."""
    if "EncryptedPackage".encode("utf-16-le") in source.data:
        return f"{source.name} is encrypted: open it with its password in its program and save it without one first"
    return f"{source.name} is in the old Microsoft Office format: save it as .docx, .xlsx or .pptx first"


def _text_format(suffix: str, data: bytes) -> str:
    """Return the format of a text: what it plainly is, else what its name says, else plain text."""
    if HTML.match(data[:4_096]):
        return "html"
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if XML.match(data):
        return "html" if b"http://www.w3.org/1999/xhtml" in data[:1_024] else "xml"
    if suffix in CODE_SUFFIXES:
        return "code"
    return "eml" if MAIL.match(data[:8_192]) else "text"
