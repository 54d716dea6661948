"""Files into a library: prepared, embedded, stored. One bad file never stops the rest.

Three things go on at once: threads prepare the next files, a few ahead and no more, so that the memory taken does not
depend on their number; this thread embeds a batch; another thread writes the one before it, in one transaction.
Content that the library has already is not read again, whatever path it comes from. What was reported as added is on
disk, and an interrupted run only needs to be started again.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.database import Database, Failed, Link, NewDocument, Source
from index.embedders import Embedded, Embedder, embed_passages
from index.errors import LibraryError
from index.files import absolute, name_problem
from index.parse import PARSER_VERSION
from index.parse.reader import Reader
from index.prepare import FileRead, FileToAdd, Prepared, Preparing
from index.types import Failure, FileReport, Outcome, Progress

PASSAGES_IN_BATCH = 128
"""Few enough that progress is seen and that little is lost at a crash."""
PASSAGES_AT_LEAST = 16
"""A batch where more would have to be waited for: enough that all cores have some."""
FILES_AHEAD = 8
"""Files that are prepared, or wait to be embedded, while others are embedded: so many however large they are."""
SMALL_FILES_AHEAD, BYTES_AHEAD = 256, 2**21
"""And so many where they are small, of so many bytes together: a batch of them should be ready when one is done."""
LINKS_IN_BATCH = 512
"""Files that are only noted, since their content is in the library: one transaction for so many."""
UPLOADS = "uploads"
"""The collection of what came without a path, if nobody chose another."""
DOCUMENTS = "documents"
"""The collection of a file that lies in no folder with a name."""

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A prepared file that waits to be embedded, or written."""

    file: FileRead
    prepared: Prepared
    outcome: Outcome
    moved_from: str = ""

    @property
    def report(self) -> FileReport:
        """What became of it, once it is written."""
        return FileReport(self.file.path, self.outcome, len(self.prepared.texts), moved_from=self.moved_from)


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
    preparing = Preparing(database, reader, open_embedder, password)
    with _run(preparing, collections, on_progress, _by_content(gone), retry) as run:
        _take_all(run, files)
        while repeated := run.take_repeated():
            _take_all(run, [Path(path) for path in repeated])
    return [run.reports[str(path)] for path in files]


def add_content(
    database: Database, open_embedder: Callable[[], Embedder], reader: Reader, file: FileToAdd, password: str = ""
) -> FileReport:
    """Add one file whose content is at hand."""
    preparing = Preparing(database, reader, open_embedder, password)
    with _run(preparing, {file.path: file.collection}) as run:
        while not run.reports:
            run.take(preparing.content(file))
            run.finish()
    return run.reports[file.path]


