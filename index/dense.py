"""Dense retrieval over a library: keeps a vector store in step with the database, which is the source of truth."""

import secrets
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from index.arrays import Floats, Ids
from index.database import Database
from index.embedders import Embedder
from index.errors import LibraryError
from index.types import ScoredPassage
from index.vectors import faiss_store

EMBEDDINGS_AT_ONCE = 4_096


class DenseIndex:
    """The passages' vectors in memory, brought up to date at each search. Thread-safe."""

    def __init__(self, database: Database, path: Path, embedder: Embedder) -> None:
        """Load the derived file where it fits; it is rebuilt from the database where it does not."""
        self._database = database
        self._path = path
        self._embedder = embedder
        self._lock = threading.Lock()
        self._store, self._generation = self._loaded() or (faiss_store.FaissStore(embedder.dimensions), -1)
        self._saved_generation = self._generation

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the passages nearest to a query's vector, of all or of those `among`; best first, scored by cosine."""
        with self._lock:
            self._catch_up()
            return self._store.search(query, limit, among)

    def save(self) -> None:
        """Write the derived file, unless it is as it was read or written last.

        A disk that takes no file costs a rebuild at the next start, nothing else.
        """
        with self._lock:
            self._catch_up()
            if self._generation == self._saved_generation:
                return
            number = secrets.randbits(62)
            stamp = faiss_store.Stamp(self._embedder.name, self._embedder.dimensions, self._generation, number)
            with suppress(OSError, LibraryError):
                self._store.save(self._path, stamp)
                self._database.note_vectors_file(number)
                self._saved_generation = self._generation

    def _loaded(self) -> tuple[faiss_store.FaissStore, int] | None:
        """Return the file's index and the generation it was made from, if it is the one written last for this database.

        Any other may hold other vectors under the same numbers.
        """
        loaded = faiss_store.load(self._path, self._embedder.name, self._embedder.dimensions)
        if loaded and loaded[1].file_number == self._database.vectors_file():
            return loaded[0], loaded[1].generation
        return None

    def _catch_up(self) -> None:
        generation = self._database.generation()
        if generation == self._generation:
            return
        stored, held = self._database.embedded_ids(self._embedder.name), self._store.ids()
        self._store.remove(np.setdiff1d(held, stored, assume_unique=True))
        missing = np.setdiff1d(stored, held, assume_unique=True)
        for first in range(0, len(missing), EMBEDDINGS_AT_ONCE):
            ids = missing[first : first + EMBEDDINGS_AT_ONCE]
            vectors = self._database.vectors(ids.tolist(), self._embedder.name)
            if vectors:
                self._store.add(np.array(list(vectors)), np.stack(list(vectors.values())))
        self._generation = generation
