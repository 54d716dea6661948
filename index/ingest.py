"""Files into a library: read, parse, split, embed, store. One bad file never stops the rest.

Files are read by other processes while this one embeds, a few ahead and no more, so that the memory taken does not
depend on their number. Documents are embedded together and stored a batch at a time, each batch in one transaction:
what was reported as added is on disk, and an interrupted run only needs to be started again.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.context import TOKENS_FOR_CONTEXT, with_context
from index.database import Database, NewDocument
from index.embedders import Embedder
from index.errors import PasswordNeeded, ReadError
from index.parse import PARSER_VERSION
from index.parse.reader import Reader
from index.split import split
from index.types import FileReport, Kind, Outcome, ParsedDocument, PassageDraft, Progress

if TYPE_CHECKING:
    from index.arrays import Floats

PASSAGES_IN_BATCH = 512
"""Enough to sort by length with little padding, few enough to lose little at a crash."""
FILES_AHEAD = 8
"""Files that are read, or wait to be embedded, while others are embedded."""

UPLOADS = "uploads"
"""The collection of what came without a path, if nobody chose another."""
DOCUMENTS = "documents"
"""The collection of a file that lies in no folder with a name."""

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class FileToAdd:
    """A file's content as it was read. `path` is what the library will know it by."""

    path: str
    name: str
    data: bytes
    modified_ns: int
    collection: str = ""


