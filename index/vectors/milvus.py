"""Milvus (Wang et al., 2021): the vectors of a library that several processes or machines search, in one collection.

The address is that of a server or a cluster (`http://host:19530`), or a file that `milvus-lite` keeps in this process.
How exact a search is, is up to the index that the server chooses. Needs `pip install 'pincite[milvus]'`.
"""

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Floats, Ids
from index.errors import VectorsError
from index.threads import calm_openmp
from index.types import ScoredPassage
from index.vectors.faiss_store import Stamp

AT_ONCE = 4_096
"""Vectors in one request, which may have 64 MiB."""
MOST_FOUND = 16_384
"""Milvus returns no more at once."""
NO_PINGS = {"grpc.keepalive_time_ms": 2**31 - 1}
"""For milvus-lite, which hangs up on a client that asks every ten seconds whether it is there."""
NEXT_STEP = "name a server (http://host:19530), or a file that ends in .db and that no other process has open"


class MilvusStore:
    """The vectors of one library and embedder. What one process has added, others find at once. Not thread-safe."""

    compared = 0
    """How many vectors a search compares one by one here: none."""

    def __init__(self, address: str, library: int, embedder: str, dimensions: int) -> None:
        """Connect, and make the collection if it is not there. Raises: VectorsError."""
        self._address = address
        self._collection = f"pincite_{library:x}_{zlib.crc32(embedder.encode()):x}_{dimensions}"
        self._dimensions = dimensions
        with self._explained():
            self._client = _connect(address)
            if not self._client.has_collection(self._collection):
                self._make_collection()
            self._client.load_collection(self._collection)  # a file that was closed, or a server, may have let go of it

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def __len__(self) -> int:
        """Return how many vectors it holds; as many as ids, unless something else than Pincite added to it."""
        with self._explained():
            [counted] = self._client.query(self._collection, filter="", output_fields=["count(*)"])
        return int(counted["count(*)"])

    def ids(self) -> Ids:
        """Return the ids it holds, ascending, shape (passages,)."""
        with self._explained():
            pages = self._client.query_iterator(self._collection, batch_size=MOST_FOUND, output_fields=["id"])
            found: list[int] = []
            while page := pages.next():
                found += [row["id"] for row in page]
            pages.close()
        return np.unique(np.array(found, np.int64))

    def vectors(self, ids: Ids) -> Floats:
        """Return the vectors of ids that it holds, shape (ids, dimensions)."""
        found: dict[int, Any] = {}
        with self._explained():
            for some in _parts(ids):
                rows = self._client.query(self._collection, ids=some.tolist(), output_fields=["vector"])
                found.update({row["id"]: row["vector"] for row in rows})
        return np.array([found[id_] for id_ in ids.tolist()], np.float32).reshape(-1, self._dimensions)

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add vectors, shape (passages, dimensions), under ids that it does not hold yet.

        Where another process has added them meanwhile, they are replaced.
        """
        rows = [{"id": id_, "vector": vector} for id_, vector in zip(ids.tolist(), vectors, strict=True)]
        with self._explained():
            for first in range(0, len(rows), AT_ONCE):
                self._client.upsert(self._collection, rows[first : first + AT_ONCE])

    def remove(self, ids: Ids) -> None:
        """Remove these ids; those it does not hold are passed over."""
        with self._explained():
            for some in _parts(ids):
                self._client.delete(self._collection, ids=some.tolist())

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the `limit` nearest to `query`, shape (dimensions,), best first; scores in [-1, 1].

        Of all that it holds, or of the ids `among`; at most `MOST_FOUND`.
        """
        if among is not None and not len(among):
            return []
        chosen = "" if among is None else f"id in {among.tolist()}"
        with self._explained():
            [found] = self._client.search(
                self._collection, [query], filter=chosen, limit=min(limit, MOST_FOUND), output_fields=["id"]
            )
        return [ScoredPassage(int(hit["id"]), float(hit["distance"])) for hit in found]

    def save(self, path: Path, stamp: Stamp) -> bool:
        """Write nothing: the server keeps what it was given."""
        return False

    def _make_collection(self) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dimensions)
        index = self._client.prepare_index_params()
        index.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        self._client.create_collection(self._collection, schema=schema, index_params=index, consistency_level="Strong")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn Milvus's errors into one clear line."""
        try:
            from pymilvus import MilvusException
        except ImportError as error:
            raise VectorsError("vectors in Milvus need a package more: pip install 'pincite[milvus]'") from error
        try:
            yield
        except MilvusException as error:
            raise VectorsError(f"Milvus at {self._address} does not answer as it should: {error.message}") from error


def _connect(address: str) -> Any:
    calm_openmp()
    from pymilvus import MilvusClient
    from pymilvus.exceptions import ConnectionConfigException

    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they raise is told in one line
    options = NO_PINGS if address.endswith(".db") else {}
    try:
        # A connection that is shared with a client before is closed by no one, and broken after half a minute without
        # use: pymilvus 3.0.2 looks whether it is healthy with a method that gRPC's channels do not have.
        return MilvusClient(address, dedicated=True, grpc_options=options)
    except ConnectionConfigException as error:
        reason = f"vectors cannot be kept in milvus:{address} ({error.message})"
        raise VectorsError(f"{reason}: {NEXT_STEP}") from error


def _parts(ids: Ids) -> Iterator[Ids]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]
