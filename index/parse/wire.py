"""What goes between the process that reads files and the one that asks for it: messages, and documents in them.

A message is eight bytes that say its length, and so many bytes. A reply is JSON and is never unpickled: a file that
took the reading process over could answer with text, and no more.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from math import isfinite
from typing import Any, BinaryIO, TypeVar

from index.errors import EmptyDocument, LimitReached, PasswordNeeded, ReadError, UnsupportedFormat
from index.parse.language import detect_language
from index.parse.pdf_boxes import PageBox
from index.parse.pdf_page import DrawnPage, WantedPage
from index.parse.source import SourceFile
from index.types import Block, Kind, ParsedDocument, Span

Read = TypeVar("Read", ParsedDocument, DrawnPage)

LENGTH_BYTES = 8
FAILURES = {kind.__name__: kind for kind in (EmptyDocument, LimitReached, PasswordNeeded, UnsupportedFormat)}


def read_message(stream: BinaryIO, max_bytes: int | None = None) -> bytes | None:
    """Return the next message, None where the stream has ended. Raises: LimitReached for one that is too long."""
    header = stream.read(LENGTH_BYTES)
    if len(header) < LENGTH_BYTES:
        return None
    length = int.from_bytes(header, "big")
    if max_bytes is not None and length > max_bytes:
        raise LimitReached(f"{length / 2**20:,.0f} MiB of text")
    message = stream.read(length)
    return message if len(message) == length else None


def write_message(stream: BinaryIO, message: bytes) -> None:
    """Write a message and see it off."""
    stream.write(len(message).to_bytes(LENGTH_BYTES, "big"))
    stream.write(message)
    stream.flush()


def encoded_request(source: SourceFile, page: WantedPage | None) -> bytes:
    """Return what is wanted of a file, all but its bytes: its text or, where a page is named, the page's picture."""
    file = {"name": source.name, "password": source.password, "ocr_languages": source.ocr_languages}
    spans = [[span.start, span.end] for span in page.spans] if page else []
    wanted = page and {"number": page.number, "text": page.text, "spans": spans}
    return json.dumps({"file": file, "page": wanted}).encode("ascii")


def decoded_request(request: bytes, data: bytes) -> tuple[SourceFile, WantedPage | None]:
    """Return what `encoded_request` was given."""
    content = json.loads(request)
    page = content["page"]
    spans = tuple(Span(start, end) for start, end in page["spans"]) if page else ()
    return SourceFile(**content["file"], data=data), page and WantedPage(page["number"], page["text"], spans)


def encoded_document(document: ParsedDocument) -> bytes:
    """Return a document as a reply."""
    reply = {
        "title": document.title,
        "text": document.text,
        "blocks": [[block.span.start, block.span.end, block.kind, block.level] for block in document.blocks],
        "format": document.format,
        "pages": document.pages,
    }
    return json.dumps(reply).encode("ascii")


def encoded_page(page: DrawnPage) -> bytes:
    """Return a drawn page as a reply."""
    boxes = [[[box.left, box.top, box.right, box.bottom] for box in own] for own in page.boxes]
    size = [page.width, page.height, page.pages]
    reply = {"number": page.number, "picture": b64encode(page.picture).decode("ascii"), "size": size, "boxes": boxes}
    return json.dumps(reply).encode("ascii")


def encoded_failure(error: ReadError) -> bytes:
    """Return why a file cannot be read as a reply."""
    return json.dumps({"error": type(error).__name__, "reason": " ".join(str(error).split())}).encode("ascii")


def decoded(reply: bytes, name: str) -> ParsedDocument:
    """Return the document that a reply describes, with its language; it is believed only where it is well formed.

    Raises: the error that the reply describes, ReadError for one in disorder.
    """
    return _decoded(reply, name, _document)


def decoded_page(reply: bytes, name: str) -> DrawnPage:
    """Return the page that a reply describes. Raises: as `decoded`."""
    return _decoded(reply, name, _page)


def _decoded(reply: bytes, name: str, read: Callable[[dict[str, Any]], Read]) -> Read:
    try:
        content = json.loads(reply)
        if "error" not in content:
            return read(content)
        failure = FAILURES.get(str(content["error"]), ReadError)(str(content["reason"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ReadError(f"{name} came out in disorder and was left out") from error
    raise failure


def _page(content: dict[str, Any]) -> DrawnPage:
    """Raises: ValueError, KeyError, TypeError for what is no page."""
    picture = b64decode(content["picture"], validate=True)
    number, (width, height, pages) = int(content["number"]), map(int, content["size"])
    boxes = tuple(tuple(_box(number, *map(float, box)) for box in own) for own in content["boxes"])
    if not (picture.startswith(b"RIFF") and picture[8:12] == b"WEBP" and 1 <= number <= pages and width > 0 < height):
        raise ValueError("no picture of a page")
    return DrawnPage(number, pages, picture, width, height, boxes)


def _box(page: int, *edges: float) -> PageBox:
    if not all(map(isfinite, edges)):
        raise ValueError("a box without bounds")
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in edges)
    return PageBox(page, left, top, right, bottom)


def _document(content: dict[str, Any]) -> ParsedDocument:
    """Raises: ValueError, KeyError, TypeError for what is no document."""
    text, pages = str(content["text"]), tuple(map(int, content["pages"]))
    blocks = tuple(
        Block(Span(int(start), int(end)), Kind(kind), int(level)) for start, end, kind, level in content["blocks"]
    )
    edges = [0, *(edge for block in blocks for edge in (block.span.start, block.span.end)), len(text)]
    if edges != sorted(edges) or list(pages) != sorted(pages) or not blocks:
        raise ValueError("blocks or pages that do not follow one another")
    return ParsedDocument(str(content["title"]), text, blocks, detect_language(text), str(content["format"]), pages)
