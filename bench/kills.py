"""An ingest that is killed again and again: `python -m bench.kills [--kills 50] [--files 300]`.

A process adds a folder of small files, or syncs it, and is killed (SIGKILL) at a random moment; the next one goes on.
After each kill the library is verified, and every file that was reported as added has to be there. When a process
comes to its end, the library must be the one that is made without kills, to the bit of each vector; then a new library
is begun. The embedder is a small one made here: what is tried is the storing, and it takes most of the time so.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.report import machine
from index.library import Library
from index.types import Kind, Progress, Span

if TYPE_CHECKING:
    from index.arrays import Floats

ROOT = Path(__file__).parents[1]
PARAGRAPHS = 20
QUERIES = ("the heron of station 7", "day 13", "nests near the old mill")
Content = dict[str, tuple[Any, ...]]


class SmallEmbedder:
    """Counts words by their checksums: 32 dimensions, unit length."""

    name = "small"
    dimensions = 32
    max_tokens = 200

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the words of each text."""
        return [len(text.split()) for text in texts]

    def embed_queries(self, queries: Sequence[str]) -> Floats:
        """Return shape (queries, 32)."""
        import numpy as np

        return np.stack([self._embed(query) for query in queries])

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Floats]:
        """Return, for each text, shape (1 + its sentences, 32)."""
        import numpy as np

        return [
            np.stack([self._embed(text), *(self._embed(span.of(text)) for span in own)])
            for text, own in zip(texts, sentences, strict=True)
        ]

    def _embed(self, text: str) -> Floats:
        import numpy as np

        places = [zlib.crc32(word.encode()) % self.dimensions for word in text.lower().split()]
        counts = np.bincount(places, minlength=self.dimensions).astype(np.float32) + np.float32(0.01)
        return np.asarray(counts / np.linalg.norm(counts), np.float32)


@dataclass
class Tally:
    """What was seen."""

    kills: int = 0
    finished: int = 0
    kept: int = 0
    """Files that were reported before a kill, over all kills."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", nargs=2, type=Path, metavar=("LIBRARY", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(*arguments.work)
        return
    print(machine())
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        tally = kill_again_and_again(Path(scratch), arguments.files, arguments.kills, arguments.seed)
    print(
        f"{tally.kills} kills while {arguments.files} files were added: each time the library was in order and held"
        f" every file that had been reported ({tally.kept:,} in all); {tally.finished} libraries came out as without"
        f" kills; {time.monotonic() - started:.0f} s"
    )


def work(directory: Path, folder: Path) -> None:
    """Add a folder, or sync it, and print the name of each file as soon as it is reported."""
    done = 0

    def follow(progress: Progress) -> None:
        nonlocal done
        if progress.files_done > done:
            done = progress.files_done
            print(progress.current, flush=True)

    with Library(directory, SmallEmbedder, SmallEmbedder.name) as library:
        if int(time.monotonic_ns()) % 2:
            library.add([folder], follow)
        else:
            library.sync(folder, follow)


def kill_again_and_again(scratch: Path, files: int, kills: int, seed: int = 0) -> Tally:
    """Kill processes that add files until so many were killed, and check after each; the last library is finished.

    Raises: AssertionError with what was found to be wrong.
    """
    chance, tally = random.Random(seed), Tally()
    folder = write_files(scratch / "files", files)
    expected, whole_seconds = made_without_kills(scratch / "whole", folder)
    directory = scratch / "library"
    while tally.kills < kills or directory.exists():
        seconds = chance.uniform(0, whole_seconds * 0.7) if tally.kills < kills else None
        ended, names = run_for(seconds, directory, folder)
        check(directory, names, expected if ended else None)
        tally.finished += ended
        tally.kills += not ended
        tally.kept += 0 if ended else len(names)
        if ended:
            shutil.rmtree(directory)
    return tally


def write_files(folder: Path, files: int) -> Path:
    """Write small files, no two of them alike."""
    folder.mkdir(parents=True)
    for number in range(files):
        lines = [f"Station {number} saw {number * day} herons on day {day}. All is well." for day in range(PARAGRAPHS)]
        (folder / f"station {number:04}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


def made_without_kills(directory: Path, folder: Path) -> tuple[Content, float]:
    """Return what a library of the folder holds, and the seconds that it took to make."""
    started = time.monotonic()
    ended, _ = run_for(None, directory, folder)
    assert ended, "the run without kills failed"
    seconds = time.monotonic() - started
    with Library(directory, SmallEmbedder, SmallEmbedder.name) as library:
        return content_of(library), seconds


def run_for(seconds: float | None, directory: Path, folder: Path) -> tuple[bool, list[str]]:
    """Add in a process of its own and kill it after so many seconds; tell whether it ended before, and what it said."""
    command = [sys.executable, "-m", "bench.kills", "--work", str(directory), str(folder)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said, _ = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        running.kill()
        said, _ = running.communicate()
    assert running.returncode in (0, -signal.SIGKILL), f"adding ended with {running.returncode}"
    whole_lines = said.splitlines() if said.endswith("\n") else said.splitlines()[:-1]
    return running.returncode == 0, whole_lines


def check(directory: Path, names: Sequence[str], expected: Content | None) -> None:
    """Check a library: in order, holding these files, and all that is expected where it is finished."""
    with Library(directory, SmallEmbedder, SmallEmbedder.name) as library:
        problems = library.verify()
        assert not problems, f"verify found: {'; '.join(map(str, problems))}"
        held = {Path(info.source).name for info in library.documents()}
        assert set(names) <= held, f"reported and not there: {sorted(set(names) - held)}"
        if expected is not None:
            assert content_of(library) == expected, "the finished library is another one than without kills"


def content_of(library: Library) -> Content:
    """Return all that a library holds, by the file's name: texts, places, vectors, and what queries find in it."""
    content: Content = {}
    for info in library.documents():
        passages = library.document_passages(info.id)
        ids = [passage.id for passage in passages if passage.kind is not Kind.HEADING]
        vectors, sentences = library.vectors(ids), library.sentence_vectors(ids)
        places = [(own.kind, own.start, own.end, own.text, own.headings, own.sentences) for own in passages]
        numbers = [vectors[id_].tobytes() + sentences[id_].tobytes() for id_ in ids]
        content[Path(info.source).name] = (info.title, library.document(info.id).text, places, numbers)
    for query in QUERIES:
        content[query] = tuple(sorted(found(library, query)))
    return content


def found(library: Library, query: str) -> list[str]:
    """Return the passages that a query finds, by words and by meaning: those of one score may come in any order."""
    hits = [*library.search_lexical(query.split(), 10), *library.search_dense(library.embed_query(query), 10)]
    return [f"{hit.score:.4f}" for hit in hits]


if __name__ == "__main__":
    main()
