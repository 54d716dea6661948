"""Dense retrieval over a library: keeps a vector store in step with the database, which is the source of truth.

Up to `EXACT_UP_TO` passages, each vector is compared. Beyond, a snapshot is made in the background, and again whenever
so many passages came or went since; until it is there, all are compared as before.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.arrays import Floats, Ids
from index.database import RETITLED, Database
from index.embedders import Embedder
from index.errors import LibraryError, VectorsError
from index.types import ScoredPassage
from index.vectors import VectorStore, faiss_store, snapshot
from index.vectors.faiss_store import FaissStore, Stamp
from index.vectors.large_store import LargeStore

if TYPE_CHECKING:
    from index.vectors.milvus import MilvusStore

EMBEDDINGS_AT_ONCE = 4_096
EXACT_UP_TO = 50_000
"""Comparing twice as many takes four times as long as a snapshot's search: `python -m bench.vectors`."""


class DerivedStore(VectorStore, Protocol):
    """A vector store that is kept in a file which can be made again."""

    @property
    def compared(self) -> int:
        """How many vectors a search compares one by one."""
        ...

    def vectors(self, ids: Ids) -> Floats:
        """Return the vectors of ids that it holds, shape (ids, dimensions)."""
        ...

    def save(self, path: Path, stamp: Stamp) -> bool:
        """Write to `path`, all or nothing, and return whether there was anything worth writing. Raises: OSError."""
        ...

    def close(self) -> None:
        """Let go of what it holds open."""
        ...


def load(path: Path, embedder: str, dimensions: int) -> tuple[DerivedStore, Stamp] | None:
    """Return the store in a file and what it was made from; None where it is missing, damaged or another embedder's."""
    large = snapshot.load(path, embedder, dimensions)
    if large is not None:
        return LargeStore(large[0], dimensions), large[1]
    return faiss_store.load(path, embedder, dimensions)


def open_shared(vectors: str, database: Database, embedder: Embedder) -> MilvusStore | None:
    """Open the store that `vectors` names: "milvus:ADDRESS", or "milvus+bm25:ADDRESS", which searches words as well.

    "faiss" needs none. Raises: VectorsError.
    """
    match vectors.partition(":"):
        case ("faiss", "", ""):
            return None
        case ("milvus" | "milvus+bm25" as kind, _, address) if address:
            from index.vectors.milvus import MilvusStore

            read_terms = database.weighted_terms if kind == "milvus+bm25" else None
            return MilvusStore(address, database.identity(), embedder.name, embedder.dimensions, read_terms)
    raise VectorsError(f"vectors cannot be kept in {vectors!r}: name faiss, or milvus: and an address or a file")


