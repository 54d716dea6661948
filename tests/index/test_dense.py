"""Vectors kept in step with the database, exact and merged into a snapshot; a file that does not fit is not trusted."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.database import Database, NewDocument
from index.dense import DenseIndex, load
from index.duplicates import sketch
from index.embedders import Embedded
from index.types import Kind, ParsedDocument, PassageDraft, Span
from index.vectors import snapshot
from index.vectors.faiss_store import Stamp

DIMENSIONS = 24
EXACT_UP_TO = 40


class GivenVectors:
    """What a store needs to know of an embedder; the tests bring the vectors."""

    name = "given"
    dimensions = DIMENSIONS
    max_tokens = 100

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_queries(self, queries: Sequence[str]) -> np.ndarray:
        return random_vectors(len(queries), 0)

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[np.ndarray]:
        return [random_vectors(1 + len(own), len(text)) for text, own in zip(texts, sentences, strict=True)]


def random_vectors(count: int, seed: int) -> np.ndarray:
    """Unit vectors that lie in groups, as those of texts do; half precision holds them as they are."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(99).standard_normal((40, DIMENSIONS))
    vectors = middles[random.integers(0, 40, count)] + 0.7 * random.standard_normal((count, DIMENSIONS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


def add(database: Database, name: str, vectors: np.ndarray) -> None:
    """Store a document with a passage of one sentence for each vector."""
    span = Span(0, 6)
    passages = [PassageDraft(span, Kind.PARAGRAPH, (), (span,)) for _ in vectors]
    parsed = ParsedDocument(name, "Bread.", (), "en")
    own = [Embedded(np.stack([vector, vector])) for vector in vectors]
    database.replace([NewDocument(name, "", name, 1, 6, 1, parsed, passages, own, sketch("Bread."))], "given")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "library.db")
    yield database
    while OPENED:
        OPENED.pop().close()
    database.close()


OPENED: list[DenseIndex] = []


def open_index(database: Database) -> DenseIndex:
    """Open an index; it is closed before the database is."""
    OPENED.append(DenseIndex(database, database.path.with_name("vectors"), GivenVectors(), exact_up_to=EXACT_UP_TO))
    return OPENED[-1]


def test_closing_waits_for_the_database_to_be_left_alone_and_no_longer(database: Database) -> None:
    add(database, "a", random_vectors(100, 1))
    for _ in range(20):
        index = open_index(database)
        index.search(random_vectors(1, 2)[0], 3)
        index.close()
        database.close()


def all_vectors(database: Database) -> dict[int, np.ndarray]:
    return database.vectors(database.embedded_ids("given").tolist(), "given")


def nearest(database: Database, query: np.ndarray, limit: int) -> list[int]:
    """The ids a search has to find, by brute force over the database."""
    vectors = all_vectors(database)
    return sorted(vectors, key=lambda id_: -float(vectors[id_] @ query))[:limit]


def found(index: DenseIndex, query: np.ndarray, limit: int) -> list[int]:
    return [hit.passage_id for hit in index.search(query, limit)]


def is_snapshot(database: Database) -> bool:
    return database.path.with_name("vectors").read_bytes().startswith(snapshot.MAGIC)


def test_a_large_library_is_merged_and_finds_what_came_and_not_what_went(database: Database) -> None:
    add(database, "a", random_vectors(30, 1))
    index = open_index(database)
    index.save(wait=True)
    assert not is_snapshot(database)

    add(database, "b", random_vectors(100, 2))
    index.save(wait=True)
    assert is_snapshot(database)
    add(database, "c", random_vectors(20, 3))
    database.remove(1)

    for query in random_vectors(20, 4):
        assert found(index, query, 15) == nearest(database, query, 15)


def test_a_reopened_index_goes_on_from_its_snapshot(database: Database) -> None:
    add(database, "a", random_vectors(100, 1))
    open_index(database).save(wait=True)
    before = database.path.with_name("vectors").read_bytes()
    add(database, "b", random_vectors(10, 2))
    database.remove_embeddings([5, 6], "given")
    database.add_embeddings([6], [Embedded(random_vectors(2, 7))], "given")

    index = open_index(database)
    for query in random_vectors(20, 4):
        assert found(index, query, 110) == nearest(database, query, 110)
    index.save()

    assert database.path.with_name("vectors").read_bytes() == before, "ten passages more are not worth a new snapshot"


def test_the_changes_since_a_generation_are_told_and_those_of_another_history_are_not(database: Database) -> None:
    add(database, "a", random_vectors(3, 1))
    generation = database.generation()
    add(database, "b", random_vectors(2, 2))
    database.remove_embeddings([2], "given")

    changed = database.embeddings_changed_since(generation)
    assert changed is not None
    assert changed.tolist() == [2, 4, 5]
    unchanged = database.embeddings_changed_since(database.generation())
    assert unchanged is not None
    assert unchanged.tolist() == []
    assert database.embeddings_changed_since(generation - 1) is None
    assert database.embeddings_changed_since(database.generation() + 1) is None


def test_only_the_last_changes_are_kept(database: Database) -> None:
    add(database, "a", random_vectors(2, 1))
    first = database.generation()
    with sqlite3.connect(database.path) as connection:
        connection.execute("UPDATE embedding_changes SET id = id + 99999 WHERE generation > ?", (first,))
        connection.execute("INSERT INTO embedding_changes VALUES (100001, ?, 0)", (first + 1,))
        kept = [row[0] for row in connection.execute("SELECT id FROM embedding_changes ORDER BY id")]
    connection.close()
    assert kept == [2, 3, 100001]


def swapped(path: Path) -> bytes:
    """The snapshot of another library with as many passages."""
    other = Database(path.with_name("other.db"))
    add(other, "x", random_vectors(100, 77))
    aside = DenseIndex(other, path.with_name("other"), GivenVectors(), exact_up_to=EXACT_UP_TO)
    aside.save(wait=True)
    aside.close()
    other.close()
    return path.with_name("other").read_bytes()


@pytest.mark.parametrize("damage", ["cut off", "longer", "ids", "codes", "another library's", "empty"])
def test_a_damaged_or_swapped_snapshot_is_made_again(database: Database, damage: str) -> None:
    add(database, "a", random_vectors(100, 1))
    open_index(database).save(wait=True)
    path = database.path.with_name("vectors")
    data = bytearray(path.read_bytes())
    if damage == "ids":
        data[snapshot.HEADER_BYTES] ^= 1
    if damage == "codes":
        data[-20] ^= 1
    spoilt = {"cut off": data[:-5], "longer": data + b"x", "another library's": swapped(path), "empty": b""}
    path.write_bytes(spoilt.get(damage, data))

    index = open_index(database)
    for query in random_vectors(20, 4):
        assert found(index, query, 15) == nearest(database, query, 15)
    index.save(wait=True)
    assert open_index(database).search(random_vectors(1, 5)[0], 9) == index.search(random_vectors(1, 5)[0], 9)


def test_a_snapshot_that_nobody_waits_for_leaves_the_old_one_and_no_other_file(tmp_path: Path) -> None:
    vectors, stamp, path = random_vectors(100, 1), Stamp("given", DIMENSIONS, 7, 1), tmp_path / "vectors"
    snapshot.write(path, stamp, np.arange(100), lambda ids: vectors[ids])
    before = path.read_bytes()

    with pytest.raises(snapshot.Stopped):
        snapshot.write(path, stamp, np.arange(50), lambda ids: vectors[ids], lambda: True)
    with pytest.raises(OSError, match="disk"):
        snapshot.write(path, stamp, np.arange(50), failing)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_but_not_what_another_is_writing(tmp_path: Path) -> None:
    vectors, path = random_vectors(100, 1), tmp_path / "vectors"
    left, written = tmp_path / "vectors.1.tmp", tmp_path / "vectors.2.tmp"
    left.write_bytes(b"half of it")
    written.write_bytes(b"half of it")
    os.utime(left, (0, 0))

    snapshot.write(path, Stamp("given", DIMENSIONS, 7, 1), np.arange(100), lambda ids: vectors[ids])

    assert sorted(tmp_path.iterdir()) == [path, written]


def failing(ids: np.ndarray) -> np.ndarray:
    raise OSError("the disk is full")


def test_an_approximate_search_finds_nearly_all_that_brute_force_finds(tmp_path: Path) -> None:
    """With 512 lists, of which it reads 363, and 600 of 20,000 vectors compared as they are."""
    vectors, queries = random_vectors(20_000, 1), random_vectors(50, 2)
    stamp = Stamp("given", DIMENSIONS, 7, 1)
    snapshot.write(tmp_path / "vectors", stamp, np.arange(20_000) * 3, lambda ids: vectors[ids // 3])
    loaded = load(tmp_path / "vectors", "given", DIMENSIONS)
    assert loaded is not None
    store, stamp = loaded
    assert stamp == Stamp("given", DIMENSIONS, 7, 1)
    assert (store.compared, snapshot.lists_for(20_000)) == (0, 512)

    expected = np.argsort(-(queries @ vectors.T))[:, :10] * 3
    hits = [[hit.passage_id for hit in store.search(query, 10)] for query in queries]
    assert np.mean([np.isin(own, right).mean() for own, right in zip(hits, expected, strict=True)]) >= 0.99

    store.remove(expected.ravel())
    assert not np.isin([hit.passage_id for hit in store.search(queries[0], 300)], expected).any()
    assert np.array_equal(store.vectors(np.array([3, 0, 9])), vectors[[1, 0, 3]])


def test_most_of_a_large_library_is_searched_as_approximately_as_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "EXACT_AMONG", 1_000)
    vectors, queries = random_vectors(8_000, 1), random_vectors(50, 2)
    snapshot.write(tmp_path / "vectors", Stamp("given", DIMENSIONS, 7, 1), np.arange(8_000), lambda ids: vectors[ids])
    loaded = load(tmp_path / "vectors", "given", DIMENSIONS)
    assert loaded is not None
    among = np.flatnonzero(np.random.default_rng(3).random(8_000) < 0.5)

    expected = among[np.argsort(-(queries @ vectors[among].T))[:, :10]]
    hits = [[hit.passage_id for hit in loaded[0].search(query, 10, among)] for query in queries]
    assert np.mean([np.isin(own, right).mean() for own, right in zip(hits, expected, strict=True)]) >= 0.99
    assert set(np.ravel(hits)) <= set(among.tolist())
