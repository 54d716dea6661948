"""Two who write to a library at once, and those who read meanwhile: nothing is lost, and no half document is seen."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.kills import SmallEmbedder, content_of, write_files
from index.errors import NotInLibrary
from index.library import Library
from index.types import Outcome

ROOT = Path(__file__).parents[2]
FILES = 60
ADD = """
import sys
from pathlib import Path
from bench.kills import SmallEmbedder
from index.library import Library
with Library(Path(sys.argv[1]), SmallEmbedder, SmallEmbedder.name) as library:
    print("open", flush=True)
    sys.stdin.readline()
    for report in library.add([Path(path) for path in sys.argv[2:]]):
        print(report.outcome.value)
"""


def open_library(directory: Path) -> Library:
    return Library(directory, SmallEmbedder, SmallEmbedder.name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("files") / "files", FILES)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as library:
        yield library


def start(directory: Path, *paths: Path) -> "subprocess.Popen[str]":
    """Start a process that has opened the library when its first line is here, and adds once it is sent one."""
    command = [sys.executable, "-c", ADD, str(directory), *map(str, paths)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_processes_that_make_and_fill_a_library_at_once_lose_nothing(tmp_path: Path, folder: Path) -> None:
    """A third of the files is added by both."""
    files = sorted(folder.iterdir())
    running = [start(tmp_path / "library", *files[:40]), start(tmp_path / "library", *files[20:])]
    said = [process.communicate("go\n", timeout=120)[0].splitlines() for process in running]

    assert [process.returncode for process in running] == [0, 0]
    assert [lines[0] for lines in said] == ["open", "open"]
    assert {*said[0][1:], *said[1][1:]} <= {Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED}
    assert [len(lines) - 1 for lines in said] == [40, 40]
    with open_library(tmp_path / "library") as both, open_library(tmp_path / "alone") as alone:
        alone.add([folder])
        assert both.verify() == ()
        assert content_of(both) == content_of(alone)


def test_two_threads_that_add_to_a_library_at_once_lose_nothing(library: Library, folder: Path) -> None:
    files = sorted(folder.iterdir())
    with ThreadPoolExecutor(2) as threads:
        long = threads.submit(library.add, files[3:])
        short = [library.add(files[:number]) for number in (1, 2, 3, 4)]
        upload = library.add_upload("notes.txt", b"Station 7 is closed.")
        outcomes = [report.outcome for reports in (*short, long.result(), [upload]) for report in reports]

    assert Outcome.FAILED not in outcomes
    assert len(library.documents()) == FILES + 1
    assert library.verify() == ()


def test_whoever_reads_while_another_process_writes_sees_whole_documents_only(library: Library, folder: Path) -> None:
    """The writer adds every file, with 20 passages each; the readers look at what is there again and again."""
    stopped, looks = threading.Event(), []

    def look() -> None:
        while not stopped.is_set():
            for info in library.documents():
                check(info.id)
            hits = [*library.search_lexical(["herons"], 50), *library.search_dense(library.embed_query("herons"), 50)]
            found = library.passages([hit.passage_id for hit in hits])
            assert len(found) == len(hits), "a search found a passage that is not there"
            for document_id in {passage.document.id for passage in found}:
                check(document_id)
            looks.append(len(found))

    def check(document_id: int) -> None:
        document, passages = library.document(document_id), library.document_passages(document_id)
        assert document.info.passages == len(passages) == 20
        assert [document.text[own.start : own.end] for own in passages] == [own.text for own in passages]
        vectors = library.vectors([own.id for own in passages])
        assert len(vectors) == 20

    library.warm()
    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(look) for _ in range(2)]
        running = start(library.directory, folder)
        running.communicate("go\n", timeout=120)
        stopped.set()
        for reader in readers:
            reader.result()

    assert running.returncode == 0
    assert len(library.documents()) == FILES
    assert len(looks) > 4
    assert looks[0] < looks[-1]


def test_a_document_that_is_removed_while_it_is_read_is_there_or_is_not(library: Library, folder: Path) -> None:
    library.add([folder])
    ids = [info.id for info in library.documents()]
    seen = []

    def read() -> None:
        for document_id in [*ids, *ids]:
            try:
                document = library.document(document_id)
            except NotInLibrary:
                seen.append(0)
                continue
            seen.append(len(document.text))
            assert document.info.characters == len(document.text)
            assert len(library.document_passages(document_id)) in (0, 20)

    with ThreadPoolExecutor(2) as threads, open_library(library.directory) as other:
        reader = threads.submit(read)
        for document_id in reversed(ids):
            other.remove(document_id)
        reader.result()

    assert 0 in seen
    assert max(seen) > 0
    assert library.documents() == ()
