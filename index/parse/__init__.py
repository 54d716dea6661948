"""Bytes of a file to a document's text and blocks. One small module per family of formats."""

from pathlib import PurePath

from index.errors import EmptyDocument, UnsupportedFormat
from index.parse.decode import decode
from index.parse.language import detect_language
from index.parse.markdown import parse_markdown
from index.parse.plain import parse_plain
from index.parse.title import title_of
from index.types import ParsedDocument

PARSER_VERSION = 1
"""Raised whenever the same bytes would come out as another text or other blocks."""

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
MARKUP_SUFFIXES = frozenset({".htm", ".html", ".xhtml", ".xml", ".nxml", ".svg", ".rtf", ".eml", ".mht", ".mhtml"})
"""Text to a computer, but not as a person reads it."""

SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP container (Word, Excel, PowerPoint, OpenDocument or EPUB)",
    b"\xd0\xcf\x11\xe0": "an old Microsoft Office file",
    b"{\\rtf": "an RTF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"SQLite format 3\x00": "a database",
}


def format_of(name: str) -> str:
    """Return the format a file's name promises: "markdown" or "text".

    Raises: UnsupportedFormat for markup that is no document to a reader.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in MARKUP_SUFFIXES:
        raise UnsupportedFormat(f"{name} is not read, only text and Markdown are: save it as .txt or .md first")
    return "markdown" if suffix in MARKDOWN_SUFFIXES else "text"


def parse(name: str, data: bytes) -> ParsedDocument:
    """Read one file.

    Raises: EmptyDocument, UnsupportedFormat, ReadError, each with one line that says what to do.
    """
    format_name = format_of(name)
    _refuse_signatures(name, data)
    text = decode(name, data)
    if not text.strip():
        raise EmptyDocument(f"{name} holds no text")
    if format_name == "markdown":
        text, blocks = parse_markdown(text)
        if not blocks:
            raise EmptyDocument(f"{name} holds no text")
    else:
        blocks = parse_plain(text)
    return ParsedDocument(title_of(name, text, blocks), text, blocks, detect_language(text))


def _refuse_signatures(name: str, data: bytes) -> None:
    for signature, description in SIGNATURES.items():
        if data.startswith(signature):
            raise UnsupportedFormat(f"{name} is {description}: only text and Markdown are read, save it as .txt first")