def _by_content(gone: Iterable[Source]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for source in gone:
        paths.setdefault(source.sha256, []).append(source.path)
    return paths


def _take_all(run: _Ingest, files: Sequence[Path]) -> None:
    """Prepare files in threads, a few ahead of the one whose turn it is, and store them."""
    threads = ThreadPoolExecutor(FILES_AHEAD, thread_name_prefix="pincite-preparing")
    ahead = _Ahead()
    try:
        for path in files:
            run.tell(str(path))
            if (size := run.bytes_to_read(path)) is not None:
                ahead.add(threads.submit(run.preparing.file, path), size)
            while ahead.is_far() or ahead.is_ready():
                _take_next(run, ahead)
        while ahead.files:
            _take_next(run, ahead)
        run.finish()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _take_next(run: _Ingest, ahead: _Ahead) -> None:
    """Take the file whose turn it is; what waits is embedded while it is being prepared."""
    if not ahead.is_ready() and run.passages_waiting() >= PASSAGES_AT_LEAST:
        run.store()
    run.take(ahead.next())


class _Ahead:
    """The files that are being prepared, or wait for their turn, with their sizes."""

    def __init__(self) -> None:
        self.files: deque[tuple[Future[FileRead], int]] = deque()
        self._bytes = 0

    def add(self, file: Future[FileRead], size: int) -> None:
        self.files.append((file, size))
        self._bytes += size

    def is_far(self) -> bool:
        """Tell whether no more should be prepared before one had its turn."""
        small = len(self.files) <= SMALL_FILES_AHEAD and self._bytes <= BYTES_AHEAD
        return len(self.files) > FILES_AHEAD and not small

    def is_ready(self) -> bool:
        """Tell whether the one whose turn it is need not be waited for."""
        return bool(self.files) and self.files[0][0].done()

    def next(self) -> FileRead:
        """Wait for the one whose turn it is, and return it."""
        file, size = self.files.popleft()
        self._bytes -= size
        return file.result()


@contextmanager
def _run(
    preparing: Preparing,
    collections: Mapping[str, str],
    on_progress: OnProgress | None = None,
    gone: Mapping[str, list[str]] | None = None,
    retry: bool = True,
) -> Iterator[_Ingest]:
    """Begin a run; what it is writing when it is left, or stopped, is written to the end and reported."""
    with ThreadPoolExecutor(1, "pincite-writing") as writer:
        run = _Ingest(preparing, writer, collections, on_progress, gone or {}, retry)
        try:
            yield run
        except BaseException:
            with suppress(LibraryError):
                run.wait_until_written()
            raise


@dataclass(slots=True)
class _Ingest:
    """One run: the documents that wait to be embedded, those that are being written, and the reports so far."""

    preparing: Preparing
    writer: ThreadPoolExecutor
    """Of one thread."""
    collections: Mapping[str, str]
    """Of each file, by its path, if it is new."""
    on_progress: OnProgress | None = None
    gone: Mapping[str, list[str]] = field(default_factory=dict)
    """Paths that lead nowhere any more, by the SHA-256 of what was there."""
    retry: bool = True
    passages: int = 0
    waiting: list[WaitingDocument] = field(default_factory=list)
    writing: Future[list[FileReport]] | None = None
    """The batch before, done when it is on disk."""
    links: list[tuple[Link, Outcome]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    reports: dict[str, FileReport] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The library's database."""
        return self.preparing.database

    def bytes_to_read(self, path: Path) -> int | None:
        """Return the size of a file that has to be read; where it has not, it is reported, and None returned."""
        if problem := name_problem(path):
            self.fail(str(path), Failure.UNREADABLE, problem)
            return None
        try:
            stat = path.stat()
        except OSError as error:
            self.fail(str(path), Failure.UNREADABLE, f"{path.name} cannot be read: {error.strerror}")
            return None
        return stat.st_size if self.differs(path, stat) else None

    def differs(self, path: Path, stat: os.stat_result) -> bool:
        """Tell whether a file is not as it was when it was stored, or noted as a failure, and may be read."""
        source, as_it_is = self.database.source(str(path)), (stat.st_size, stat.st_mtime_ns)
        if source and source.parser_version == PARSER_VERSION and (source.bytes, source.modified_ns) == as_it_is:
            self.report(FileReport(str(path), Outcome.UNCHANGED))
            return False
        if failed := self.known_failure(path, as_it_is):
            self.fail(failed.path, failed.failure, failed.reason)
            return False
        max_mib = self.preparing.reader.settings.max_file_mib
        if stat.st_size > max_mib * 2**20:
            reason = f"{path.name} has {stat.st_size / 2**20:,.0f} MiB, more than {max_mib:,}: divide it"
            self.fail(str(path), Failure.LIMIT, reason)
            return False
        return True

    def known_failure(self, path: Path, as_it_is: tuple[int, int]) -> Failed | None:
        """Return why a file could not be read before, if it would be read in the same way and is as it was."""
        failed = None if self.retry else self.database.failure(str(path))
        if failed and (failed.bytes, failed.modified_ns, failed.reading) == (*as_it_is, self.preparing.name):
            return failed
        return None

    def take(self, file: FileRead) -> None:
        """Have a prepared file wait, and store when enough is waiting."""
        if file.failure:
            self.note_failure(file, file.failure)
        elif file.document_id:
            self.link(file, file.document_id)
        elif file.prepared:
            self.waiting.append(WaitingDocument(file, file.prepared, *self.outcome(file)))
        if self.passages_waiting() >= PASSAGES_IN_BATCH or len(self.links) >= LINKS_IN_BATCH:
            self.store()

    def passages_waiting(self) -> int:
        return sum(len(document.prepared.texts) for document in self.waiting)

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

    def outcome(self, file: FileRead) -> tuple[Outcome, str]:
        """Return what is becoming of a file that is not as it was, and the path it was moved from, "" for none."""
        if paths := self.gone.get(file.sha256):
            return Outcome.MOVED, paths.pop(0)
        return Outcome.UPDATED if self.database.source(file.path) else Outcome.ADDED, ""

    def store(self) -> None:
        """Embed what waits, and have it written while the next is embedded; only then is it reported as added."""
        self.store_links()
        if not self.waiting:
            return
        embedder = self.preparing.open_embedder()
        documents = [
            _new_document(document, self.collections[document.file.path], embedded)
            for document, embedded in zip(self.waiting, embed(embedder, self.waiting), strict=True)
        ]
        self.wait_until_written()
        reports = [document.report for document in self.waiting]
        self.waiting = []
        self.writing = self.writer.submit(self.write, documents, embedder.name, reports)

    def write(self, documents: Sequence[NewDocument], embedder: str, reports: Iterable[FileReport]) -> list[FileReport]:
        """Write embedded documents, and complete their reports."""
        self.database.replace(documents, embedder)
        return [self.compared(report) for report in reports]

    def wait_until_written(self) -> None:
        """Wait for what is being written, and report it as added. Raises: LibraryError."""
        if self.writing:
            self.note(self.writing.result())
            self.writing = None

    def finish(self) -> None:
        """Store all that waits, and wait for it."""
        self.store()
        self.wait_until_written()

    def store_links(self) -> None:
        """Note the files whose content is in the library; where it was removed meanwhile, they are read once more."""
        if not self.links:
            return
        self.wait_until_written()  # SQLite has one writer at a time, and a long document may keep it for long
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

    def take_repeated(self) -> list[str]:
        """Return the paths of the files that have to be read once more, and forget them."""
        repeated, self.repeated = self.repeated, []
        return repeated

    def note_failure(self, file: FileRead, failure: Failure) -> None:
        """Report a file that cannot be read, and note it where it would come out the same the next time."""
        preparing = self.preparing
        depends_on_tesseract = failure is Failure.DAMAGED and preparing.reader.settings.ocr_languages
        is_uncertain = failure is Failure.UNREADABLE or depends_on_tesseract or preparing.password
        if Path(file.path).is_absolute() and not is_uncertain:
            failed = Failed(file.path, file.bytes, file.modified_ns, preparing.name, failure, file.reason)
            self.wait_until_written()
            self.database.note_failure(failed)
        self.fail(file.path, failure, file.reason)

    def fail(self, path: str, failure: Failure, reason: str) -> None:
        needs_password = failure is Failure.PASSWORD
        self.report(FileReport(path, Outcome.FAILED, reason=reason, needs_password=needs_password, failure=failure))

    def report(self, *reports: FileReport) -> None:
        """Note what became of files, and then what they resemble: a run that is stopped meanwhile has told of all."""
        self.note(reports)
        self.reports |= {report.source: self.compared(report) for report in reports}

    def note(self, reports: Sequence[FileReport]) -> None:
        """Note what became of files, all at once: a run that is stopped now has done these, and says so."""
        self.reports |= {report.source: report for report in reports}
        self.passages += sum(report.passages for report in reports)
        for report in reports[-1:]:
            self.tell(report.source)

    def compared(self, report: FileReport) -> FileReport:
        """Return the report with the earlier document that what was added resembles."""
        if report.outcome not in (Outcome.ADDED, Outcome.UPDATED):
            return report
        return replace(report, resembles=self.database.resembled(report.source))

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
        parsed=document.prepared.parsed,
        passages=document.prepared.passages,
        embedded=embedded,
        sketch=document.prepared.sketch,
    )


def embed(embedder: Embedder, documents: Sequence[WaitingDocument]) -> list[list[Embedded]]:
    """Embed the documents' passages, all together; return what came of those of each document."""
    texts = [text for document in documents for text in document.prepared.texts]
    sentences = [spans for document in documents for spans in document.prepared.sentences]
    embedded = iter(embed_passages(embedder, texts, sentences))
    return [[next(embedded) for _ in document.prepared.texts] for document in documents]
