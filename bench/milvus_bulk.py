"""Many passages into Milvus by several processes, two of them killed: `python -m bench.milvus_bulk`.

Files of 50 passages are added by four workers to a library whose vectors are in a Milvus file (milvus-lite), or on the
server that `--milvus` names. One worker is killed (SIGKILL) when half of the passages are there; the others do its
share. Then the process that brings the vectors to Milvus is killed, when a third of them are there. The same is run
again, with a question after it, and once more. At the end Milvus has to hold each passage once, with the vector that
one process with FAISS makes of it, and `verify` has to find nothing wrong.

The embedder counts words unless another is named: embedding takes next to no time then, and what is tried is the
storing; its vectors have to be the same to the bit.
"""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.kills import SmallEmbedder
from bench.report import machine, print_table
from index.bulk import add_in_parallel
from index.dense import open_shared
from index.embedders import MINILM
from index.library import FAISS, Library
from index.parse.limits import READER_SETTINGS
from index.types import Kind, Progress
from index.vectors.milvus import MilvusStore

ROOT = Path(__file__).parents[1]
PASSAGES_OF_FILE = 50
SECONDS_BETWEEN_LOOKS = 0.05
TOLERANCE = {SmallEmbedder.name: 0.0, MINILM: 2e-3}
"""How far a number of a vector may be from that of one process: a model computes a text with others in a batch, and
rounds by them."""

Made = TypeVar("Made")


def main() -> None:
    """Run, check and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--embedder", choices=["small", MINILM], default="small")
    parser.add_argument("--milvus", metavar="ADDRESS", help="of a server, such as http://localhost:19530")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--kill", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(Place(arguments.work, arguments.milvus, arguments.embedder), arguments.workers, arguments.kill)
        return
    print(f"{machine()}; embedder {arguments.embedder}, {arguments.workers} workers")
    with tempfile.TemporaryDirectory() as scratch:
        address = arguments.milvus or str(Path(scratch) / "milvus.db")
        rows = try_all(Place(Path(scratch), address, arguments.embedder), arguments.passages, arguments.workers)
    print_table(["", "seconds", "files", "in Milvus before", "after"], rows)
    print(f"{arguments.passages:,} passages: each in Milvus once, with the vector that one process makes of it")


@dataclass(frozen=True, slots=True)
class Place:
    """Where all is done: a folder, the address of a Milvus, and the embedder's name."""

    scratch: Path
    address: str
    embedder: str

    def open_library(self) -> Library:
        """Open the library whose vectors are in Milvus."""
        return open_library(self.scratch / "library", self.embedder, f"milvus:{self.address}")

    def open_store(self, library: Library) -> MilvusStore:
        """Connect to the library's vectors beside the library itself."""
        store = open_shared(f"milvus:{self.address}", library._database, library.embedder)
        assert store is not None
        return store


def try_all(place: Place, passages: int, workers: int) -> list[list[str]]:
    """Add and be killed, add again, and check; return a row for each run.

    Raises: AssertionError with what was found to be wrong.
    """
    folder = write_files(place.scratch / "files", passages)
    rows = [["a worker killed, then the writer", *run(place, workers, kill=True)]]
    rows += [["again", *run(place, workers, kill=False)] for _ in range(2)]
    with open_library(place.scratch / "alone", place.embedder, FAISS) as alone:
        seconds, reports = timed(lambda: alone.add([folder]))
        rows.append(["one process, with FAISS", seconds, f"{len(reports):,} added", "", ""])
        with place.open_library() as library:
            seconds, _ = timed(lambda: check(place, library, alone, passages))
            rows.append(["compared and verified", seconds, "", "", ""])
    return rows


