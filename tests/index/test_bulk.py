"""Several processes add to one library: nothing is lost, nothing comes twice, whoever is killed."""

import multiprocessing
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

from fakes import WordEmbedder

from index.bulk import add_in_parallel, batches
from index.library import FAISS, Library
from index.parse.limits import READER_SETTINGS
from index.types import Outcome, Progress
from index.vectors.milvus import MilvusStore

FILES = 300
WORKERS = 4


class SlowEmbedder(WordEmbedder):
    """Takes its time, so that a worker can be killed in the middle of its work."""

    def embed_passages(self, texts: object, sentences: object) -> object:
        time.sleep(0.3)
        return super().embed_passages(texts, sentences)  # type: ignore[arg-type]  # the same arguments


def write(folder: Path) -> Path:
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:03}.txt").write_text(f"Ferry {number}.\n\nA ticket for {number}.\n", encoding="utf-8")
    (folder / "copy.txt").write_bytes((folder / "007.txt").read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    return folder


def opener(directory: Path, vectors: str = FAISS) -> "partial[Library]":
    return partial(Library, directory, SlowEmbedder, "words", READER_SETTINGS, vectors)


def contents(library: Library) -> list[tuple[str, list[str]]]:
    """What one process would have made of the files, whatever the order."""
    held = [
        (document.source, [passage.text for passage in library.document_passages(document.id)])
        for document in library.documents()
        if Path(document.source).name not in ("copy.txt", "007.txt")
    ]
    return sorted(held)


def test_four_workers_of_which_one_is_killed_midway_bring_to_milvus_what_one_process_adds(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder")
    killed = threading.Event()

    def kill_one(progress: Progress) -> None:
        if progress.passages and not killed.is_set():
            os.kill(multiprocessing.active_children()[1].pid or 0, signal.SIGKILL)
            killed.set()

    milvus = tmp_path / "milvus.db"
    open_library = opener(tmp_path / "library", f"milvus:{milvus}")
    with open_library() as library, Library(tmp_path / "alone", WordEmbedder, "words") as alone:
        reports = add_in_parallel(library, open_library, WORKERS, [folder], kill_one)
        expected = alone.add([folder])

        assert killed.is_set()
        assert {report.source: (report.outcome, report.reason) for report in reports} == {
            report.source: (report.outcome, report.reason) for report in expected
        }
        assert contents(library) == contents(alone)
        assert len(library.documents()) == FILES
        assert library.count() == 2 * FILES
        store = MilvusStore(str(milvus), library._database.identity(), "words", WordEmbedder.dimensions)
        assert len(store) == len(store.ids()) == 2 * FILES
        store.close()
        assert len(library.search_dense(WordEmbedder().embed("ferry"), 3 * FILES)) == 2 * FILES
        assert library.collections() == alone.collections()
        assert library.verify() == ()


def test_what_changed_is_reported_as_updated_and_what_did_not_as_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(f"Ferry {name}.", encoding="utf-8")
    open_library = opener(tmp_path / "library")
    with open_library() as library:
        library.add([folder])
        (folder / "b.txt").write_text("The bakery sells bread.", encoding="utf-8")
        (folder / "c.txt").write_text("A clock.", encoding="utf-8")

        outcomes = [report.outcome for report in add_in_parallel(library, open_library, 2, [folder])]

        assert outcomes == [Outcome.UNCHANGED, Outcome.UPDATED, Outcome.ADDED]
        assert sorted(document.title for document in library.documents()) == [
            "A clock.",
            "Ferry a.",
            "The bakery sells bread.",
        ]


def test_every_worker_goes_over_all_files_its_own_first_and_the_others_from_their_ends() -> None:
    paths = [str(number) for number in range(1_000)]
    for number in range(3):
        orders = list(batches(paths, number, 3))
        own = paths[number::3]
        assert [path for some in orders for path in some][: len(own)] == own
        assert sorted(path for some in orders for path in some) == sorted(paths)
        assert orders[len(own) // 64 + 1][-1] == paths[(number + 1) % 3 :: 3][-1]
