"""Files into a library: read, parse, split, embed, store. One bad file never stops the rest.

Files are read by other processes while this one embeds, a few ahead and no more, so that the memory taken does not
depend on their number. Content that the library has already is not read again, whatever path it comes from.
Documents are embedded together and stored a batch at a time, each batch in one transaction:
what was reported as added is on disk, and an interrupted run only needs to be started again.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.context import TOKENS_FOR_CONTEXT, with_context
from index.database import Database, Failed, Link, NewDocument, Source
from index.duplicates import sketch
from index.embedders import Embedded, Embedder, embed_passages
from index.errors import EmptyDocument, LimitReached, PasswordNeeded, ReadError, ReadingStopped, UnsupportedFormat
from index.files import absolute, name_problem
from index.parse import PARSER_VERSION
from index.parse.reader import Reader
from index.split import split
from index.types import Failure, FileReport, Kind, Outcome, ParsedDocument, PassageDraft, Progress, Resemblance

PASSAGES_IN_BATCH = 512
"""Enough to sort by length with little padding, few enough to lose little at a crash."""
FILES_AHEAD = 8
"""Files that are read, or wait to be embedded, while others are embedded."""

LINKS_IN_BATCH = 512
"""Files that are only noted, since their content is in the library: one transaction for so many."""
JUST_CHANGED_NS = 2_000_000_000
"""A file may change again within the coarsest tick of a file system's clock (FAT: two seconds) and keep its time."""
FAILURES = {
    EmptyDocument: Failure.EMPTY,
    UnsupportedFormat: Failure.UNSUPPORTED,
    PasswordNeeded: Failure.PASSWORD,
    LimitReached: Failure.LIMIT,
    ReadingStopped: Failure.UNREADABLE,
}
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
    parsed: ParsedDocument | None = None
    document_id: int | None = None
    """The document that the library has of this content already; nothing was parsed then."""
    failure: Failure | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A parsed and split file that waits to be embedded."""

    file: FileRead
    parsed: ParsedDocument
    passages: tuple[PassageDraft, ...]
    outcome: Outcome
    moved_from: str = ""

    @property
    def searchable(self) -> list[PassageDraft]:
        """The passages that are embedded: all but the headings."""
        return [passage for passage in self.passages if passage.kind is not Kind.HEADING]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files of a run are read. Thread-safe."""

    database: Database
    reader: Reader
    password: str = ""

    @property
    def name(self) -> str:
        """What can change how the same bytes come out; how many are read at once cannot."""
        return f"{PARSER_VERSION} {replace(self.reader.settings, workers=1)}"

    def file(self, path: Path) -> FileRead:
        """Read a file from the disk."""
        try:
            modified_ns = path.stat().st_mtime_ns
            file = FileToAdd(str(path), path.name, path.read_bytes(), modified_ns)
        except OSError as error:
            reason = f"{path.name} cannot be read: {error.strerror}"
            return FileRead(str(path), "", 0, 0, failure=Failure.UNREADABLE, reason=reason)
        return self.content(file)

    def content(self, file: FileToAdd) -> FileRead:
        """Read a file whose content is at hand, unless the library has it."""
        sha256 = hashlib.sha256(file.data).hexdigest()
        read = FileRead(file.path, sha256, _bytes_to_note(len(file.data), file.modified_ns), file.modified_ns)
        if document_id := self.database.document_with(sha256, file.path, PARSER_VERSION):
            return replace(read, document_id=document_id)
        try:
            return replace(read, parsed=self.reader.read(file.name, file.data, self.password))
        except ReadError as error:
            return replace(read, failure=FAILURES.get(type(error), Failure.DAMAGED), reason=str(error))


def _bytes_to_note(size: int, modified_ns: int) -> int:
    """Return a file's size, or -1 while it may change without another time: it is then looked at again."""
    return -1 if 0 <= time.time_ns() - modified_ns < JUST_CHANGED_NS else size


def collections_of(files: Sequence[Path], paths: Sequence[Path]) -> dict[str, str]:
    """Return the collection that each of `files` in `paths` belongs to if it is new, by its path.

    It is called as the folder among `paths` that holds the file, or else as the one it lies in.
    """
    named = {absolute(path): path.resolve().name for path in paths}
    return {str(file): _collection(file, named) or DOCUMENTS for file in files}


def _collection(file: Path, named: Mapping[Path, str]) -> str:
    folder = next((folder for folder in file.parents if folder in named), None)
    return named[folder] if folder else file.parent.resolve().name


