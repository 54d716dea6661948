"""A library: a person's documents in one folder. Opens it, adds to it, searches it, reads from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from index.backup import export_library
from index.context import with_context
from index.database import Database
from index.embedders import MINILM, Embedder, open_embedder
from index.errors import LibraryError, NotInLibrary
from index.files import files_in
from index.ingest import FileToAdd, OnProgress, add_content, add_files
from index.lexical import forms_of, match_any, match_phrase
from index.originals import find_original, keep_original
from index.parse.limits import READER_SETTINGS, ReaderSettings
from index.parse.reader import Reader
from index.sync import hold_only, sync_folder
from index.types import (
    Document,
    DocumentInfo,
    FileReport,
    Outcome,
    Passage,
    PassageTerms,
    ScoredPassage,
    Span,
    Status,
)
from index.verify import (
    OnDocument,
    Problem,
    problems_of_database,
    problems_of_faiss,
    problems_of_originals,
    problems_of_vectors,
)

if TYPE_CHECKING:
    from index.arrays import Floats
    from index.dense import DenseIndex

PASSAGES_AT_ONCE = 512
VECTORS_FILE = "vectors.faiss"


class Library:
    """Documents, passages and their vectors in one folder. Thread-safe; a context manager."""

    def __init__(
        self,
        directory: Path,
        open_embedder: Callable[[], Embedder],
        embedder_name: str,
        reading: ReaderSettings = READER_SETTINGS,
    ) -> None:
        """Use `Library.open`, or this to bring an embedder of your own; `open_embedder` is called when first needed."""
        self.directory = directory
        self._reader = Reader(reading)
        self._embedder_name = embedder_name
        self._open_embedder = open_embedder
        self._lock = threading.RLock()
        self._runs = 0
        self._dense: DenseIndex | None = None
        self._embedder: Embedder | None = None
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"the library's folder {directory} cannot be made: {error.strerror}") from error
        self._database = Database(directory / "library.db")

    @classmethod
    def open(cls, directory: Path, embedder: str = MINILM, reading: ReaderSettings = READER_SETTINGS) -> Self:
        """Open the library in a folder, or make one there. Loads no model. `reading` limits what a file may take.

        Raises: LibraryError and its children.
        """
        return cls(directory, lambda: open_embedder(embedder), embedder, reading)

    def close(self) -> None:
        """Close the database, and end the processes that read files."""
        self._reader.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Adding and removing

    def add(
        self, paths: Sequence[Path], on_progress: OnProgress | None = None, password: str = ""
    ) -> tuple[FileReport, ...]:
        """Add files, and folders with all below, and return what became of each file.

        `password` opens those that are encrypted.
        Raises: ReadError for a path that does not exist; LibraryError where the library cannot be written.
        """
        files = files_in(paths)
        with self._ingesting():
            return tuple(add_files(self._database, self._opened_embedder, self._reader, files, on_progress, password))

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
        files = files_in(paths)
        with self._ingesting():
            return tuple(hold_only(self._database, self._opened_embedder, self._reader, files, on_progress))

    def add_upload(self, name: str, data: bytes, password: str = "") -> FileReport:
        """Add a file that came without a path, known by its name; its original is kept in the library's folder."""
        file = FileToAdd(name, name, data, modified_ns=0)
        with self._reading():
            report = add_content(self._database, self._opened_embedder, self._reader, file, password)
        if report.outcome is not Outcome.FAILED:
            keep_original(self.directory, data)
            self._save_vectors()
        return report

    def remove(self, document_id: int) -> None:
        """Remove a document from the library; the file it came from is left alone. Raises: NotInLibrary."""
        self._database.remove(document_id)
        self._save_vectors()

    # Reading

    def find(self, name: str) -> DocumentInfo:
        """Return the document with this number, path, file name or title.

        Raises: NotInLibrary, also where several answer to the name.
        """
        documents = self.documents()
        for matches in _name_matches(documents, name):
            if len(matches) == 1:
                return matches[0]
            if matches:
                numbers = ", ".join(str(document.id) for document in matches)
                raise NotInLibrary(f"several documents are called {name}: use one of their numbers, {numbers}")
        raise NotInLibrary(f"no document is called {name}: pincite status lists what is there")

    def documents(self) -> tuple[DocumentInfo, ...]:
        """Return every document, in the order they were added."""
        return self._database.documents()

    def document(self, document_id: int) -> Document:
        """Return a document with its text. Raises: NotInLibrary."""
        return self._database.document(document_id)

    def original(self, document_id: int) -> bytes:
        """Return the file that a document was made from. Raises: NotInLibrary, also where it was moved or changed."""
        document = self.document(document_id)
        sources = [source for source in self._database.sources() if source.document_id == document_id]
        data = find_original(self.directory, sources[0].sha256, [source.path for source in sources])
        if data is None:
            raise NotInLibrary(f"the file of {document.info.source} was moved or has changed: add it again")
        return data

    def document_passages(self, document_id: int) -> tuple[Passage, ...]:
        """Return a document's passages and headings, in order."""
        return self._database.document_passages(document_id)

    def passages(self, ids: Sequence[int]) -> tuple[Passage, ...]:
        """Return passages by id, in the order of `ids`; those that are gone by now are left out."""
        return self._database.passages(ids)

    def status(self) -> Status:
        """Return what the library holds, and where."""
        size = sum(file.stat().st_size for file in self.directory.rglob("*") if file.is_file())
        return Status(str(self.directory), len(self.documents()), self._database.count(), self._embedder_name, size)

    # Upkeep

    def verify(self, on_document: OnDocument | None = None) -> tuple[Problem, ...]:
        """Check everything that is stored, and return what is wrong; the embedder is loaded for it.

        Raises: LibraryError where the database is too damaged to be read.
        """
        path = self.directory / VECTORS_FILE
        return (
            *problems_of_database(self._database, on_document),
            *problems_of_vectors(self._database, self.embedder),
            *problems_of_faiss(self._database, path, self.embedder),
            *problems_of_originals(self.directory),
        )

    def repair(self) -> None:
        """Make again what can be made from the passages: the words' index, vectors and the FAISS file."""
        self._database.rebuild_words()
        broken = [problem.passage_id for problem in problems_of_vectors(self._database, self.embedder)]
        self._database.remove_embeddings([id_ for id_ in broken if id_], self.embedder.name)
        with self._lock:
            self._dense = None
            (self.directory / VECTORS_FILE).unlink(missing_ok=True)
        self._save_vectors()

    def export(self, path: Path) -> None:
        """Write the library to one new file, which `index.backup.import_library` reads. Raises: BackupError."""
        export_library(self.directory, self._database, path)

    # Searching

    def search_lexical(self, words: Sequence[str], limit: int) -> list[ScoredPassage]:
        """Return the passages that hold any of the words (`index.analyse.words`), best first, scored by BM25."""
        return self.search_phrases([[word] for word in words], limit)

    def search_phrases(self, phrases: Sequence[Sequence[str]], limit: int) -> list[ScoredPassage]:
        """Return the passages that hold the words of any phrase in a row, best first, scored by BM25."""
        languages = self._database.languages()
        matches = [match_phrase(phrase, languages) for phrase in phrases]
        return self._database.search(match_any(matches), limit) if matches else []

    def passages_with(self, words: Sequence[str]) -> list[int]:
        """Return, for each word, the number of passages that hold it."""
        languages = self._database.languages()
        return self._database.passages_with([match_phrase([word], languages) for word in words])

    def forms(self, words: Sequence[str]) -> list[frozenset[str]]:
        """Return, for each word, the terms as which it may be stored here."""
        languages = self._database.languages()
        return [forms_of(word, languages) for word in words]

    def terms(self, ids: Sequence[int]) -> dict[int, PassageTerms]:
        """Return passages' terms by id; those that are gone by now are left out."""
        return self._database.terms(ids)

    def count(self) -> int:
        """Return the number of passages that can be found."""
        return self._database.count()

    def embed_query(self, query: str) -> Floats:
        """Return the query's vector, shape (dimensions,), unit length."""
        vector: Floats = self.embedder.embed_queries([query])[0]
        return vector

    def search_dense(self, query: Floats, limit: int) -> list[ScoredPassage]:
        """Return the passages nearest to a query's vector, best first; scores are cosines."""
        return self._dense_index().search(query, limit)

    def vectors(self, ids: Sequence[int]) -> dict[int, Floats]:
        """Return passages' vectors by id, each of shape (dimensions,); those that are gone by now are left out."""
        return self._database.vectors(ids, self.embedder.name)

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Floats]:
        """Return the vectors of the passages' sentences by passage id, each of shape (sentences, dimensions)."""
        return self._database.sentence_vectors(ids, self.embedder.name, self.embedder.dimensions)

    def warm(self) -> None:
        """Load the embedder and the vectors, so that the first question need not wait for them."""
        self.search_dense(self.embed_query("warm"), 1)

    @property
    def embedder(self) -> Embedder:
        """The library's embedder, loaded when first needed. Raises: EmbedderError."""
        with self._lock:
            if self._embedder is None:
                self._embedder = self._open_embedder()
            return self._embedder

    def _opened_embedder(self) -> Embedder:
        return self.embedder

    def _dense_index(self) -> DenseIndex:
        with self._lock:
            if self._dense is None:
                from index.dense import DenseIndex

                self._embed_missing()
                self._dense = DenseIndex(self._database, self.directory / VECTORS_FILE, self.embedder)
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
            self._save_vectors()

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

    def _save_vectors(self) -> None:
        if self._embedder is not None:
            self._dense_index().save()

    def _embed_missing(self) -> None:
        """Embed what another embedder has embedded but this one has not."""
        while missing := self._database.not_embedded(self.embedder.name, PASSAGES_AT_ONCE):
            texts, sentences = zip(*(self._text_to_embed(passage) for passage in missing), strict=True)
            vectors = self.embedder.embed_passages(texts, sentences)
            self._database.add_embeddings([passage.id for passage in missing], vectors, self.embedder.name)

    def _text_to_embed(self, passage: Passage) -> tuple[str, list[Span]]:
        span, count_tokens = Span(passage.start, passage.end), self.embedder.count_tokens
        title, headings = passage.document.title, passage.headings
        return with_context(title, headings, passage.text, span, passage.sentences, count_tokens)


def _name_matches(documents: Sequence[DocumentInfo], name: str) -> list[list[DocumentInfo]]:
    """Return the documents that answer to a name, the surest way first: number, path, file name, title."""
    path = str(Path(name).absolute())
    return [
        [document for document in documents if str(document.id) == name],
        [document for document in documents if document.source in {name, path}],
        [document for document in documents if Path(document.source).name == name],
        [document for document in documents if document.title == name],
    ]
