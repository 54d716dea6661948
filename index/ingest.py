"""Files into a library: read, parse, split, embed, store. One bad file never stops the rest.

Documents are embedded together and stored a batch at a time, each batch in one transaction: what was reported as
added is on disk, and an interrupted run only needs to be started again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.context import TOKENS_FOR_CONTEXT, with_context
from index.database import Database, NewDocument, Source
from index.embedders import Embedder
from index.errors import PinciteError, ReadError
from index.parse import PARSER_VERSION, format_of, parse
from index.split import split
from index.types import FileReport, Kind, Outcome, ParsedDocument, PassageDraft, Progress

if TYPE_CHECKING:
    from index.arrays import Floats

PASSAGES_IN_BATCH = 512
"""Enough to sort by length with little padding, few enough to lose little at a crash."""

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class FileToAdd:
    """A file's content as it was read. `path` is what the library will know it by."""

    path: str
    name: str
    data: bytes
    modified_ns: int

    @property
    def sha256(self) -> str:
        """The content's SHA-256, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A parsed and split file that waits to be embedded."""

    file: FileToAdd
    parsed: ParsedDocument
    passages: tuple[PassageDraft, ...]
    outcome: Outcome

    @property
    def searchable(self) -> list[PassageDraft]:
        """The passages that are embedded: all but the headings."""
        return [passage for passage in self.passages if passage.kind is not Kind.HEADING]


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files that `paths` name: files as they are, folders with all below, hidden ones left out.

    Raises: ReadError for a path that does not exist, and where there is no file at all.
    """
    files = [file for path in paths for file in _files_of(path)]
    if not files:
        raise ReadError(f"no files in {', '.join(str(path) for path in paths)}")
    return list(dict.fromkeys(files))


def _files_of(path: Path) -> Iterable[Path]:
    if not path.exists():
        raise ReadError(f"{path} does not exist")
    if not path.is_dir():
        return [path.absolute()]
    return sorted(file for file in _walk(path.absolute()) if file.is_file())


def _walk(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder) / name for name in names if not name.startswith("."))


def add_files(
    database: Database,
    open_embedder: Callable[[], Embedder],
    files: Sequence[Path],
    on_progress: OnProgress | None = None,
) -> list[FileReport]:
    """Add files, or what changed in them, and return what became of each, in order.

    `open_embedder` is called only where there is something to embed.
    Raises: LibraryError where the library cannot be written; what was stored before stays.
    """
    run = _Ingest(database, open_embedder, len(files), on_progress)
    for path in files:
        run.take(path)
    run.store()
    return run.reports_in_order(files)


def add_content(database: Database, open_embedder: Callable[[], Embedder], file: FileToAdd) -> FileReport:
    """Add one file whose content is at hand."""
    run = _Ingest(database, open_embedder, 1, None)
    run.take_content(file)
    run.store()
    return run.reports[file.path]


class _Ingest:
    """One run: the documents that wait to be stored, and the reports so far."""

    def __init__(
        self, database: Database, open_embedder: Callable[[], Embedder], files: int, on_progress: OnProgress | None
    ) -> None:
        self.database = database
        self.open_embedder = open_embedder
        self.files = files
        self.on_progress = on_progress
        self.waiting: list[ReadDocument] = []
        self.reports: dict[str, FileReport] = {}

    def reports_in_order(self, files: Sequence[Path]) -> list[FileReport]:
        return [self.reports[str(path)] for path in files]

    def take(self, path: Path) -> None:
        """Read one file, unless its size and time say that it is as it was."""
        self.tell(path.name)
        try:
            stat = path.stat()
            known = self.database.source(str(path))
            if known and (known.bytes, known.modified_ns) == (stat.st_size, stat.st_mtime_ns):
                self.report(FileReport(str(path), Outcome.UNCHANGED))
                return
            file = FileToAdd(str(path), path.name, path.read_bytes(), stat.st_mtime_ns)
        except OSError as error:
            self.report(FileReport(str(path), Outcome.FAILED, reason=f"{path.name} cannot be read: {error.strerror}"))
            return
        self.take_content(file)

    def take_content(self, file: FileToAdd) -> None:
        """Parse and split one file's content, and store when enough is waiting."""
        known = self.database.source(file.path)
        if known and known.sha256 == file.sha256:
            self.database.touch(file.path, len(file.data), file.modified_ns)
            self.report(FileReport(file.path, Outcome.UNCHANGED))
            return
        try:
            self.waiting.append(self.read(file, known))
        except PinciteError as error:
            self.report(FileReport(file.path, Outcome.FAILED, reason=str(error)))
        if sum(len(document.passages) for document in self.waiting) >= PASSAGES_IN_BATCH:
            self.store()

    def read(self, file: FileToAdd, known: Source | None) -> ReadDocument:
        parsed = parse(file.name, file.data)
        embedder = self.open_embedder()
        passages = split(parsed, embedder.max_tokens - TOKENS_FOR_CONTEXT, embedder.count_tokens)
        return ReadDocument(file, parsed, passages, Outcome.UPDATED if known else Outcome.ADDED)

    def store(self) -> None:
        """Embed what waits and store it in one transaction; only then is it reported as added."""
        if not self.waiting:
            return
        embedder = self.open_embedder()
        vectors = iter(embed(embedder, self.waiting))
        documents = [_new_document(document, [next(vectors) for _ in document.searchable]) for document in self.waiting]
        self.database.replace(documents, embedder.name)
        for document in self.waiting:
            self.report(FileReport(document.file.path, document.outcome, len(document.searchable)))
        self.waiting.clear()

    def report(self, report: FileReport) -> None:
        self.reports[report.source] = report
        self.tell(Path(report.source).name)

    def tell(self, current: str) -> None:
        if self.on_progress:
            passages = sum(report.passages for report in self.reports.values())
            self.on_progress(Progress(len(self.reports), self.files, passages, current))


def _new_document(document: ReadDocument, vectors: Sequence[Floats]) -> NewDocument:
    return NewDocument(
        path=document.file.path,
        sha256=document.file.sha256,
        format=format_of(document.file.name),
        parser_version=PARSER_VERSION,
        bytes=len(document.file.data),
        modified_ns=document.file.modified_ns,
        parsed=document.parsed,
        passages=document.passages,
        vectors=vectors,
    )


def embed(embedder: Embedder, documents: Sequence[ReadDocument]) -> list[Floats]:
    """Return the vectors of the documents' searchable passages, each with its title and headings before it."""
    texts, sentences = [], []
    for document in documents:
        for passage in document.searchable:
            text = passage.span.of(document.parsed.text)
            text, spans = with_context(
                document.parsed.title, passage.headings, text, passage.span, passage.sentences, embedder.count_tokens
            )
            texts.append(text)
            sentences.append(spans)
    return embedder.embed_passages(texts, sentences)
