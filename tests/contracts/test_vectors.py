"""What every vector store keeps to, measured against brute force."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.vectors import VectorStore, snapshot
from index.vectors.faiss_store import FaissStore, Stamp
from index.vectors.large_store import LargeStore
from index.vectors.milvus import MilvusStore

DIMENSIONS = 16


def merged(folder: Path, ids: np.ndarray, vectors: np.ndarray) -> LargeStore:
    """A store with all of this in its snapshot."""
    rows = np.argsort(ids)
    by_id = dict(zip(ids.tolist(), vectors, strict=True))
    stamp = Stamp("random", DIMENSIONS, 1, 1)
    snapshot.write(folder / "vectors", stamp, ids[rows], lambda some: np.stack([by_id[id_] for id_ in some.tolist()]))
    loaded = snapshot.load(folder / "vectors", "random", DIMENSIONS)
    assert loaded is not None
    return LargeStore(loaded[0], DIMENSIONS)


class MergedAtOnce:
    """Makes a snapshot of what is added first, and adds to it from then on. Passes everything on."""

    def __init__(self, folder: Path, share: float) -> None:
        self.folder = folder
        self.share = share
        self.store = merged(folder, np.array([10**9]), unit_vectors(1, 0))
        self.store.remove(np.array([10**9]))
        self.ids, self.search, self.remove = self.store.ids, self.store.search, self.store.remove

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        first = int(len(ids) * self.share)
        self.store = merged(self.folder, ids[:first], vectors[:first])
        self.store.add(ids[first:], vectors[first:])
        self.ids, self.search, self.remove = self.store.ids, self.store.search, self.store.remove


def on_a_server(address: str, folder: Path) -> MilvusStore:
    """A store of its own on a server that others use, too."""
    return MilvusStore(address, zlib.crc32(str(folder).encode()), "random", DIMENSIONS)


STORES: dict[str, Callable[[Path, pytest.FixtureRequest], VectorStore]] = {
    "exact": lambda folder, _: FaissStore(DIMENSIONS),
    "merged": lambda folder, _: MergedAtOnce(folder, 1.0),
    "merged in part": lambda folder, _: MergedAtOnce(folder, 0.6),
    "Milvus file": lambda folder, _: MilvusStore(str(folder / "milvus.db"), 7, "random", DIMENSIONS),
    "Milvus server": lambda folder, request: on_a_server(request.getfixturevalue("milvus_server"), folder),
}


def unit_vectors(count: int, seed: int) -> np.ndarray:
    """Vectors that half precision holds as they are, of unit length but for that."""
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> VectorStore:
    return STORES[request.param](tmp_path, request)


def test_an_empty_store_finds_nothing(store: VectorStore) -> None:
    assert store.search(unit_vectors(1, 0)[0], 5) == []
    assert store.ids().tolist() == []


def test_search_equals_brute_force_best_first(store: VectorStore) -> None:
    vectors, queries = unit_vectors(200, 1), unit_vectors(20, 2)
    ids = np.arange(1_000, 1_200)
    store.add(ids, vectors)
    for query in queries:
        found = store.search(query, 10)
        expected = np.argsort(-(vectors @ query))[:10]
        assert [hit.passage_id for hit in found] == ids[expected].tolist()
        assert [hit.score for hit in found] == pytest.approx((vectors @ query)[expected].tolist(), abs=1e-5)


def test_search_among_some_ids_equals_brute_force_over_them(store: VectorStore) -> None:
    vectors, queries = unit_vectors(300, 6), unit_vectors(20, 7)
    ids = np.arange(5_000, 5_300)
    store.add(ids, vectors)
    for number, query in enumerate(queries):
        among = np.random.default_rng(number).choice(ids, number * 10 + 1, replace=False)
        nearest = among[np.argsort(-(vectors[among - 5_000] @ query))]
        found = store.search(query, 12, among)
        assert [hit.passage_id for hit in found] == nearest[:12].tolist()
        assert [hit.score for hit in found] == pytest.approx((vectors[nearest[:12] - 5_000] @ query).tolist(), abs=1e-5)


def test_search_among_ids_it_does_not_hold_or_among_none_finds_nothing(store: VectorStore) -> None:
    store.add(np.array([2, 4]), unit_vectors(2, 8))
    assert store.search(unit_vectors(1, 9)[0], 5, np.array([3, 2**40])) == []
    assert store.search(unit_vectors(1, 9)[0], 5, np.array([], np.int64)) == []
    assert [hit.passage_id for hit in store.search(unit_vectors(1, 9)[0], 5, np.array([3, 4]))] == [4]


def test_removed_ids_are_never_found_and_unknown_ones_are_passed_over(store: VectorStore) -> None:
    vectors = unit_vectors(5, 3)
    store.add(np.array([5, 3, 9, 7, 1]), vectors)
    store.remove(np.array([9, 4]))
    assert store.ids().tolist() == [1, 3, 5, 7]
    assert 9 not in [hit.passage_id for hit in store.search(vectors[2], 5)]


def test_a_limit_beyond_what_it_holds_returns_all(store: VectorStore) -> None:
    store.add(np.array([2, 4]), unit_vectors(2, 4))
    assert {hit.passage_id for hit in store.search(unit_vectors(1, 5)[0], 50)} == {2, 4}
