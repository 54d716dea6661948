"""The vectors of a large library: a snapshot, searched approximately, and exactly what was added since.

Knows nothing of when a new snapshot is due; `index.dense` does.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.arrays import Floats, Ids
from index.types import ScoredPassage
from index.vectors.faiss_store import FaissStore, Stamp
from index.vectors.snapshot import Snapshot


class LargeStore:
    """A snapshot, with vectors added since and without those removed since. Not thread-safe."""

    def __init__(self, snapshot: Snapshot, dimensions: int) -> None:
        """Hold what the snapshot holds."""
        self._snapshot = snapshot
        self._kept: NDArray[np.bool_] = np.ones(len(snapshot.ids), np.bool_)
        self._removed = 0
        self._added = FaissStore(dimensions)

    @property
    def compared(self) -> int:
        """How many vectors a search compares one by one: those added since; those removed since count as well."""
        return len(self._added) + self._removed

    def ids(self) -> Ids:
        """Return the ids it holds, ascending, shape (passages,)."""
        return np.union1d(self._snapshot.ids[self._kept], self._added.ids())

    def vectors(self, ids: Ids) -> Floats:
        """Return the vectors of ids that it holds, shape (ids, dimensions), in half precision those of the snapshot."""
        added = np.isin(ids, self._added.ids())
        found = np.empty((len(ids), self._added.dimensions), np.float32)
        found[added] = self._added.vectors(ids[added])
        found[~added] = self._snapshot.vectors(self._snapshot.positions(ids[~added]))
        return found

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add vectors, shape (passages, dimensions), under ids that it does not hold yet."""
        self._added.add(ids, vectors)

    def remove(self, ids: Ids) -> None:
        """Remove these ids; those it does not hold are passed over."""
        self._added.remove(ids)
        self._kept[self._snapshot.positions(ids)] = False
        self._removed = len(self._kept) - int(np.count_nonzero(self._kept))

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the `limit` nearest to `query`, shape (dimensions,), best first; scores in [-1, 1].

        Of all that it holds, or of the ids `among`.
        """
        positions, scores = self._snapshot.search(query, limit, self._allowed(among))
        old = map(ScoredPassage, self._snapshot.ids[positions].tolist(), scores.tolist())
        return sorted([*old, *self._added.search(query, limit, among)], key=lambda found: -found.score)[:limit]

    def save(self, path: Path, stamp: Stamp) -> bool:
        """Write nothing: the snapshot is its file, and what came since is read from the database again."""
        return False

    def close(self) -> None:
        """Do nothing: it holds nothing open."""

    def _allowed(self, among: Ids | None) -> NDArray[np.bool_] | None:
        """Which of the snapshot's vectors may be found; None for all."""
        if among is None:
            return self._kept if self._removed else None
        allowed = np.zeros_like(self._kept)
        allowed[self._snapshot.positions(among)] = True
        return allowed & self._kept
