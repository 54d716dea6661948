"""What every vector store keeps to, measured against brute force."""

from collections.abc import Callable

import numpy as np
import pytest

from index.vectors import VectorStore
from index.vectors.faiss_store import FaissStore

DIMENSIONS = 16
STORES: list[Callable[[int], VectorStore]] = [FaissStore]


def unit_vectors(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> VectorStore:
    made: VectorStore = request.param(DIMENSIONS)
    return made


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
