"""Vectors by passage id. `VectorStore` is the seam; the default is FAISS: exact, and approximate in large libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from index.types import ScoredPassage

if TYPE_CHECKING:
    from index.arrays import Floats, Ids


class VectorStore(Protocol):
    """Unit vectors by passage id, searched by inner product (cosine). Not thread-safe: its owner holds a lock."""

    def ids(self) -> Ids:
        """Return the ids it holds, ascending, shape (passages,)."""
        ...

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add vectors, shape (passages, dimensions), under ids that it does not hold yet."""
        ...

    def remove(self, ids: Ids) -> None:
        """Remove these ids; those it does not hold are passed over."""
        ...

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the `limit` nearest to `query`, shape (dimensions,), best first; scores in [-1, 1].

        Of all ids, or of those `among`, as exactly as of all: ids it does not hold are passed over.
        """
        ...
