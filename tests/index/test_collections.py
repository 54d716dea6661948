"""Collections and scopes: which documents belong together, and that nothing outside a scope is found or counted."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder

from index.errors import CollectionError, NotInLibrary
from index.library import Library
from index.migrations import MIGRATIONS
from index.types import EVERYTHING, Collection, Scope

FERRY = "The ferry leaves at 07:40. A ticket costs twelve euros.\n\nThe museum shows one clock.\n"
BAKERY = "# The bakery\n\nBread is sold from six. The bakery beside the ferry is closed on Sundays.\n"
SCOPES = 12


def open_library(directory: Path) -> Library:
    return Library(directory, WordEmbedder, "words")


def write(path: Path, text: str, day: str = "2024-05-01") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    changed = datetime.fromisoformat(f"{day}T12:00").timestamp()
    os.utime(path, (changed, changed))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "town" / "ferry.txt", FERRY, "2023-12-31")
    write(tmp_path / "town" / "shops" / "bakery.md", BAKERY, "2024-01-01")
    write(tmp_path / "trips" / "copy.txt", FERRY, "2024-06-01")
    write(tmp_path / "trips" / "clock.html", "<title>Clocks</title><p>A clock ticks in the museum.</p>", "2024-06-02")
    return tmp_path


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with open_library(folder / "library") as library:
        library.add([folder / "town", folder / "trips"])
        library.add_upload("notes.txt", b"A bread museum.")
        yield library


def titles(library: Library, scope: Scope) -> list[str]:
    return [document.title for document in library.within(scope).documents()]


# Collections


def test_a_folder_is_a_collection_a_file_is_in_that_of_its_folder_and_an_upload_in_uploads(
    library: Library, folder: Path
) -> None:
    library.add([write(folder / "letters" / "one.txt", "A letter.")])

    assert library.collections() == (
        Collection("letters", 1, 1),
        Collection("town", 2, 3),
        Collection("trips", 2, 3),
        Collection("uploads", 1, 1),
    )


def test_a_document_with_two_sources_is_in_both_of_their_collections(library: Library) -> None:
    assert titles(library, Scope(collections=("town",))) == ["ferry", "The bakery"]
    assert titles(library, Scope(collections=("trips",))) == ["ferry", "Clocks"]
    assert len(library.documents()) == 4


def test_files_are_put_into_the_collection_that_is_named_and_stay_there_when_they_change(
    library: Library, folder: Path
) -> None:
    library.add([folder / "town" / "shops"], collection="food")
    write(folder / "town" / "shops" / "bakery.md", "Bread is gone.", "2025-01-01")
    library.add([folder / "town"])
    library.add_upload("notes.txt", b"A bread museum, closed.", collection="food")

    assert titles(library, Scope(collections=("food",))) == ["bakery", "notes"]
    assert [own.name for own in library.collections()] == ["food", "town", "trips"]


def test_a_collection_is_renamed_but_never_into_another(library: Library) -> None:
    library.rename_collection("town", "my town")
    assert [own.name for own in library.collections()] == ["my town", "trips", "uploads"]
    with pytest.raises(CollectionError, match="there is a collection called trips already: take another name"):
        library.rename_collection("my town", "trips")
    with pytest.raises(CollectionError, match="needs a name"):
        library.rename_collection("my town", " ")
    with pytest.raises(NotInLibrary, match="no collection is called town: there is my town, trips, uploads"):
        library.rename_collection("town", "x")


def test_a_removed_collection_takes_along_only_what_is_in_no_other(library: Library) -> None:
    library.remove_collection("town")

    assert [document.title for document in library.documents()] == ["ferry", "Clocks", "notes"]
    assert library.search_lexical(["bakery"], 9) == []
    assert len(library.search_dense(library.embed_query("bakery"), 9)) == library.count() == 4
    with pytest.raises(NotInLibrary, match="no collection is called town"):
        library.remove_collection("town")


def test_a_library_from_before_there_were_collections_gets_them_from_its_folders(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "library.db")
    for step in MIGRATIONS[:3]:
        connection.executescript(step)
    paths = [
        "/home/ada/papers/a.txt",
        "/home/ada/papers/b.txt",
        "C:\\Users\\ada\\letters\\c.txt",
        "/d.txt",
        "notes.txt",
    ]
    for number, path in enumerate(paths, 1):
        connection.execute(
            "INSERT INTO documents VALUES (?, ?, 'text', 1, 'A', '', 'Bread.', 6, '2026-01-02T03:04:05Z', '')",
            (number, str(number)),
        )
        connection.execute("INSERT INTO sources VALUES (?, ?, 6, 0)", (path, number))
    connection.execute("PRAGMA user_version = 3")
    connection.commit()
    connection.close()

    with open_library(tmp_path) as library:
        held = {own.name: own.documents for own in library.collections()}
        uploads = library.within(Scope(collections=("uploads",), since=date(2026, 1, 1), until=date(2026, 1, 3)))
    assert held == {"papers": 2, "letters": 1, "documents": 1, "uploads": 1}
    assert [document.source for document in uploads.documents()] == ["notes.txt"]


# Scopes


def test_a_scope_allows_what_satisfies_each_of_its_fields(library: Library, folder: Path) -> None:
    ferry, bakery, *_ = library.documents()

    assert titles(library, Scope(folders=(str(folder / "town" / "shops"),))) == ["The bakery"]
    assert titles(library, Scope(folders=(str(folder / "tow"),))) == []
    assert titles(library, Scope(formats=("html", "markdown"))) == ["The bakery", "Clocks"]
    assert titles(library, Scope(documents=(bakery.id,))) == ["The bakery"]
    assert titles(library, Scope(until=date(2023, 12, 31))) == ["ferry"]
    assert titles(library, Scope(since=date(2024, 1, 1), until=date(2024, 1, 1))) == ["The bakery"]
    assert titles(library, Scope(collections=("town", "trips"), formats=("text",))) == ["ferry"]
    assert titles(library, Scope(collections=("town",), since=date(2024, 6, 1))) == [], "one source has to satisfy both"
    assert library.within(EVERYTHING).documents() == library.documents()
    assert titles(library, Scope(documents=(ferry.id, bakery.id), collections=("trips",))) == ["ferry"]


def test_an_upload_counts_as_changed_on_the_day_it_came(library: Library) -> None:
    assert titles(library, Scope(since=datetime.now().date())) == ["notes"]


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (Scope(collections=("towns",)), "no collection is called towns: there is town, trips, uploads"),
        (Scope(documents=(99,)), "no document is called 99: there is 1, 2, 3, 4"),
        (Scope(formats=("doc",)), "no type is called doc: there is html, markdown, text"),
    ],
)
def test_what_a_scope_names_and_is_not_there_is_said(library: Library, scope: Scope, message: str) -> None:
    with pytest.raises(NotInLibrary, match=message):
        library.within(scope)


def test_nothing_outside_a_scope_is_found_counted_or_read(library: Library) -> None:
    seen = library.within(Scope(collections=("trips",)))
    whole = {hit.passage_id for hit in library.search_lexical(["ferry", "bread"], 9)}
    bakery = library.find("The bakery").id

    assert len(whole) == 4
    assert [passage.document.title for passage in seen.passages(sorted(whole))] == ["ferry", "ferry"]
    assert seen.search_lexical(["bread"], 9) == []
    assert seen.passages_with(["ferry", "bread", "clock"]) == [2, 0, 2]
    assert seen.passages_with(["ferry", "bread"], everywhere=True) == [3, 2]
    assert (seen.count(), seen.count(everywhere=True)) == (3, 5)
    assert seen.document_passages(bakery) == ()
    with pytest.raises(NotInLibrary):
        seen.document(bakery)


def test_dense_and_lexical_search_within_any_scope_equal_brute_force(folder: Path) -> None:
    """As many are found as there are, however far behind the best of the whole library they stand."""
    words = np.array(["ferry", "bakery", "museum", "ticket", "bread", "clock"])
    random = np.random.default_rng(0)
    for number in range(60):
        text = " ".join(random.choice(words, 12)) + f" {number}."
        write(folder / "many" / f"{number % SCOPES}" / f"{number}.txt", text)
    with open_library(folder / "many library") as library:
        library.add([folder / "many" / str(part) for part in range(SCOPES)])
        query = library.embed_query("ferry clock clock")
        all_dense = library.search_dense(query, 60)
        all_lexical = library.search_lexical(["ferry", "clock"], 60)
        for part in range(SCOPES):
            seen = library.within(Scope(collections=(str(part),)))
            own = {passage.id for info in seen.documents() for passage in seen.document_passages(info.id)}
            assert len(own) == 5
            for found, of_all in (
                (seen.search_dense(query, 3), all_dense),
                (seen.search_lexical(["ferry", "clock"], 3), all_lexical),
            ):
                expected = [hit for hit in of_all if hit.passage_id in own][:3]
                assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected])
                assert {hit.passage_id for hit in found} <= own


def test_an_empty_scope_finds_nothing(library: Library) -> None:
    seen = library.within(Scope(collections=("town",), formats=("html",)))
    assert (seen.documents(), seen.count()) == ((), 0)
    assert seen.search_dense(library.embed_query("ferry"), 9) == seen.search_lexical(["ferry"], 9) == []
