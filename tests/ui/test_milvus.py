"""The whole way with vectors in Milvus, on a server and on a file of milvus-lite: added, asked, removed, verified."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from fakes import WordEmbedder

from index.errors import VectorsError
from index.library import Library
from index.types import ScoredPassage
from index.vectors.milvus import MilvusStore
from ui.cli import commands

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "What did Asif say about refugees?"
SENTENCE = "They should arrange for the return of refugees and ensure that illegals do not come from there"


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The path of a Milvus file."""
    return str(tmp_path / "milvus.db")


@pytest.fixture(params=["file", "milvus_server"])
def address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a Milvus, which the settings name."""
    where: str = request.getfixturevalue(request.param)
    monkeypatch.setenv("PINCITE_VECTORS", f"milvus:{where}")
    return f"milvus:{where}"


@pytest.fixture(autouse=True)
def _settings_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name a library of its own."""
    for name in [name for name in os.environ if name.startswith(("PINCITE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PINCITE_LIBRARY", str(tmp_path / "library"))


def pincite(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments, prog_name="pincite", catch_exceptions=False)


def test_the_refugees_question_is_answered_with_vectors_in_milvus(tmp_path: Path, address: str) -> None:
    assert pincite("add", str(SEEDS)).stdout == "1 added\n"

    reply = pincite("ask", QUESTION)

    assert reply.exit_code == 0
    assert SENTENCE in " ".join(reply.stdout.split())
    assert not (tmp_path / "library" / "vectors.faiss").exists()
    with Library.open(tmp_path / "library", vectors=address) as library:
        passages = library.count()
        nearest = library.search_dense(library.embed_query(QUESTION), 3)
    with Library.open(tmp_path / "library") as exact:
        expected = exact.search_dense(exact.embed_query(QUESTION), 3)
    assert [hit.passage_id for hit in nearest] == [hit.passage_id for hit in expected]
    assert [hit.score for hit in nearest] == pytest.approx([hit.score for hit in expected], abs=1e-5)
    assert passages > 3


def test_what_was_removed_or_repaired_is_so_in_milvus_as_well(tmp_path: Path, address: str) -> None:
    (tmp_path / "town.txt").write_text("The ferry leaves at dawn.\n\nThe bakery sells bread.\n", encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words", vectors=address) as library:
        library.add([tmp_path / "town.txt"])
        library.add_upload("more.txt", b"A clock stands in the museum.")
        query = WordEmbedder().embed("museum clock")
        assert library.search_dense(query, 1)[0].passage_id == 3
        library.repair()
        assert library.search_dense(query, 1)[0].passage_id == 3
        library.remove(2)
        assert sorted(hit.passage_id for hit in library.search_dense(query, 9)) == [1, 2]
        identity = library._database.identity()

    store = MilvusStore(address.removeprefix("milvus:"), identity, "words", WordEmbedder.dimensions)
    assert store.ids().tolist() == [1, 2]
    expected = WordEmbedder().embed_queries(["ferry", "bakery bread"])
    assert np.allclose(store.vectors(store.ids()), expected, atol=1e-6)
    store.close()


def test_verify_finds_another_vector_in_milvus_and_repair_puts_it_right(tmp_path: Path, address: str) -> None:
    (tmp_path / "town.txt").write_text("The ferry leaves at dawn.\n\nThe bakery sells bread.\n", encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words", vectors=address) as library:
        library.add([tmp_path / "town.txt"])
        assert library.verify() == ()
        store = MilvusStore(address.removeprefix("milvus:"), library._database.identity(), "words", 7)
        store.add(np.array([2]), WordEmbedder().embed_queries(["museum"]))

        assert [str(problem) for problem in library.verify()] == ["milvus: it holds other vectors than the database"]
        library.repair()
        assert library.verify() == ()
        assert len(store) == 2
        store.close()


@contextmanager
def open_elsewhere(address: str) -> Iterator[None]:
    """Another process has a store open and has added a vector to it; it closes it at the end."""
    code = (
        "import sys, numpy\nfrom index.vectors.milvus import MilvusStore\n"
        "store = MilvusStore(sys.argv[1], 1, 'words', 4)\n"
        "store.add(numpy.array([5]), numpy.eye(1, 4, dtype='float32'))\n"
        "print('added', flush=True)\ninput()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "added\n"
        yield
        other.communicate("\n")


def test_what_one_process_adds_to_a_server_another_finds_at_once(milvus_server: str) -> None:
    with closing(MilvusStore(milvus_server, 1, "words", 4)) as store:
        assert len(store) == 0
        with open_elsewhere(milvus_server):
            assert store.search(np.eye(1, 4, dtype=np.float32)[0], 2) == [ScoredPassage(5, 1.0)]
            store.remove(np.array([5]))
        assert store.ids().tolist() == []


def test_two_replicas_of_a_library_find_what_either_adds_and_not_what_either_removes(
    tmp_path: Path, milvus_server: str
) -> None:
    one, two = (
        Library(tmp_path / "library", WordEmbedder, "words", vectors=f"milvus:{milvus_server}") for _ in range(2)
    )
    query = WordEmbedder().embed("ferry")
    with one, two:
        assert one.search_dense(query, 3) == two.search_dense(query, 3) == []
        one.add_upload("town.txt", b"The ferry leaves at dawn.")
        two.add_upload("isle.txt", b"A ferry to the isle of bread.")
        assert [hit.passage_id for hit in one.search_dense(query, 3)] == [1, 2]
        assert [hit.passage_id for hit in two.search_dense(query, 3)] == [1, 2]
        two.remove(1)
        assert [hit.passage_id for hit in one.search_dense(query, 3)] == [2]


def test_a_milvus_file_that_another_process_has_made_is_searched_and_one_that_it_has_open_is_refused(file: str) -> None:
    refusal = r"name a server .*, or a file that ends in \.db and that no other process has open"
    with open_elsewhere(file), pytest.raises(VectorsError, match=refusal):
        MilvusStore(file, 1, "words", 4)

    store = MilvusStore(file, 1, "words", 4)
    assert store.search(np.eye(1, 4, dtype=np.float32)[0], 2) == [ScoredPassage(5, 1.0)]
    store.close()


def test_a_milvus_file_is_opened_again_however_long_it_was_not_used(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pymilvus.client.connection_manager.IDLE_THRESHOLD_SECONDS", -1.0)
    with closing(MilvusStore(file, 1, "words", 4)) as first:
        first.add(np.array([5]), np.eye(1, 4, dtype=np.float32))
        with closing(MilvusStore(file, 1, "words", 4)) as second:
            assert second.ids().tolist() == [5]
        assert first.ids().tolist() == [5]


@pytest.mark.parametrize("vectors", ["redis:localhost", "milvus:", "faiss:x", ""])
def test_a_store_that_is_not_known_is_named_with_those_that_are(tmp_path: Path, vectors: str) -> None:
    (tmp_path / "town.txt").write_text("The ferry leaves at dawn.", encoding="utf-8")
    with (
        Library(tmp_path / "library", WordEmbedder, "words", vectors=vectors) as library,
        pytest.raises(VectorsError, match=f"vectors cannot be kept in '{vectors}': name faiss, or milvus: and an add"),
    ):
        library.add([tmp_path / "town.txt"])
