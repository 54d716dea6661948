"""A file to what is stored and embedded of it: read, parsed, split, each passage with its context. Embeds nothing.

All of it runs in threads beside embedding.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.context import TOKENS_FOR_CONTEXT, with_context
from index.database import Database
from index.duplicates import Sketch, sketch
from index.embedders import Embedder
from index.errors import EmptyDocument, LimitReached, PasswordNeeded, ReadError, ReadingStopped, UnsupportedFormat
from index.parse import PARSER_VERSION
from index.parse.reader import Reader
from index.split import split
from index.types import Failure, Kind, ParsedDocument, PassageDraft, Span

JUST_CHANGED_NS = 2_000_000_000
"""A file may change again within the coarsest tick of a file system's clock (FAT: two seconds) and keep its time."""
FAILURES = {
    EmptyDocument: Failure.EMPTY,
    UnsupportedFormat: Failure.UNSUPPORTED,
    PasswordNeeded: Failure.PASSWORD,
    LimitReached: Failure.LIMIT,
    ReadingStopped: Failure.UNREADABLE,
}


@dataclass(frozen=True, slots=True)
class FileToAdd:
    """A file's content as it was read. `path` is what the library will know it by."""

    path: str
    name: str
    data: bytes
    modified_ns: int
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that only has to be embedded before it is stored."""

    parsed: ParsedDocument
    passages: tuple[PassageDraft, ...]
    texts: tuple[str, ...]
    """What is embedded of each passage that is no heading: its text with its context before it."""
    sentences: tuple[Sequence[Span], ...]
    """Where the sentences of each of them stand in that."""
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class FileRead:
    """What came of reading a file; its bytes are not kept."""

    path: str
    sha256: str
    bytes: int
    modified_ns: int
    prepared: Prepared | None = None
    document_id: int | None = None
    """The document that the library has of this content already; nothing was parsed then."""
    failure: Failure | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preparing:
    """How the files of a run are prepared. Thread-safe."""

    database: Database
    reader: Reader
    open_embedder: Callable[[], Embedder]
    """Called only where there is something to embed."""
    password: str = ""

    @property
    def name(self) -> str:
        """What can change how the same bytes come out; how many are read at once cannot."""
        return f"{PARSER_VERSION} {replace(self.reader.settings, workers=1)}"

    def file(self, path: Path) -> FileRead:
        """Prepare a file from the disk."""
        try:
            modified_ns = path.stat().st_mtime_ns
            file = FileToAdd(str(path), path.name, path.read_bytes(), modified_ns)
        except OSError as error:
            reason = f"{path.name} cannot be read: {error.strerror}"
            return FileRead(str(path), "", 0, 0, failure=Failure.UNREADABLE, reason=reason)
        return self.content(file)

    def content(self, file: FileToAdd) -> FileRead:
        """Prepare a file whose content is at hand, unless the library has it."""
        sha256 = hashlib.sha256(file.data).hexdigest()
        read = FileRead(file.path, sha256, _bytes_to_note(len(file.data), file.modified_ns), file.modified_ns)
        if document_id := self.database.document_with(sha256, file.path, PARSER_VERSION):
            return replace(read, document_id=document_id)
        try:
            parsed = self.reader.read(file.name, file.data, self.password)
        except ReadError as error:
            return replace(read, failure=FAILURES.get(type(error), Failure.DAMAGED), reason=str(error))
        return replace(read, prepared=prepare(parsed, self.open_embedder()))


def prepare(parsed: ParsedDocument, embedder: Embedder) -> Prepared:
    """Split a document into passages that the embedder reads whole, each with its title and headings before it."""
    passages = split(parsed, embedder.max_tokens - TOKENS_FOR_CONTEXT, embedder.count_tokens)
    in_context = [
        with_context(
            parsed.title,
            passage.headings,
            passage.span.of(parsed.text),
            passage.span,
            passage.sentences,
            embedder.count_tokens,
        )
        for passage in passages
        if passage.kind is not Kind.HEADING
    ]
    texts, sentences = tuple(text for text, _ in in_context), tuple(spans for _, spans in in_context)
    return Prepared(parsed, passages, texts, sentences, sketch(parsed.text))


def _bytes_to_note(size: int, modified_ns: int) -> int:
    """Return a file's size, or -1 while it may change without another time: it is then looked at again."""
    return -1 if 0 <= time.time_ns() - modified_ns < JUST_CHANGED_NS else size
