"""A folder that is watched: what counts as a change, and when it is over."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from index.errors import ReadError
from index.watch import QUIET_SECONDS, FolderWatch

LONG = 20.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "papers" / "town").mkdir(parents=True)
    (tmp_path / "papers" / "ferry.txt").write_text("The ferry leaves at 07:40.", encoding="utf-8")
    return tmp_path / "papers"


@pytest.fixture
def watch(folder: Path) -> Iterator[FolderWatch]:
    with FolderWatch(folder, folder / "library") as watch:
        yield watch


def test_a_file_that_is_written_renamed_or_deleted_is_a_change(watch: FolderWatch, folder: Path) -> None:
    (folder / "town" / "clock.txt").write_text("A clock.", encoding="utf-8")
    assert watch.wait(LONG)
    (folder / "ferry.txt").rename(folder / "town" / "boat.txt")
    assert watch.wait(LONG)
    (folder / "town" / "clock.txt").unlink()
    assert watch.wait(LONG)
    (folder / "new").mkdir()
    (folder / "new" / "museum.txt").write_text("A museum.", encoding="utf-8")
    assert watch.wait(LONG)


def test_reading_a_file_and_what_is_hidden_or_the_library_s_is_no_change(watch: FolderWatch, folder: Path) -> None:
    (folder / "library" / "originals").mkdir(parents=True)
    (folder / "library" / "library.db").write_text("x", encoding="utf-8")
    (folder / "ferry.txt").read_bytes()
    (folder / ".ferry.txt.swp").write_text("x", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "index").write_text("x", encoding="utf-8")
    assert not watch.wait(1.5)


def test_changes_in_a_row_are_one_and_it_ends_when_it_is_quiet(watch: FolderWatch, folder: Path) -> None:
    for number in range(6):
        Timer(number * QUIET_SECONDS / 3, (folder / f"{number}.txt").write_text, ["A ticket."]).start()
    started = time.monotonic()
    assert watch.wait(LONG)

    assert time.monotonic() - started >= 5 * QUIET_SECONDS / 3 + QUIET_SECONDS * 0.9
    assert len(list(folder.glob("?.txt"))) == 6
    assert not watch.wait(0.2)


def test_a_file_that_is_written_without_an_end_does_not_put_it_off_for_ever(
    watch: FolderWatch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.watch.AT_MOST_SECONDS", 2.0)
    timers = [Timer(number / 5, (folder / "log.txt").write_text, [str(number)]) for number in range(30)]
    for timer in timers:
        timer.start()
    started = time.monotonic()
    assert watch.wait(LONG)

    assert time.monotonic() - started >= 2.0
    assert (folder / "log.txt").read_text(encoding="utf-8") != "29"
    for timer in timers:
        timer.cancel()
        timer.join()


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"nowhere cannot be watched \(.*\): run pincite sync now and then"):
        FolderWatch(tmp_path / "nowhere", tmp_path)
