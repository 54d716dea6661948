"""Milvus (Wang et al., 2021): the vectors of a library that several processes or machines search, in one collection.

Beside each vector may stand the passage's terms, which Milvus's own BM25 searches. The address is that of a server or a
cluster (`http://host:19530`), or a file that `milvus-lite` keeps in this process. How exact a search is, is up to the
index that the server chooses. Needs `pip install 'pincite[milvus]'`.
"""

import logging
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from index import bm25
from index.analyse import ANALYSER_VERSION
from index.arrays import Floats, Ids
from index.errors import VectorsError
from index.threads import calm_openmp
from index.types import ScoredPassage
from index.vectors.faiss_store import Stamp
from index.vectors.milvus_words import MAX_BYTES, as_text

AT_ONCE = 4_096
"""Vectors in one request, which may have 64 MiB."""
MOST_FOUND = 16_384
"""Milvus returns no more at once."""
NO_PINGS = {"grpc.keepalive_time_ms": 2**31 - 1}
"""For milvus-lite, which hangs up on a client that asks every ten seconds whether it is there."""
NEXT_STEP = "name a server (http://host:19530), or a file that ends in .db and that no other process has open"

WORDS_SINCE = (2, 5)
"""The version of Milvus that has BM25 of its own; milvus-lite, which is a file, has it."""

ReadTerms = Callable[[Sequence[int]], Mapping[int, Iterable[str]]]
"""The terms of passages by id, as often as they count; those that are gone by now are left out."""


class MilvusStore:
    """The vectors of one library and embedder. What one process has added, others find at once. Not thread-safe."""

    compared = 0
    """How many vectors a search compares one by one here: none."""

    def __init__(
        self, address: str, library: int, embedder: str, dimensions: int, read_terms: ReadTerms | None = None
    ) -> None:
        """Connect, and make the collection if it is not there. With `read_terms`, it holds terms as well.

        Raises: VectorsError.
        """
        self._address = address
        words = f"_words{ANALYSER_VERSION}" if read_terms else ""
        self.name = f"pincite_{library:x}_{zlib.crc32(embedder.encode()):x}_{dimensions}{words}"
        """Of the collection."""
        self._dimensions = dimensions
        self._read_terms = read_terms
        with self._explained():
            self._client = _connect(address)
            if read_terms and not _is_file(address):
                self._check_version()
            if not self._client.has_collection(self.name):
                self._make_collection()
            self._client.load_collection(self.name)  # a file that was closed, or a server, may have let go of it

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def __len__(self) -> int:
        """Return how many vectors it holds; as many as ids, unless something else than Pincite added to it."""
        with self._explained():
            [counted] = self._client.query(self.name, filter="", output_fields=["count(*)"])
        return int(counted["count(*)"])

    def ids(self) -> Ids:
        """Return the ids it holds, ascending, shape (passages,)."""
        with self._explained():
            pages = self._client.query_iterator(self.name, batch_size=MOST_FOUND, output_fields=["id"])
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
                rows = self._client.query(self.name, ids=some.tolist(), output_fields=["vector"])
                found.update({row["id"]: row["vector"] for row in rows})
        return np.array([found[id_] for id_ in ids.tolist()], np.float32).reshape(-1, self._dimensions)

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Add vectors, shape (passages, dimensions), under ids that it does not hold yet, and the passages' terms.

        Where another process has added them meanwhile, they are replaced.
        """
        rows: list[dict[str, Any]] = [
            {"id": id_, "vector": vector} for id_, vector in zip(ids.tolist(), vectors, strict=True)
        ]
        if self._read_terms:
            terms = self._read_terms(ids.tolist())
            rows = [{**row, "terms": as_text(terms.get(row["id"], ()))} for row in rows]
        with self._explained():
            for first in range(0, len(rows), AT_ONCE):
                self._client.upsert(self.name, rows[first : first + AT_ONCE])

    def remove(self, ids: Ids) -> None:
        """Remove these ids; those it does not hold are passed over."""
        with self._explained():
            for some in _parts(ids):
                self._client.delete(self.name, ids=some.tolist())

    def search(self, query: Floats, limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the `limit` nearest to `query`, shape (dimensions,), best first; scores in [-1, 1].

        Of all that it holds, or of the ids `among`; at most `MOST_FOUND`.
        """
        return self._search("vector", query, limit, among)

    def search_terms(self, terms: Iterable[str], limit: int, among: Ids | None = None) -> list[ScoredPassage]:
        """Return the passages that hold any of the terms, best first, scored by BM25; of all, or of those `among`.

        How rare a term is, Milvus takes from the whole collection; milvus-lite from each of its files by itself.
        """
        found = self._search("bm25", as_text(terms), limit, among)
        return [ScoredPassage(hit.passage_id, abs(hit.score)) for hit in found]  # milvus-lite counts downwards

    def _search(self, field: str, query: Floats | str, limit: int, among: Ids | None) -> list[ScoredPassage]:
        if among is not None and not len(among):
            return []
        chosen, most = "" if among is None else f"id in {among.tolist()}", min(limit, MOST_FOUND)
        with self._explained():
            [found] = self._client.search(
                self.name, [query], filter=chosen, limit=most, output_fields=["id"], anns_field=field
            )
        return [ScoredPassage(int(hit["id"]), float(hit["distance"])) for hit in found]

    def save(self, path: Path, stamp: Stamp) -> bool:
        """Write nothing: the server keeps what it was given."""
        return False

    def _check_version(self) -> None:
        """Raise VectorsError where the server is too old to search words."""
        version = str(self._client.get_server_version())
        if tuple(map(int, re.findall(r"\d+", version)[:2])) < WORDS_SINCE:
            raise VectorsError(
                f"Milvus at {self._address} is of version {version} and cannot search words:"
                " 2.5 or newer can, or say milvus: instead of milvus+bm25:"
            )

    def _make_collection(self) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._dimensions)
        index = self._client.prepare_index_params()
        index.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        if self._read_terms:
            _add_terms(schema, index)
        self._client.create_collection(self.name, schema=schema, index_params=index, consistency_level="Strong")

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


def _add_terms(schema: Any, index: Any) -> None:
    """Have a collection hold terms, of which Milvus makes what BM25 needs."""
    from pymilvus import DataType, Function, FunctionType

    analyser = {"type": "standard"}
    schema.add_field("terms", DataType.VARCHAR, max_length=MAX_BYTES, enable_analyzer=True, analyzer_params=analyser)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["terms"], ["bm25"]))
    constants = {"bm25_k1": bm25.K1, "bm25_b": bm25.B}
    index.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=constants)


def _connect(address: str) -> Any:
    calm_openmp()
    from pymilvus import MilvusClient
    from pymilvus.exceptions import ConnectionConfigException

    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they raise is told in one line
    options = NO_PINGS if _is_file(address) else {}
    try:
        # A connection that is shared with a client before is closed by no one, and broken after half a minute without
        # use: pymilvus 3.0.2 looks whether it is healthy with a method that gRPC's channels do not have.
        return MilvusClient(address, dedicated=True, grpc_options=options)
    except ConnectionConfigException as error:
        reason = f"vectors cannot be kept in milvus:{address} ({error.message})"
        raise VectorsError(f"{reason}: {NEXT_STEP}") from error


def _is_file(address: str) -> bool:
    """Tell whether milvus-lite keeps it, and not a server."""
    return address.endswith(".db")


def _parts(ids: Ids) -> Iterator[Ids]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]
