"""FAISS (Johnson, Douze and Jégou, 2017): exact inner product, in one derived file.

The file is a line of magic, a line of JSON (embedder, dimensions, the database's generation, checksum) and the
serialised index. It is written aside, synced and moved into place; whatever does not fit is not trusted.
"""

import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Floats, Ids
from index.threads import calm_openmp
from index.types import ScoredPassage

MAGIC = b"PINCITE FAISS 1\n"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a saved index was made from."""

    embedder: str
    dimensions: int
    generation: int
    file_number: int
    """Drawn at random for each file, and noted in the database: the file of another library has another one, and so
    has one that was written after a database was copied that is now back in its place."""


class FaissStore:
    """An exact index in memory. Not thread-safe."""

    def __init__(self, dimensions: int) -> None:
        """Make an empty index of vectors with `dimensions` dimensions."""
        faiss = _faiss()
        self.dimensions = dimensions
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def __len__(self) -> int:
        """Return how many vectors it holds."""
        return int(self._index.ntotal)

    @property
    def compared(self) -> int:
        """How many vectors a search compares one by one: all."""
        return len(self)

    def ids(self) -> Ids:
        """Return the ids it holds, ascending, shape (passages,)."""
        held: Ids = np.sort(_faiss().vector_to_array(self._index.id_map)).astype(np.int64)
        return held

    def vectors(self, ids: Ids) -> Floats:
        """Return the vectors of ids that it holds, shape (ids, dimensions)."""
        held: Floats = self._index.reconstruct_batch(np.asarray(ids, np.int64))
        return held

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add vectors, shape (passages, dimensions), under ids that it does not hold yet."""
        self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Ids) -> None:
        """Remove these ids; those it does not hold are passed over."""
        self._index.remove_ids(np.asarray(ids, np.int64))

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the `limit` nearest to `query`, shape (dimensions,), best first; scores in [-1, 1].

        Of all ids, or of those `among`: each vector is compared, or passed over, so that none is missed.
        """
        faiss, count = _faiss(), min(limit, self._index.ntotal) or 1
        chosen = among if among is None else np.ascontiguousarray(among, np.int64)
        only = None if chosen is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(chosen))
        scores, ids = self._index.search(query[np.newaxis], count, params=only)
        return [ScoredPassage(int(id_), float(score)) for id_, score in zip(ids[0], scores[0], strict=True) if id_ >= 0]

    def save(self, path: Path, stamp: Stamp) -> bool:
        """Write the index to `path`, all or nothing, and return that it is written. Raises: OSError."""
        payload = memoryview(_faiss().serialize_index(self._index))
        header = json.dumps({**asdict(stamp), "crc32": zlib.crc32(payload)}).encode()
        aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            _write_synced(aside, [MAGIC, header, b"\n", payload])
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        return True

    def close(self) -> None:
        """Do nothing: it holds nothing open."""


def load(path: Path, embedder: str, dimensions: int) -> tuple[FaissStore, Stamp] | None:
    """Return a saved index and what it was made from; None where it is missing, damaged or of another embedder."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            header, payload = file.readline(), file.read()
    except OSError:
        return None
    described = parse_header(header)
    expected = {"embedder": embedder, "dimensions": dimensions, "crc32": zlib.crc32(payload)}
    if any(described.get(key) != value for key, value in expected.items()):
        return None
    store = FaissStore(dimensions)
    store._index = _faiss().deserialize_index(np.frombuffer(payload, np.uint8))
    return store, Stamp(embedder, dimensions, described.get("generation", -1), described.get("file_number", -1))


def parse_header(header: bytes) -> dict[str, Any]:
    """Return the fields of a line of JSON, {} where it is none."""
    try:
        described = json.loads(header)
    except ValueError:
        return {}
    return described if isinstance(described, dict) else {}


def _write_synced(path: Path, parts: Sequence[bytes | memoryview]) -> None:
    with path.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())


def _faiss() -> Any:
    calm_openmp()
    import faiss

    return faiss