def write_files(folder: Path, passages: int) -> Path:
    """Write files of 50 passages of two sentences, no two of them alike."""
    folder.mkdir(parents=True)
    for first in range(0, passages, PASSAGES_OF_FILE):
        numbers = range(first, min(first + PASSAGES_OF_FILE, passages))
        texts = [f"Buoy {n} is {n * 37} metres off post {n % 977}. The swell was {n % 90} inches." for n in numbers]
        (folder / f"buoys {first:07}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    return folder


def open_library(directory: Path, embedder: str, vectors: str) -> Library:
    """Open a library with the embedder of this name."""
    if embedder == "small":
        return Library(directory, SmallEmbedder, SmallEmbedder.name, READER_SETTINGS, vectors)
    return Library.open(directory, embedder, vectors=vectors)


def run(place: Place, workers: int, *, kill: bool) -> list[str]:
    """Add in processes of their own; return the seconds, what became of the files, and how many were in Milvus."""
    command = [sys.executable, "-m", "bench.milvus_bulk", "--work", str(place.scratch), "--embedder", place.embedder]
    command += ["--milvus", place.address, "--workers", str(workers), *(["--kill"] if kill else [])]
    seconds, ran = timed(lambda: subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
    assert ran.returncode == (-signal.SIGKILL if kill else 0), f"the run ended with {ran.returncode}"
    with open_library(place.scratch / "library", place.embedder, FAISS) as library:
        there = library.count_sources()
    outcomes, before, after = "killed", "0", ""
    if not kill:
        outcomes, before, after = ran.stdout.splitlines()
    return [seconds, f"{outcomes}, {there:,} there", before, after]


def work(place: Place, workers: int, kill: bool) -> None:
    """Add the files, ask, and print what became of them; or kill a worker on the way, and then this process."""
    files = place.scratch / "files"
    wanted = PASSAGES_OF_FILE * sum(1 for _ in files.iterdir())
    killed = threading.Event()

    def kill_one(progress: Progress) -> None:
        if kill and 2 * progress.passages >= wanted and not killed.is_set():
            alive = multiprocessing.active_children()
            assert len(alive) == workers, f"{len(alive)} workers were left when one was to be killed: add more passages"
            os.kill(alive[0].pid or 0, signal.SIGKILL)
            killed.set()

    with place.open_library() as library, closing(place.open_store(library)) as store:
        before = len(store)
        if kill:
            threading.Thread(target=die_when, args=(lambda: 3 * len(store) >= wanted,), daemon=True).start()
        reports = add_in_parallel(library, place.open_library, workers, [files], kill_one)
        library.search_dense(library.embed_query("Buoy 7"), 1)
        assert not kill, "the vectors were in Milvus before this process was killed: add more passages"
        outcomes = Counter(report.outcome for report in reports)
        print(", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items()))
        print(f"{before:,}\n{len(store):,}")


def die_when(is_time: Callable[[], bool]) -> None:
    """Kill this process as soon as it is time."""
    while not is_time():
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGKILL)


def check(place: Place, library: Library, alone: Library, passages: int) -> None:
    """Check that Milvus holds what one process has made, each passage once. Raises: AssertionError."""
    with closing(place.open_store(library)) as store:
        held = store.ids()
        assert len(store) == len(held) == passages, f"Milvus holds {len(store):,} vectors of {len(held):,} passages"
        in_milvus = dict(zip(held.tolist(), store.vectors(held), strict=True))
    own, expected = texts_by_place(library), texts_by_place(alone)
    assert len(expected) == passages, f"one process has made {len(expected):,} passages"
    assert {place: text for place, (_, text) in own.items()} == {place: text for place, (_, text) in expected.items()}
    of_one = alone.vectors([id_ for id_, _ in expected.values()])
    furthest = max(abs(in_milvus[id_] - of_one[expected[place][0]]).max() for place, (id_, _) in own.items())
    assert furthest <= TOLERANCE[library.embedder.name], f"a vector differs by {furthest} from that of one process"
    problems = library.verify()
    assert not problems, f"verify found: {'; '.join(map(str, problems))}"


def texts_by_place(library: Library) -> dict[tuple[str, int], tuple[int, str]]:
    """Return the id and the text of each passage by its file's name and where it begins."""
    return {
        (Path(info.source).name, passage.start): (passage.id, passage.text)
        for info in library.documents()
        for passage in library.document_passages(info.id)
        if passage.kind is not Kind.HEADING
    }


def timed(work: Callable[[], Made]) -> tuple[str, Made]:
    """Return the wall-clock seconds of a call, and what it made."""
    started = time.monotonic()
    made = work()
    return f"{time.monotonic() - started:.1f}", made


if __name__ == "__main__":
    main()
