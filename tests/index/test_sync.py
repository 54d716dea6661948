"""A library in line with a folder: what is new, changed, moved and gone, with as little work as it takes."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fakes import WordEmbedder
from files import column, pdf

from index.database import Database
from index.embedders import Embedder
from index.errors import ReadError
from index.library import Library
from index.parse.limits import ReaderSettings
from index.parse.reader import Reader
from index.sync import sync_folder
from index.types import Failure, FileReport, Outcome, ParsedDocument, Scope

FERRY = "The ferry leaves at 07:40. A ticket costs twelve euros.\n"
BAKERY = "# The bakery\n\nBread is sold from six.\n"
LONG_AGO = 1_600_000_000


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        yield library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "papers", {"ferry.txt": FERRY, "town/bakery.md": BAKERY})


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files that seem to have been changed long ago."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def outcomes(reports: tuple[FileReport, ...] | list[FileReport]) -> dict[str, Outcome]:
    return {Path(report.source).name: report.outcome for report in reports}


def sources(library: Library) -> set[str]:
    return {Path(info.source).name for info in library.documents()}


class CountedReader(Reader):
    """Counts the files that it is asked to read."""

    def __init__(self) -> None:
        super().__init__(ReaderSettings(workers=1))
        self.files = 0

    def read(self, name: str, data: bytes, password: str = "") -> ParsedDocument:
        self.files += 1
        return super().read(name, data, password)


class CountedEmbedder(WordEmbedder):
    """Counts the texts that it is asked to embed."""

    texts = 0

    def embed_passages(self, texts: Any, sentences: Any) -> list[Any]:
        self.texts += len(texts)
        return super().embed_passages(texts, sentences)


def test_what_was_added_changed_and_deleted_in_the_folder_is_told_and_what_came_from_elsewhere_stays(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    elsewhere = write(tmp_path / "papers too", {"museum.txt": "The museum shows one clock.\n"})
    library.add([elsewhere])
    library.add_upload("notes.txt", b"Bread, twice.")
    assert outcomes(library.sync(folder)) == {"ferry.txt": Outcome.ADDED, "bakery.md": Outcome.ADDED}

    write(folder, {"ferry.txt": "The ferry is gone for good.\n", "clock.txt": "The clock is slow.\n"})
    (folder / "town/bakery.md").unlink()
    reports = library.sync(folder)

    assert outcomes(reports) == {
        "ferry.txt": Outcome.UPDATED,
        "clock.txt": Outcome.ADDED,
        "bakery.md": Outcome.DELETED,
    }
    assert sources(library) == {"museum.txt", "notes.txt", "ferry.txt", "clock.txt"}
    assert library.passages_with(["bakery", "gone"]) == [0, 1]


def test_when_nothing_changed_nothing_is_read_and_no_model_is_loaded(folder: Path, tmp_path: Path) -> None:
    write(folder, {"empty.txt": "", "broken.pdf": b"%PDF-1.7 and no more"})
    database, first, second = Database(tmp_path / "library.db"), CountedReader(), CountedReader()

    def no_embedder() -> Embedder:
        raise AssertionError("the embedder was opened")

    with first, second:
        before = sync_folder(database, WordEmbedder, first, folder)
        again = sync_folder(database, no_embedder, second, folder)

    assert (first.files, second.files) == (4, 0)
    failed = [report for report in before if report.outcome is Outcome.FAILED]
    assert [report.failure for report in failed] == [Failure.DAMAGED, Failure.EMPTY]
    assert [report for report in again if report.outcome is Outcome.FAILED] == failed
    assert outcomes(again) == {
        "broken.pdf": Outcome.FAILED,
        "empty.txt": Outcome.FAILED,
        "ferry.txt": Outcome.UNCHANGED,
        "bakery.md": Outcome.UNCHANGED,
    }


def test_a_file_that_failed_is_tried_again_when_it_changes_when_it_is_added_and_with_other_limits(
    folder: Path, tmp_path: Path
) -> None:
    write(folder, {"a.txt": "", "long.txt": "A clock. " * 50})
    database, reader = Database(tmp_path / "library.db"), Reader(ReaderSettings(max_characters=200))
    with reader, Reader(ReaderSettings()) as generous:
        reports = sync_folder(database, WordEmbedder, reader, folder)
        write(folder, {"a.txt": "A ticket, at last."})
        later = sync_folder(database, WordEmbedder, reader, folder)
        last = sync_folder(database, WordEmbedder, generous, folder)

    assert [outcomes(reports)[name] for name in ("a.txt", "long.txt")] == [Outcome.FAILED, Outcome.FAILED]
    assert [outcomes(later)[name] for name in ("a.txt", "long.txt")] == [Outcome.ADDED, Outcome.FAILED]
    assert outcomes(last)["long.txt"] is Outcome.ADDED
    assert database.failures_below(str(folder)) == []


def test_an_encrypted_file_that_failed_is_read_once_its_password_is_given(library: Library, folder: Path) -> None:
    write(folder, {"secret.pdf": pdf([column(50, 700, ["A ticket is three euros."])], password="foo")})

    assert [report.failure for report in library.sync(folder) if report.failure] == [Failure.PASSWORD]
    assert outcomes(library.sync(folder))["secret.pdf"] is Outcome.FAILED
    assert outcomes(library.sync(folder, password="foo"))["secret.pdf"] is Outcome.ADDED


def test_a_moved_file_keeps_its_document_and_is_not_read_or_embedded_again(folder: Path, tmp_path: Path) -> None:
    database, embedder = Database(tmp_path / "library.db"), CountedEmbedder()
    with CountedReader() as reader:
        sync_folder(database, lambda: embedder, reader, folder)
        before = database.documents()
        shutil.move(folder / "town", folder / "village")
        shutil.move(folder / "ferry.txt", folder / "boats to the island.txt")
        reports = sync_folder(database, lambda: embedder, reader, folder)

    assert (reader.files, embedder.texts) == (2, 2)
    moved = {Path(report.moved_from).name: Path(report.source).name for report in reports}
    assert moved == {"ferry.txt": "boats to the island.txt", "bakery.md": "bakery.md"}
    assert {report.outcome for report in reports} == {Outcome.MOVED}
    after = {info.id: info for info in database.documents()}
    assert set(after) == {info.id for info in before}
    assert {info.source for info in after.values()} == {
        str(folder / "boats to the island.txt"),
        str(folder / "village/bakery.md"),
    }


def test_a_document_called_after_its_file_is_renamed_with_it_and_found_by_the_new_name(
    library: Library, folder: Path
) -> None:
    library.sync(folder)
    shutil.move(folder / "ferry.txt", folder / "island.txt")
    shutil.move(folder / "town/bakery.md", folder / "town/shop.md")
    library.sync(folder)

    assert {info.title for info in library.documents()} == {"island", "The bakery"}
    assert library.passages_with(["island", "shop", "ferry", "ticket"]) == [1, 0, 1, 1]
    assert library.verify() == ()


def test_two_files_that_change_places_are_both_right_afterwards(library: Library, folder: Path) -> None:
    write(folder, {"a.txt": "The museum is closed.\n", "b.txt": "The clock is slow.\n"})
    library.sync(folder)
    write(folder, {"b.txt": "The museum is closed.\n", "a.txt": "The clock is slow.\n"})
    os.utime(folder / "a.txt", (LONG_AGO + 1, LONG_AGO + 1))
    os.utime(folder / "b.txt", (LONG_AGO + 1, LONG_AGO + 1))

    reports = outcomes(library.sync(folder))
    assert (reports["a.txt"], reports["b.txt"]) == (Outcome.UPDATED, Outcome.UPDATED)
    by_source = {Path(info.source).name: library.document(info.id).text for info in library.documents()}
    assert (by_source["a.txt"], by_source["b.txt"]) == ("The clock is slow.\n", "The museum is closed.\n")
    assert len(by_source) == 4


def test_a_copy_is_a_second_source_of_the_same_document_until_one_of_the_two_is_deleted(
    library: Library, folder: Path
) -> None:
    library.sync(folder)
    write(folder, {"copy.txt": FERRY})
    [copied] = [report for report in library.sync(folder) if report.outcome is Outcome.ADDED]
    assert (Path(copied.source).name, copied.passages, len(library.documents())) == ("copy.txt", 0, 2)

    (folder / "ferry.txt").unlink()
    assert outcomes(library.sync(folder))["ferry.txt"] is Outcome.DELETED
    assert sources(library) == {"copy.txt", "bakery.md"}


def test_the_same_bytes_under_another_ending_are_read_as_what_the_ending_says(library: Library, folder: Path) -> None:
    library.sync(folder)
    shutil.copy(folder / "town/bakery.md", folder / "bakery.txt")
    library.sync(folder)

    assert {(info.title, info.format) for info in library.documents() if "bakery" in info.source} == {
        ("The bakery", "markdown"),
        ("bakery", "text"),
    }


def test_a_file_that_changes_twice_within_a_tick_of_the_clock_is_not_missed(library: Library, folder: Path) -> None:
    path = folder / "ferry.txt"
    now = time.time_ns()
    path.write_text("The ferry leaves at 07:40.", encoding="utf-8")
    os.utime(path, ns=(now, now))
    library.sync(folder)
    path.write_text("The ferry leaves at 07:55.", encoding="utf-8")
    os.utime(path, ns=(now, now))

    assert outcomes(library.sync(folder))["ferry.txt"] is Outcome.UPDATED


def test_a_file_is_seen_to_have_changed_although_the_clock_was_set_back(library: Library, folder: Path) -> None:
    library.sync(folder)
    write(folder, {"ferry.txt": FERRY.replace("07:40", "09:15")})
    os.utime(folder / "ferry.txt", (LONG_AGO - 86_400, LONG_AGO - 86_400))

    assert outcomes(library.sync(folder)) == {"ferry.txt": Outcome.UPDATED, "bakery.md": Outcome.UNCHANGED}
    assert library.passages_with(["09:15"]) == library.passages_with(["15"]) == [1]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("missing", "does not exist"),
        ("empty", "no files in .*: nothing was removed, since its disk may not be there"),
        ("file", "is no folder: pincite add takes files"),
    ],
)
def test_a_folder_that_is_not_there_or_empty_or_none_deletes_nothing(
    library: Library, folder: Path, state: str, message: str
) -> None:
    library.sync(folder)
    shutil.rmtree(folder)
    if state == "empty":
        folder.mkdir()
    elif state == "file":
        folder.write_text("x", encoding="utf-8")

    with pytest.raises(ReadError, match=message):
        library.sync(folder)
    assert sources(library) == {"ferry.txt", "bakery.md"}


def test_what_lies_in_a_folder_that_cannot_be_looked_into_stays(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.sync(folder)
    real = os.scandir

    def closed(path: str) -> Any:
        if Path(path).name == "town":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert outcomes(library.sync(folder)) == {"ferry.txt": Outcome.UNCHANGED}
    assert sources(library) == {"ferry.txt", "bakery.md"}


def test_a_folder_with_a_name_that_begins_like_the_other_s_is_another(library: Library, tmp_path: Path) -> None:
    first = write(tmp_path / "a", {"ferry.txt": FERRY})
    second = write(tmp_path / "a b", {"bakery.md": BAKERY})
    third = write(tmp_path / "a%", {"clock.txt": "A clock."})
    library.add([first, second, third])
    (second / "bakery.md").unlink()
    (third / "clock.txt").unlink()

    assert outcomes(library.sync(first)) == {"ferry.txt": Outcome.UNCHANGED}
    assert sources(library) == {"ferry.txt", "bakery.md", "clock.txt"}


def test_a_file_has_one_name_however_its_folder_was_named(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.sync(folder)
    monkeypatch.chdir(folder / "town")

    assert set(outcomes(library.sync(Path(".."))).values()) == {Outcome.UNCHANGED}
    assert set(outcomes(library.add([Path("../ferry.txt"), Path()])).values()) == {Outcome.UNCHANGED}


def test_what_is_new_belongs_to_the_folder_s_collection_and_what_was_moved_stays_in_its_own(
    library: Library, folder: Path
) -> None:
    library.add([folder / "ferry.txt"], collection="timetables")
    library.sync(folder)
    shutil.move(folder / "ferry.txt", folder / "town/ferry.txt")
    write(folder, {"clock.txt": "A clock."})
    library.sync(folder)

    assert {(own.name, own.documents) for own in library.collections()} == {("timetables", 1), ("papers", 2)}


def test_a_file_that_was_just_changed_has_its_own_date(library: Library, folder: Path) -> None:
    now = time.time_ns()
    (folder / "ferry.txt").write_text("The ferry leaves at 07:55.", encoding="utf-8")
    os.utime(folder / "ferry.txt", ns=(now, now))
    library.sync(folder)

    view = library.within(Scope(since=date.fromtimestamp(now / 1e9)))
    assert [info.title for info in view.documents()] == ["ferry"]


def test_a_name_that_is_no_text_fails_alone(library: Library, folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(FERRY, encoding="utf-8")
    reports = library.sync(folder)
    again = library.add([folder], collection="papers")

    [failed] = [report for report in reports if report.outcome is Outcome.FAILED]
    assert failed in again
    assert failed.reason == "caf\udce9.txt has a name that is no text in UTF-8: rename it"
    assert sources(library) == {"ferry.txt", "bakery.md"}


def test_a_library_within_the_folder_is_none_of_its_documents(folder: Path) -> None:
    with Library(folder / "library", WordEmbedder, "words") as library:
        library.add([folder])
        reports = library.sync(folder)
        assert sources(library) == {"ferry.txt", "bakery.md"}
    assert outcomes(reports) == {"ferry.txt": Outcome.UNCHANGED, "bakery.md": Outcome.UNCHANGED}
