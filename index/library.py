"""A library: a person's documents in one folder. Opens it, adds to it, searches it, reads from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePath
from types import TracebackType
from typing import TYPE_CHECKING, Self

from index.backup import export_library
from index.choices import Choices
from index.context import with_context
from index.conversations import Conversations, owners
from index.database import Database, Source
from index.embedders import MINILM, Embedder, embed_passages, open_embedder
from index.errors import CollectionError, LibraryError, NotInLibrary
from index.feedback import Feedback
from index.files import files_in, name_problem
from index.ingest import UPLOADS, OnProgress, add_content, add_files, collections_of
from index.originals import find_original, keep_original
from index.pages import PageDrawer
from index.parse.limits import READER_SETTINGS, ReaderSettings
from index.parse.pdf_page import DrawnPage
from index.parse.reader import Reader
from index.prepare import FileToAdd
from index.sync import hold_only, sync_folder
from index.types import (
    EVERYTHING,
    Collection,
    DocumentInfo,
    FileReport,
    Outcome,
    Passage,
    Scope,
    Span,
    Status,
)
from index.verify import (
    OnDocument,
    Problem,
    problems_of_database,
    problems_of_faiss,
    problems_of_milvus,
    problems_of_originals,
    problems_of_vectors,
)
from index.view import View

if TYPE_CHECKING:
    from index.dense import DenseIndex

PASSAGES_AT_ONCE = 512
VECTORS_FILE = "vectors.faiss"
SECONDS_BETWEEN_SAVES = 30.0
"""While uploads come one by one: the whole FAISS file is written each time; what it lacks is in the database."""
FAISS = "faiss"
BM25_THERE = "milvus+bm25:"
MOST_NAMED = 20
"""Names that an error lists, at most."""


class Library(View):
    """Documents, passages and their vectors in one folder. Thread-safe; a context manager.

    It searches and reads as a `View` of everything does.
    """

    def __init__(
        self,
        directory: Path,
        open_embedder: Callable[[], Embedder],
        embedder_name: str,
        reading: ReaderSettings = READER_SETTINGS,
        vectors: str = FAISS,
    ) -> None:
        """Use `Library.open`, or this to bring an embedder of your own; `open_embedder` is called when first needed."""
        self._vectors = vectors
        self.directory = directory
        self._reader = Reader(reading)
        self._pages = PageDrawer(reading)
        self._embedder_name = embedder_name
        self._open_embedder = open_embedder
        self._lock = threading.RLock()
        self._runs = 0
        self._saved_at = -SECONDS_BETWEEN_SAVES
        self._dense: DenseIndex | None = None
        self._embedder: Embedder | None = None
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"the library's folder {directory} cannot be made: {error.strerror}") from error
        database = Database(directory / "library.db")
        super().__init__(database, self._opened_embedder, self._dense_index, None, vectors.startswith(BM25_THERE))

    @classmethod
    def open(
        cls,
        directory: Path,
        embedder: str = MINILM,
        reading: ReaderSettings = READER_SETTINGS,
        vectors: str = FAISS,
    ) -> Self:
        """Open the library in a folder, or make one there. Loads no model. `reading` limits what a file may take.

        `vectors` says where they are searched: "faiss" in this process, "milvus:ADDRESS" there,
        "milvus+bm25:ADDRESS" there, and words by BM25 as well.
        Raises: LibraryError and its children.
        """
        return cls(directory, lambda: open_embedder(embedder), embedder, reading, vectors)

    def close(self) -> None:
        """Close the database, and end what runs beside: the processes that read files, and a merging of vectors."""
        self._reader.close()
        self._pages.close()
        if self._dense is not None:
            with suppress(LibraryError):  # it is made again from the database
                self._dense.save()
            self._dense.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Adding and removing

    def add(
        self, paths: Sequence[Path], on_progress: OnProgress | None = None, password: str = "", collection: str = ""
    ) -> tuple[FileReport, ...]:
        """Add files, and folders with all below, and return what became of each file.

        `password` opens those that are encrypted. All are put into `collection`; without one, a new file belongs to
        the collection that is called as its folder is, and one that is known stays where it is.
        Raises: ReadError for a path that does not exist; LibraryError where the library cannot be written.
        """
        collections = self.files_to_add(paths, collection)
        files = [Path(file) for file in collections]
        database, reader = self._database, self._reader
        with self._ingesting():
            reports = add_files(database, self._opened_embedder, reader, files, collections, on_progress, password)
        if collection:
            database.collect([str(file) for file in files if not name_problem(file)], collection)
        return tuple(reports)

    def files_to_add(self, paths: Sequence[Path], collection: str = "") -> dict[str, str]:
        """Return the files that `paths` stand for, each with the collection it belongs to if it is new.

        Raises: ReadError for a path that does not exist.
        """
        files = files_in(paths, without=self.directory)
        return dict.fromkeys(map(str, files), collection) if collection else collections_of(files, paths)

    def ingest(self, collections: Mapping[str, str], password: str = "") -> None:
        """Add files, named with their collections; the vectors' file is left as it is, see `save_vectors`."""
        files = [Path(file) for file in collections]
        add_files(self._database, self._opened_embedder, self._reader, files, collections, None, password)

    def save_vectors(self) -> None:
        """Bring the vectors' file, or Milvus, in line with what was ingested, so that no question waits for that."""
        self._dense_index().save(wait=True)

    def sync(self, folder: Path, on_progress: OnProgress | None = None, password: str = "") -> tuple[FileReport, ...]:
        """Bring the library in line with a folder, and return what became of each file: of those that are gone, too.

        What came from elsewhere stays. A file whose content was at another place in the folder is moved, without
        embedding it anew; one that could not be read is not tried again while it is as it was.
        Raises: ReadError where there is no such folder, or no file in it; LibraryError.
        """
        with self._ingesting():
            return tuple(
                sync_folder(self._database, self._opened_embedder, self._reader, folder, on_progress, password)
            )

    def hold_only(self, paths: Sequence[Path], on_progress: OnProgress | None = None) -> tuple[FileReport, ...]:
        """Make the library hold these files and folders and nothing else that came from a path; uploads stay.

        Raises: as `add`.
        """
        files = files_in(paths, without=self.directory)
        collections = collections_of(files, paths)
        with self._ingesting():
            return tuple(
                hold_only(self._database, self._opened_embedder, self._reader, files, collections, on_progress)
            )

    def add_upload(self, name: str, data: bytes, password: str = "", collection: str = "") -> FileReport:
        """Add a file that came without a path, known by its name; its original is kept in the library's folder.

        The name may be a relative path. The file is put into `collection`; without one, a new file is put into the
        collection that is called as the first folder of its path is, or else "uploads".
        """
        folder = name.partition("/")[0] if "/" in name else ""
        file = FileToAdd(name, PurePath(name).name, data, time.time_ns(), collection or folder or UPLOADS)
        with self._reading():
            report = add_content(self._database, self._opened_embedder, self._reader, file, password)
        if report.outcome is not Outcome.FAILED:
            keep_original(self.directory, data)
            self._save_vectors_now_and_then()
            if collection:
                self._database.collect([name], collection)
        return report

    def remove(self, document_id: int) -> None:
        """Remove a document from the library; the file it came from is left alone. Raises: NotInLibrary."""
        self._database.remove(document_id)
        self._save_vectors()

    # Collections

    def collections(self) -> tuple[Collection, ...]:
        """Return every collection, by name."""
        return self._database.collections()

    def members(self) -> dict[str, list[int]]:
        """Return the ids of each collection's documents, both in order."""
        return self._database.members()

    def rename_collection(self, name: str, new: str) -> None:
        """Give a collection another name. Raises: NotInLibrary, CollectionError where there is one of that name."""
        self._require("collection", [name], lambda: list(self.members()))
        if not new.strip():
            raise CollectionError("a collection needs a name: give it one")
        if new in self.members():
            raise CollectionError(f"there is a collection called {new} already: take another name")
        self._database.rename_collection(name, new)

    def remove_collection(self, name: str) -> None:
        """Remove a collection, and its documents where they are in no other. Raises: NotInLibrary."""
        self._require("collection", [name], lambda: list(self.members()))
        self._database.remove_collection(name)
        self._save_vectors()

    def within(self, scope: Scope) -> View:
        """Return what a scope allows of the library as it is now.

        Raises: NotInLibrary for a collection, document or format that is not there.
        """
        if scope == EVERYTHING:
            return self
        self._require("collection", scope.collections, lambda: list(self.members()))
        self._require("document", scope.documents, lambda: [own.id for own in self.documents()])
        self._require("type", scope.formats, lambda: [own.format for own in self.documents()])
        allowed = self._database.within(scope)
        return View(self._database, self._opened_embedder, self._dense_index, allowed, self._words_in_milvus)

    def _require(self, kind: str, names: Sequence[object], find: Callable[[], Sequence[object]]) -> None:
        """Raise NotInLibrary for a name that is not among those that `find` returns; it is called only if needed."""
        there = find() if names else ()
        missing = [name for name in names if name not in there]
        if missing:
            others = ", ".join(sorted({str(name) for name in there})[:MOST_NAMED])
            raise NotInLibrary(f"no {kind} is called {missing[0]}: there is {others or 'nothing yet'}")

    # Reading

    def conversations(self, owner: str = "") -> Conversations:
        """Return what is kept of the conversations of `owner`, "" where nobody logs in."""
        return Conversations(self._database, owner)

    def conversation_owners(self) -> tuple[str, ...]:
        """Return whose conversations are kept, in order; "" is nobody who logged in."""
        return owners(self._database)

    def feedback(self, owner: str = "") -> Feedback:
        """Return what `owner` said of the answers in their conversations."""
        return Feedback(self._database, owner)

    def choices(self) -> Choices:
        """Return what was chosen on the page of this library."""
        return Choices(self._database)

    def fingerprints(self, ids: Sequence[int]) -> dict[int, str]:
        """Return the SHA-256 of documents' files by id; those that are gone by now are left out."""
        return self._database.fingerprints(list(dict.fromkeys(ids)))

    def with_content(self, sha256: str) -> int | None:
        """Return the document whose file has this SHA-256, None where none has."""
        return self._database.with_content(sha256)

    def find(self, name: str, folder: Path | None = None) -> DocumentInfo:
        """Return the document with this number, path, file name or title; a path from `folder` on, or from here.

        Raises: NotInLibrary, also where several answer to the name.
        """
        documents = self.documents()
        for matches in _name_matches(documents, name, folder or Path.cwd()):
            if len(matches) == 1:
                return matches[0]
            if matches:
                numbers = ", ".join(str(document.id) for document in matches)
                raise NotInLibrary(f"several documents are called {name}: use one of their numbers, {numbers}")
        raise NotInLibrary(f"no document is called {name}: pincite status lists what is there")

    def original(self, document_id: int) -> bytes:
        """Return the file that a document was made from. Raises: NotInLibrary, also where it was moved or changed."""
        document = self.document(document_id)
        sources = [source for source in self._database.sources() if source.document_id == document_id]
        data = find_original(self.directory, sources[0].sha256, [source.path for source in sources])
        if data is None:
            raise NotInLibrary(f"the file of {document.info.source} was moved or has changed: add it again")
        return data

    def draw_page(self, document_id: int, number: int, spans: Sequence[Span] = ()) -> DrawnPage:
        """Return page `number`, counted from 1, of a PDF as it looks, with the boxes of stretches of its text.

        Raises: NotInLibrary, also where the file was moved or changed; PasswordNeeded, ReadError.
        """
        return self._pages.draw(self.document(document_id), number, spans, lambda: self.original(document_id))

    def sources(self) -> list[Source]:
        """Return every path that a document came from."""
        return self._database.sources()

    def count_sources(self) -> int:
        """Return the number of paths that documents came from."""
        return self._database.count_sources()

    def status(self) -> Status:
        """Return what the library holds, and where."""
        size = sum(file.stat().st_size for file in self.directory.rglob("*") if file.is_file())
        return Status(str(self.directory), len(self.documents()), self._database.count(), self._embedder_name, size)

    # Upkeep

    def verify(self, on_document: OnDocument | None = None) -> tuple[Problem, ...]:
        """Check everything that is stored, and return what is wrong; the embedder is loaded for it.

        Raises: LibraryError where the database is too damaged to be read.
        """
        return (
            *problems_of_database(self._database, on_document),
            *problems_of_vectors(self._database, self.embedder),
            *self._problems_of_store(),
            *problems_of_originals(self.directory),
        )

    def _problems_of_store(self) -> Sequence[Problem]:
        from index.dense import open_shared

        store = open_shared(self._vectors, self._database, self.embedder)
        if store is None:
            return tuple(problems_of_faiss(self._database, self.directory / VECTORS_FILE, self.embedder))
        with closing(store):
            return tuple(problems_of_milvus(self._database, store, self.embedder))

    def repair(self) -> None:
        """Make again what can be made from the passages: the words' index, vectors and their file."""
        self._database.rebuild_words()
        broken = [problem.passage_id for problem in problems_of_vectors(self._database, self.embedder)]
        self._database.remove_embeddings([id_ for id_ in broken if id_], self.embedder.name)
        with self._lock:
            self._dense_index().discard()
            self._dense = None
        self._save_vectors()

    def export(self, path: Path) -> None:
        """Write the library to one new file, which `index.backup.import_library` reads. Raises: BackupError."""
        export_library(self.directory, self._database, path)

    def warm(self) -> None:
        """Load the embedder and the vectors, so that the first question need not wait for them."""
        self.search_dense(self.embed_query("warm"), 1)

    def _opened_embedder(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = self._open_embedder()
            return self._embedder

    def _dense_index(self) -> DenseIndex:
        with self._lock:
            if self._dense is None:
                from index.dense import DenseIndex, open_shared

                self._embed_missing()
                path, shared = self.directory / VECTORS_FILE, open_shared(self._vectors, self._database, self.embedder)
                self._dense = DenseIndex(self._database, path, self.embedder, shared)
            return self._dense

    @contextmanager
    def _ingesting(self) -> Iterator[None]:
        """Write the vectors' file when a run ends, however it does; after the last, end the processes that read."""
        try:
            with self._reading():
                yield
        finally:
            with self._lock:
                if not self._runs:
                    self._reader.close()
            self._save_vectors(wait=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Keep the processes that read files from being ended by another run that is over sooner."""
        with self._lock:
            self._runs += 1
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1

    def _save_vectors(self, *, wait: bool = False) -> None:
        if self._embedder is not None:
            self._dense_index().save(wait=wait)

    def _save_vectors_now_and_then(self) -> None:
        """Save, unless that was done a moment ago: then a later upload does, or closing, or nothing needs to."""
        with self._lock:
            is_due = time.monotonic() - self._saved_at >= SECONDS_BETWEEN_SAVES
            self._saved_at = time.monotonic() if is_due else self._saved_at
        if is_due:
            self._save_vectors()

    def _embed_missing(self) -> None:
        """Embed what another embedder has embedded but this one has not."""
        if not self._database.lacks_embeddings(self.embedder.name):
            return
        while missing := self._database.not_embedded(self.embedder.name, PASSAGES_AT_ONCE):
            texts, sentences = zip(*(self._text_to_embed(passage) for passage in missing), strict=True)
            embedded = embed_passages(self.embedder, texts, sentences)
            self._database.add_embeddings([passage.id for passage in missing], embedded, self.embedder.name)

    def _text_to_embed(self, passage: Passage) -> tuple[str, list[Span]]:
        span, count_tokens = Span(passage.start, passage.end), self.embedder.count_tokens
        title, headings = passage.document.title, passage.headings
        return with_context(title, headings, passage.text, span, passage.sentences, count_tokens)


def _name_matches(documents: Sequence[DocumentInfo], name: str, folder: Path) -> list[list[DocumentInfo]]:
    """Return the documents that answer to a name, the surest way first: number, path, file name, title."""
    path = str(folder / name)
    return [
        [document for document in documents if str(document.id) == name],
        [document for document in documents if document.source in {name, path}],
        [document for document in documents if Path(document.source).name == name],
        [document for document in documents if document.title == name],
    ]
