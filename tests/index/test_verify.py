"""What is damaged is found and named; what can be made again is made again."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder

from index.library import VECTORS_FILE, Library
from index.verify import Problem

TEXT = (
    "# Town\n\nThe ferry leaves at dawn. The bakery sells bread.\n\nThe museum has a clock. A ticket is five euros.\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "town.md").write_text(TEXT, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "town.md"])
        library.add_upload("more.txt", b"A clock stands in the museum.")
        yield library


def damage(library: Library, statement: str, *parameters: object) -> None:
    connection = sqlite3.connect(library.directory / "library.db")
    connection.execute(statement, parameters)
    connection.commit()
    connection.close()


def parts(problems: tuple[Problem, ...]) -> list[tuple[str, bool]]:
    return [(problem.part, problem.is_derived) for problem in problems]


def found(library: Library) -> list[int]:
    return [scored.passage_id for scored in library.search_dense(WordEmbedder().embed("museum clock"), 2)]


def test_a_sound_library_has_no_problem_and_says_how_far_it_is(library: Library) -> None:
    told: list[tuple[int, int]] = []

    assert library.verify(lambda *counts: told.append(counts)) == ()
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("statement", "part", "says"),
    [
        ("UPDATE documents SET text = replace(text, 'ferry', 'Ferry') WHERE id = 1", "passages", "is not the text at"),
        ("UPDATE passages SET sentences = '[[0, 3]]' WHERE id = 3", "passages", "sentences that do not lie in it"),
        ("DELETE FROM embeddings WHERE passage_id = 3", "vectors", "passage 3 of"),
        (
            "UPDATE embeddings SET vector = substr(vector, 1, 8) WHERE passage_id = 3",
            "vectors",
            r"vectors of \(2, 14\)",
        ),
        ("UPDATE embeddings SET vector = zeroblob(28) WHERE passage_id = 3", "vectors", "not of unit length"),
    ],
)
def test_damage_in_the_database_is_named(library: Library, statement: str, part: str, says: str) -> None:
    damage(library, statement)

    problems = library.verify()

    assert problems[0].part == part
    assert re.search(says, problems[0].text)


def test_a_vector_that_is_no_number_is_found(library: Library) -> None:
    damage(library, "UPDATE embeddings SET vector = ? WHERE passage_id = 3", np.full(7, np.nan, np.float32).tobytes())

    assert parts(library.verify()) == [("vectors", True), ("faiss", True)]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def swap(path: Path) -> None:
    path.write_bytes(b"something else")


@pytest.mark.parametrize("spoil", [truncate, swap])
def test_a_damaged_faiss_file_is_found_and_made_again(library: Library, spoil: Callable[[Path], None]) -> None:
    before = found(library)
    spoil(library.directory / VECTORS_FILE)

    assert parts(library.verify()) == [("faiss", True)]
    library.repair()
    assert library.verify() == ()
    assert found(library) == before


def test_a_faiss_file_with_other_vectors_than_the_database_is_found(library: Library) -> None:
    vector = WordEmbedder().embed("bread bread bread").tobytes()
    damage(library, "UPDATE embeddings SET vector = ? WHERE passage_id = 3", vector)

    assert parts(library.verify()) == [("faiss", True)]


def test_repair_embeds_again_what_has_no_sound_vector_and_only_that(library: Library) -> None:
    damage(library, "UPDATE embeddings SET vector = zeroblob(28) WHERE passage_id = 3")
    before = library.vectors([2])[2]

    library.repair()

    assert library.verify() == ()
    assert found(library)[0] in (3, 4)
    assert (library.vectors([2])[2] == before).all()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM passage_terms WHERE passage_id = 3",
        "INSERT INTO terms_fts (terms_fts) VALUES ('delete-all')",
    ],
)
def test_a_damaged_index_of_words_is_found_and_made_again(library: Library, statement: str) -> None:
    before = library.search_lexical(["museum", "bread"], 5)
    damage(library, statement)

    assert parts(library.verify())[0] == ("words", True)
    library.repair()
    assert library.verify() == ()
    assert library.search_lexical(["museum", "bread"], 5) == before != []


def test_a_damaged_original_is_found(library: Library) -> None:
    [original] = (library.directory / "originals").iterdir()
    original.write_bytes(b"other")

    assert parts(library.verify()) == [("originals", False)]


def test_damaged_pages_of_the_database_are_found(library: Library) -> None:
    path = library.directory / "library.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sources_by_document'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    library.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size + size - 8 : root * size] = b"\0" * 8
    path.write_bytes(data)

    assert ("database", False) in parts(library.verify())