def add_files(
    database: Database,
    open_embedder: Callable[[], Embedder],
    reader: Reader,
    files: Sequence[Path],
    collections: Mapping[str, str],
    on_progress: OnProgress | None = None,
    password: str = "",
    gone: Iterable[Source] = (),
    retry: bool = True,
) -> list[FileReport]:
    """Add files, or what changed in them, and return what became of each, in order.

    `collections` holds for each path the collection that it belongs to if it is new. `open_embedder` is called only
    where there is something to embed; `password` opens what is encrypted. A file with the content of one that is `gone`
    counts as moved. Without `retry`, a file that could not be read is left alone while it is as it was.
    Raises: LibraryError where the library cannot be written; what was stored before stays.
    """
    reading = Reading(database, reader, password)
    run = _Ingest(reading, open_embedder, collections, on_progress, _by_content(gone), retry)
    _read_all(run, files)
    while repeated := run.take_repeated():
        _read_all(run, [Path(path) for path in repeated])
    return [run.reports[str(path)] for path in files]


def add_content(
    database: Database, open_embedder: Callable[[], Embedder], reader: Reader, file: FileToAdd, password: str = ""
) -> FileReport:
    """Add one file whose content is at hand."""
    reading = Reading(database, reader, password)
    run = _Ingest(reading, open_embedder, {file.path: file.collection})
    while not run.reports:
        run.take(reading.content(file))
        run.store()
    return run.reports[file.path]