class DenseIndex:
    """The passages' vectors in memory, brought up to date at each search. Thread-safe."""

    def __init__(
        self,
        database: Database,
        path: Path,
        embedder: Embedder,
        shared: MilvusStore | None = None,
        exact_up_to: int = EXACT_UP_TO,
    ) -> None:
        """Load the derived file where it fits; it is rebuilt from the database where it does not.

        Where there is a `shared` store, which keeps itself, it is brought up to date, and there is no file.
        """
        self._database = database
        self._path = path
        self._embedder = embedder
        self._exact_up_to = exact_up_to
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._using_database = threading.Lock()
        self._merging: threading.Thread | None = None
        self._shared = shared
        loaded = (shared, -1) if shared is not None else self._loaded()
        self._store, self._generation = loaded or (FaissStore(embedder.dimensions), -1)
        self._saved_generation = self._generation

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the passages nearest to a query's vector, of all or of those `among`; best first, scored by cosine."""
        with self._lock:
            self._catch_up()
            self._merge_if_due()
            return self._store.search(query, limit, among)

    def search_terms(self, terms: Collection[str], limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the passages that hold any of the terms, best first, scored by BM25: where a store does so."""
        assert self._shared is not None
        with self._lock:
            self._catch_up()
            return self._shared.search_terms(terms, limit, among) if terms else []

    def save(self, *, wait: bool = False) -> None:
        """Write the derived file, unless it is as it was read or written last; `wait` for a snapshot that is due.

        A disk that takes no file costs a rebuild at the next start, nothing else.
        """
        if wait and self._is_far_behind():
            self._start_merging().join()
        with self._lock:
            self._catch_up()
            merging = self._merge_if_due()
            if merging is None and self._generation != self._saved_generation:
                self._write()
        if wait and merging is not None:
            merging.join()

    def close(self) -> None:
        """Let go of the store, and give up a snapshot that is being made; what it would hold is in the database."""
        self._stopped.set()
        with self._using_database:  # a connection may not be closed while it is used
            self._store.close()

    def discard(self) -> None:
        """Remove all vectors from the store, and its file; then close it."""
        with self._lock:
            self._store.remove(self._store.ids())
            self._path.unlink(missing_ok=True)
        self.close()

    # Keeping up with the database

    def _loaded(self) -> tuple[DerivedStore, int] | None:
        """Return what is in the file and its generation, if it is the one written last for this database.

        Any other may hold other vectors under the same numbers; one from long ago is made again as quickly.
        """
        loaded = load(self._path, self._embedder.name, self._embedder.dimensions)
        if loaded is None or loaded[1].file_number != self._database.vectors_file():
            return None
        known = self._database.embeddings_changed_since(loaded[1].generation) is not None
        return (loaded[0], loaded[1].generation) if known else None

    def _is_far_behind(self) -> bool:
        """Whether it is better to merge all that the database holds than to load it first."""
        if self._shared is not None or self._database.count() <= self._exact_up_to:
            return False
        return self._database.embeddings_changed_since(self._generation) is None

    def _write(self) -> None:
        stamp = self._stamp(self._generation)
        with suppress(OSError, LibraryError):
            if self._store.save(self._path, stamp):
                self._database.note_vectors_file(stamp.file_number)
            self._saved_generation = self._generation

    def _stamp(self, generation: int) -> Stamp:
        return Stamp(self._embedder.name, self._embedder.dimensions, generation, secrets.randbits(62))

    def _catch_up(self) -> None:
        generation = self._database.generation()
        if generation == self._generation:
            return
        changed = self._database.embeddings_changed_since(self._generation)
        if changed is None:
            changed = self._differing()
        self._store.remove(changed)
        for first in range(0, len(changed), EMBEDDINGS_AT_ONCE):
            ids = changed[first : first + EMBEDDINGS_AT_ONCE]
            vectors = self._database.vectors(ids.tolist(), self._embedder.name)
            if vectors:
                self._store.add(np.array(list(vectors)), np.stack(list(vectors.values())))
        self._generation = generation
        if self._shared is not None:
            self._database.note(self._shared.name, generation)

    def _differing(self) -> Ids:
        """Return the ids of the passages that only the store, or only the database, holds.

        All of them, where documents were given other titles since the shared store was last known to be up to date.
        """
        stored, held = self._database.embedded_ids(self._embedder.name), self._store.ids()
        if self._shared is not None and self._database.noted(RETITLED) > self._database.noted(self._shared.name):
            return np.union1d(stored, held)
        return np.setxor1d(stored, held, assume_unique=True)

    # Snapshots

    def _merge_if_due(self) -> threading.Thread | None:
        """Return the thread that makes a snapshot, where one is due; after one that failed no other is tried."""
        if self._store.compared <= self._exact_up_to:
            return None
        return self._merging or self._start_merging()

    def _start_merging(self) -> threading.Thread:
        self._merging = threading.Thread(target=self._merge, name="pincite-merging", daemon=True)
        self._merging.start()
        return self._merging

    def _merge(self) -> None:
        """Make a snapshot of what the database holds now, and go on with it."""
        with suppress(OSError, LibraryError, snapshot.Stopped):
            with self._open_database():
                stamp = self._stamp(self._database.generation())
                ids = self._database.embedded_ids(self._embedder.name)
            snapshot.write(self._path, stamp, ids, self._read, self._stopped.is_set)
            with self._open_database():
                self._database.note_vectors_file(stamp.file_number)
                loaded = self._loaded()
            self._go_on_with(loaded)

    @contextmanager
    def _open_database(self) -> Iterator[None]:
        """Keep the database from being closed meanwhile. Raises: Stopped where it may be closed already."""
        with self._using_database:
            if self._stopped.is_set():
                raise snapshot.Stopped
            yield

    def _go_on_with(self, loaded: tuple[DerivedStore, int] | None) -> None:
        """Search what was loaded from now on."""
        if loaded is not None:
            with self._lock:
                self._store, self._generation = loaded
                self._saved_generation = self._generation
                self._merging = None

    def _read(self, ids: Ids) -> Floats:
        """Return the stored vectors of ids, shape (ids, dimensions); a row of zeros for one that is gone by now."""
        with self._open_database():
            stored = self._database.vectors(ids.tolist(), self._embedder.name)
        vectors = np.zeros((len(ids), self._embedder.dimensions), np.float32)
        for row, id_ in enumerate(ids.tolist()):
            if id_ in stored:
                vectors[row] = stored[id_]
        return vectors
