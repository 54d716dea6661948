"""What can go wrong while documents are added: the library stays in order, and nothing that was reported is lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from bench.kills import SmallEmbedder, kill_again_and_again, write_files
from index.errors import LibraryLocked
from index.library import Library
from index.types import Outcome

ROOT = Path(__file__).parents[2]


def open_library(directory: Path) -> Library:
    return Library(directory, WordEmbedder, "words")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as library:
        yield library


def write(folder: Path, *texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def nearest(library: Library, query: str) -> str:
    [hit] = library.search_dense(library.embed_query(query), 1)
    return library.passages([hit.passage_id])[0].text


# Killed


def test_an_ingest_that_is_killed_again_and_again_comes_out_as_without_kills(tmp_path: Path) -> None:
    """`python -m bench.kills` does it fifty times and more."""
    tally = kill_again_and_again(tmp_path, files=60, kills=5, seed=1)

    assert tally.kills == 5
    assert tally.finished >= 1


# No room, or none to write


ADD_WITHIN_LIMIT = """
import resource, sys
from pathlib import Path
from bench.kills import SmallEmbedder
from index.errors import PinciteError
from index.library import Library
from index.parse.language import detect_language
if sys.argv[4] == "language known":
    detect_language("It was the best of times, it was the worst of times, it was the age of wisdom.")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
with Library(Path(sys.argv[1]), SmallEmbedder, "small") as library:
    try: library.add([Path(sys.argv[2])])
    except PinciteError as error: sys.exit(str(error))
"""


def add_within_limit(directory: Path, folder: Path, limit: int, state: str) -> "subprocess.CompletedProcess[str]":
    """Add a folder in a process that may write no file larger than so many bytes."""
    command = [sys.executable, "-c", ADD_WITHIN_LIMIT, str(directory), str(folder), str(limit), state]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_limit_on_the_size_of_files_is_told_in_one_line_and_what_was_stored_stays(tmp_path: Path) -> None:
    """The disk refuses to write in the middle of a transaction, as a quota does."""
    folder, files = write_files(tmp_path / "files", 100), 100
    done = add_within_limit(tmp_path / "library", folder, 2 * 2**20, "language known")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"the library at {tmp_path / 'library'} cannot be used: disk I/O error")
    with Library(tmp_path / "library", SmallEmbedder, "small") as library:
        assert library.verify() == ()
        kept = len(library.documents())
        assert 0 < kept < files
        outcomes = [report.outcome for report in library.add([folder])]
    assert (outcomes.count(Outcome.UNCHANGED), outcomes.count(Outcome.ADDED)) == (kept, files - kept)


def test_a_temporary_folder_without_room_is_told_in_one_line(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "files", 3)
    done = add_within_limit(tmp_path / "library", folder, 2 * 2**20, "language not known")

    assert done.returncode == 1
    assert done.stderr == "no temporary file can be written (File too large): free some space there\n"


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("full", ["the disk that holds the library at {0} is full: free some space and run again"] * 3),
        ("readonly", ["the library at {0} cannot be written: check the folder's permissions"]),
    ],
)
def test_a_disk_that_takes_nothing_is_told_in_one_line_and_all_is_as_it_was(
    tmp_path: Path, kind: str, lines: list[str]
) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    command = ["unshare", "-m", sys.executable, str(ROOT / "tests/index/small_disk.py"), kind, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [line.format(tmp_path / "disk/library") for line in lines]


# Another process


def test_a_library_that_stays_locked_is_told_and_one_that_is_locked_for_a_moment_is_waited_for(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "papers", "The ferry leaves at 07:40.")
    other = sqlite3.connect(library.directory / "library.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with monkeypatch.context() as patched, open_library(library.directory) as hasty:
        patched.setattr("index.database.BUSY_TIMEOUT_SECONDS", 0.3)
        with pytest.raises(LibraryLocked, match=r"another process is writing to the library at .*: try again when it"):
            hasty.add([folder])
        assert hasty.documents() == ()

    release = threading.Timer(1.0, other.execute, ["COMMIT"])
    release.start()
    [report] = library.add([folder])
    release.join()
    other.close()
    assert report.outcome is Outcome.ADDED


# The vectors' file


def test_a_vectors_file_of_another_library_is_not_trusted_although_its_numbers_are_the_same(
    library: Library, tmp_path: Path
) -> None:
    library.add([write(tmp_path / "a", "A ferry.", "A clock.")])
    with open_library(tmp_path / "other") as other:
        other.add([write(tmp_path / "b", "A clock.", "A ferry.")])
        shutil.copy(other.directory / "vectors.faiss", library.directory / "vectors.faiss")

    with open_library(library.directory) as again:
        assert (nearest(again, "clock"), nearest(again, "ferry")) == ("A clock.", "A ferry.")
        assert again.verify() == ()


def test_a_vectors_file_that_is_newer_than_a_database_from_a_copy_is_not_trusted(
    library: Library, tmp_path: Path
) -> None:
    library.add([write(tmp_path / "a", "A museum.")])
    library.close()
    shutil.copy(library.directory / "library.db", tmp_path / "copy.db")
    with open_library(library.directory) as first:
        first.add([write(tmp_path / "a", "A museum.", "A clock.", "A ferry.")])
    shutil.copy(tmp_path / "copy.db", library.directory / "library.db")

    with open_library(library.directory) as second:
        second.add([write(tmp_path / "a", "A museum.", "A ferry.", "A clock.")])
        assert (nearest(second, "clock"), nearest(second, "ferry")) == ("A clock.", "A ferry.")
        assert second.verify() == ()