def _by_content(gone: Iterable[Source]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for source in gone:
        paths.setdefault(source.sha256, []).append(source.path)
    return paths


def _read_all(run: _Ingest, files: Sequence[Path]) -> None:
    """Read files in threads, a few ahead of the one whose turn it is, and store them."""
    threads = ThreadPoolExecutor(FILES_AHEAD, thread_name_prefix="pincite-reading")
    ahead: deque[Future[FileRead]] = deque()
    try:
        for path in files:
            run.tell(str(path))
            if run.has_to_be_read(path):
                ahead.append(threads.submit(run.reading.file, path))
            while len(ahead) > FILES_AHEAD or (ahead and ahead[0].done()):
                run.take(ahead.popleft().result())
        while ahead:
            run.take(ahead.popleft().result())
        run.store()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class _Ingest:
    """One run: the documents that wait to be stored, and the reports so far."""

    reading: Reading
    open_embedder: Callable[[], Embedder]
    collections: Mapping[str, str]
    """Of each file, by its path, if it is new."""
    on_progress: OnProgress | None = None
    gone: dict[str, list[str]] = field(default_factory=dict)
    """Paths that lead nowhere any more, by the SHA-256 of what was there."""
    retry: bool = True
    passages: int = 0
    waiting: list[WaitingDocument] = field(default_factory=list)
    links: list[tuple[Link, Outcome]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    reports: dict[str, FileReport] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The library's database."""
        return self.reading.database

    def has_to_be_read(self, path: Path) -> bool:
        """Tell whether a file has to be read; where its size and time say that it has not, it is reported."""
        if problem := name_problem(path):
            self.fail(str(path), Failure.UNREADABLE, problem)
            return False
        try:
            stat = path.stat()
        except OSError as error:
            self.fail(str(path), Failure.UNREADABLE, f"{path.name} cannot be read: {error.strerror}")
            return False
        return self.differs(path, stat)

    def differs(self, path: Path, stat: os.stat_result) -> bool:
        """Tell whether a file is not as it was when it was stored, or noted as a failure, and may be read."""
        source, as_it_is = self.database.source(str(path)), (stat.st_size, stat.st_mtime_ns)
        if source and source.parser_version == PARSER_VERSION and (source.bytes, source.modified_ns) == as_it_is:
            self.report(FileReport(str(path), Outcome.UNCHANGED))
            return False
        if failed := self.known_failure(path, as_it_is):
            self.fail(failed.path, failed.failure, failed.reason)
            return False
        max_mib = self.reading.reader.settings.max_file_mib
        if stat.st_size > max_mib * 2**20:
            reason = f"{path.name} has {stat.st_size / 2**20:,.0f} MiB, more than {max_mib:,}: divide it"
            self.fail(str(path), Failure.LIMIT, reason)
            return False
        return True

    def known_failure(self, path: Path, as_it_is: tuple[int, int]) -> Failed | None:
        """Return why a file could not be read before, if it would be read in the same way and is as it was."""
        failed = None if self.retry else self.database.failure(str(path))
        if failed and (failed.bytes, failed.modified_ns, failed.reading) == (*as_it_is, self.reading.name):
            return failed
        return None

    def take(self, file: FileRead) -> None:
        """Split a file that was read, and store when enough is waiting."""
        if file.failure:
            self.note_failure(file, file.failure)
        elif file.document_id:
            self.link(file, file.document_id)
        elif file.parsed:
            self.waiting.append(self.split(file, file.parsed))
        enough = sum(len(document.passages) for document in self.waiting) >= PASSAGES_IN_BATCH
        if enough or len(self.links) >= LINKS_IN_BATCH:
            self.store()

    def link(self, file: FileRead, document_id: int) -> None:
        """Have a file whose content the library has wait to be noted, unless nothing about it is new."""
        source = self.database.source(file.path)
        if source is None or source.document_id != document_id:
            outcome, moved_from = self.outcome(file)
        elif (source.bytes, source.modified_ns) != (file.bytes, file.modified_ns):
            outcome, moved_from = Outcome.UNCHANGED, ""
        else:
            self.report(FileReport(file.path, Outcome.UNCHANGED))
            return
        collection = self.collections[file.path]
        link = Link(file.path, file.bytes, file.modified_ns, collection, document_id, moved_from)
        self.links.append((link, outcome))

    def split(self, file: FileRead, parsed: ParsedDocument) -> WaitingDocument:
        embedder = self.open_embedder()
        passages = split(parsed, embedder.max_tokens - TOKENS_FOR_CONTEXT, embedder.count_tokens)
        return WaitingDocument(file, parsed, passages, *self.outcome(file))

    def outcome(self, file: FileRead) -> tuple[Outcome, str]:
        """Return what is becoming of a file that is not as it was, and the path it was moved from, "" for none."""
        if paths := self.gone.get(file.sha256):
            return Outcome.MOVED, paths.pop(0)
        return Outcome.UPDATED if self.database.source(file.path) else Outcome.ADDED, ""

    def store(self) -> None:
        """Embed what waits and store it in one transaction; only then is it reported as added."""
        self.store_links()
        if not self.waiting:
            return
        embedder = self.open_embedder()
        embedded = iter(embed(embedder, self.waiting))
        documents = [
            _new_document(document, self.collections[document.file.path], [next(embedded) for _ in document.searchable])
            for document in self.waiting
        ]
        self.database.replace(documents, embedder.name)
        self.report(
            *(
                FileReport(
                    document.file.path, document.outcome, len(document.searchable), moved_from=document.moved_from
                )
                for document in self.waiting
            )
        )
        self.waiting.clear()

    def store_links(self) -> None:
        """Note the files whose content is in the library; where it was removed meanwhile, they are read once more."""
        if not self.links:
            return
        lost = set(self.database.link([link for link, _ in self.links]))
        self.repeated += [link.path for link, _ in self.links if link in lost]
        self.report(
            *(
                FileReport(link.path, outcome, moved_from=link.moved_from)
                for link, outcome in self.links
                if link not in lost
            )
        )
        self.links.clear()

    def resembled(self, report: FileReport) -> Resemblance | None:
        return self.database.resembled(report.source) if report.outcome in (Outcome.ADDED, Outcome.UPDATED) else None

    def take_repeated(self) -> list[str]:
        """Return the paths of the files that have to be read once more, and forget them."""
        repeated, self.repeated = self.repeated, []
        return repeated

    def note_failure(self, file: FileRead, failure: Failure) -> None:
        """Report a file that cannot be read, and note it where it would come out the same the next time."""
        reading = self.reading
        depends_on_tesseract = failure is Failure.DAMAGED and reading.reader.settings.ocr_languages
        is_uncertain = failure is Failure.UNREADABLE or depends_on_tesseract or reading.password
        if Path(file.path).is_absolute() and not is_uncertain:
            failed = Failed(file.path, file.bytes, file.modified_ns, reading.name, failure, file.reason)
            self.database.note_failure(failed)
        self.fail(file.path, failure, file.reason)

    def fail(self, path: str, failure: Failure, reason: str) -> None:
        needs_password = failure is Failure.PASSWORD
        self.report(FileReport(path, Outcome.FAILED, reason=reason, needs_password=needs_password, failure=failure))

    def report(self, *reports: FileReport) -> None:
        """Note what became of files, all at once: a run that is stopped now has done these, and says so."""
        self.reports |= {report.source: report for report in reports}
        self.passages += sum(report.passages for report in reports)
        for report in reports[-1:]:
            self.tell(report.source)
        self.reports |= {report.source: replace(report, resembles=self.resembled(report)) for report in reports}

    def tell(self, current: str) -> None:
        """Tell how far the run has come; `current` is the path of the file that is looked at or done."""
        if self.on_progress:
            self.on_progress(Progress(len(self.reports), len(self.collections), self.passages, Path(current).name))


def _new_document(document: WaitingDocument, collection: str, embedded: Sequence[Embedded]) -> NewDocument:
    return NewDocument(
        path=document.file.path,
        collection=collection,
        sha256=document.file.sha256,
        parser_version=PARSER_VERSION,
        bytes=document.file.bytes,
        modified_ns=document.file.modified_ns,
        parsed=document.parsed,
        passages=document.passages,
        embedded=embedded,
        sketch=sketch(document.parsed.text),
    )


def embed(embedder: Embedder, documents: Sequence[WaitingDocument]) -> list[Embedded]:
    """Embed the documents' searchable passages, each with its title and headings before it."""
    texts, sentences = [], []
    for document in documents:
        for passage in document.searchable:
            text = passage.span.of(document.parsed.text)
            text, spans = with_context(
                document.parsed.title, passage.headings, text, passage.span, passage.sentences, embedder.count_tokens
            )
            texts.append(text)
            sentences.append(spans)
    return embed_passages(embedder, texts, sentences)