@dataclass(frozen=True, slots=True)
class FileRead:
    """What came of reading a file; its bytes are not kept."""

    path: str
    sha256: str
    bytes: int
    modified_ns: int
    parsed: ParsedDocument | None
    """None where the content is what the library has of it already, or where it cannot be read."""
    failure: str = ""
    needs_password: bool = False


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A parsed and split file that waits to be embedded."""

    file: FileRead
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


def collections_of(files: Sequence[Path], paths: Sequence[Path]) -> dict[str, str]:
    """Return the collection that each of `files` in `paths` belongs to if it is new, by its path.

    It is called as the folder among `paths` that holds the file, or else as the one it lies in.
    """
    named = {path.absolute(): path.resolve().name for path in paths}
    return {str(file): _collection(file, named) or DOCUMENTS for file in files}


def _collection(file: Path, named: Mapping[Path, str]) -> str:
    folder = next((folder for folder in file.parents if folder in named), None)
    return named[folder] if folder else file.parent.resolve().name


def _walk(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder) / name for name in names if not name.startswith("."))


def add_files(
    database: Database,
    open_embedder: Callable[[], Embedder],
    reader: Reader,
    files: Sequence[Path],
    collections: Mapping[str, str],
    on_progress: OnProgress | None = None,
    password: str = "",
) -> list[FileReport]:
    """Add files, or what changed in them, and return what became of each, in order.

    `collections` holds for each path the collection that it belongs to if it is new. `open_embedder` is called only
    where there is something to embed; `password` opens what is encrypted.
    Raises: LibraryError where the library cannot be written; what was stored before stays.
    """
    run = _Ingest(database, open_embedder, collections, on_progress)
    threads = ThreadPoolExecutor(FILES_AHEAD, thread_name_prefix="pincite-reading")
    ahead: deque[Future[FileRead]] = deque()
    try:
        for path in files:
            run.tell(path.name)
            if (known := run.to_read(path, reader.settings.max_file_mib)) is not None:
                ahead.append(threads.submit(_read_file, reader, path, known, password))
            while len(ahead) > FILES_AHEAD or (ahead and ahead[0].done()):
                run.take(ahead.popleft().result())
        while ahead:
            run.take(ahead.popleft().result())
        run.store()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return run.reports_in_order(files)


def add_content(
    database: Database, open_embedder: Callable[[], Embedder], reader: Reader, file: FileToAdd, password: str = ""
) -> FileReport:
    """Add one file whose content is at hand."""
    run = _Ingest(database, open_embedder, {file.path: file.collection}, None)
    run.take(_read_content(reader, file, run.known(file.path), password))
    run.store()
    return run.reports[file.path]


def _read_file(reader: Reader, path: Path, known: str, password: str) -> FileRead:
    """Read one file from the disk; `known` is the SHA-256 of what the library has of it."""
    try:
        modified_ns = path.stat().st_mtime_ns
        file = FileToAdd(str(path), path.name, path.read_bytes(), modified_ns)
    except OSError as error:
        return FileRead(str(path), "", 0, 0, None, f"{path.name} cannot be read: {error.strerror}")
    return _read_content(reader, file, known, password)


def _read_content(reader: Reader, file: FileToAdd, known: str, password: str) -> FileRead:
    sha256 = hashlib.sha256(file.data).hexdigest()
    parsed, failure, needs_password = None, "", False
    if sha256 != known:
        try:
            parsed = reader.read(file.name, file.data, password)
        except ReadError as error:
            failure, needs_password = str(error), isinstance(error, PasswordNeeded)
    return FileRead(file.path, sha256, len(file.data), file.modified_ns, parsed, failure, needs_password)


class _Ingest:
    """One run: the documents that wait to be stored, and the reports so far."""

    def __init__(
        self,
        database: Database,
        open_embedder: Callable[[], Embedder],
        collections: Mapping[str, str],
        on_progress: OnProgress | None,
    ) -> None:
        self.database = database
        self.open_embedder = open_embedder
        self.collections = collections
        self.files = len(collections)
        self.passages = 0
        self.on_progress = on_progress
        self.waiting: list[WaitingDocument] = []
        self.reports: dict[str, FileReport] = {}

    def reports_in_order(self, files: Sequence[Path]) -> list[FileReport]:
        return [self.reports[str(path)] for path in files]

    def known(self, path: str) -> str:
        """Return the SHA-256 of what the library has of a path, "" where it has nothing, or read it as it once did."""
        source = self.database.source(path)
        return source.sha256 if source and source.parser_version == PARSER_VERSION else ""

    def to_read(self, path: Path, max_mib: int) -> str | None:
        """Return what `known` says of a file that has to be read, None for one whose size and time are as they were."""
        try:
            stat = path.stat()
        except OSError as error:
            self.fail(str(path), f"{path.name} cannot be read: {error.strerror}")
            return None
        source, known = self.database.source(str(path)), self.known(str(path))
        if source and known and (source.bytes, source.modified_ns) == (stat.st_size, stat.st_mtime_ns):
            self.report(FileReport(str(path), Outcome.UNCHANGED))
            return None
        if stat.st_size > max_mib * 2**20:
            self.fail(str(path), f"{path.name} has {stat.st_size / 2**20:,.0f} MiB, more than {max_mib:,}: divide it")
            return None
        return known

    def take(self, file: FileRead) -> None:
        """Split a file that was read, and store when enough is waiting."""
        if file.failure:
            self.fail(file.path, file.failure, file.needs_password)
        elif file.parsed is None:
            self.database.touch(file.path, file.bytes, file.modified_ns)
            self.report(FileReport(file.path, Outcome.UNCHANGED))
        else:
            self.waiting.append(self.split(file, file.parsed))
        if sum(len(document.passages) for document in self.waiting) >= PASSAGES_IN_BATCH:
            self.store()

    def split(self, file: FileRead, parsed: ParsedDocument) -> WaitingDocument:
        embedder = self.open_embedder()
        passages = split(parsed, embedder.max_tokens - TOKENS_FOR_CONTEXT, embedder.count_tokens)
        outcome = Outcome.UPDATED if self.database.source(file.path) else Outcome.ADDED
        return WaitingDocument(file, parsed, passages, outcome)

    def store(self) -> None:
        """Embed what waits and store it in one transaction; only then is it reported as added."""
        if not self.waiting:
            return
        embedder = self.open_embedder()
        vectors = iter(embed(embedder, self.waiting))
        documents = [
            _new_document(document, self.collections[document.file.path], [next(vectors) for _ in document.searchable])
            for document in self.waiting
        ]
        self.database.replace(documents, embedder.name)
        for document in self.waiting:
            self.report(FileReport(document.file.path, document.outcome, len(document.searchable)))
        self.waiting.clear()

    def fail(self, path: str, reason: str, needs_password: bool = False) -> None:
        self.report(FileReport(path, Outcome.FAILED, reason=reason, needs_password=needs_password))

    def report(self, report: FileReport) -> None:
        self.reports[report.source] = report
        self.passages += report.passages
        self.tell(Path(report.source).name)

    def tell(self, current: str) -> None:
        if self.on_progress:
            self.on_progress(Progress(len(self.reports), self.files, self.passages, current))


def _new_document(document: WaitingDocument, collection: str, vectors: Sequence[Floats]) -> NewDocument:
    return NewDocument(
        path=document.file.path,
        collection=collection,
        sha256=document.file.sha256,
        parser_version=PARSER_VERSION,
        bytes=document.file.bytes,
        modified_ns=document.file.modified_ns,
        parsed=document.parsed,
        passages=document.passages,
        vectors=vectors,
    )


def embed(embedder: Embedder, documents: Sequence[WaitingDocument]) -> list[Floats]:
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
