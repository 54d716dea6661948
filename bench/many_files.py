"""Many small files in one run: `python -m bench.many_files [--files 1000 10000] [--embedder small]`.

Prints, for each number of files, the time of a first sync and of a second one with nothing changed, and the peak memory
of each process. `--embedder small` takes one that counts words: embedding takes next to no time and memory then, so
that what grows with the number of files shows, and a second sync is compared with the shortest first one there can be.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.kills import SmallEmbedder
from bench.memory import peak
from bench.report import machine, print_table
from index.embedders import MINILM
from index.library import Library
from index.parse.limits import ReaderSettings
from index.types import Outcome

LONG_AGO = 1_600_000_000
"""Seconds: files that were just written are looked at once more, which is not what is measured."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--embedder", choices=["small", MINILM], default=MINILM)
    parser.add_argument("--readers", type=int, default=ReaderSettings().workers)
    parser.add_argument("--work", nargs=2, type=Path, metavar=("LIBRARY", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        directory, folder = arguments.work
        work(directory, folder, arguments.embedder, ReaderSettings(workers=arguments.readers))
        return
    print(f"{machine()}; embedder {arguments.embedder}, {arguments.readers} readers")
    rows = []
    for files in arguments.files:
        with tempfile.TemporaryDirectory() as scratch:
            rows.append([f"{files:,}", *measured(Path(scratch), files, arguments.embedder, arguments.readers)])
    print_table(["files", "first s", "second s", "second/first", "first MiB", "second MiB"], rows)


def measured(scratch: Path, files: int, embedder: str, readers: int) -> list[str]:
    """Return a row: seconds of both syncs, their ratio, peak MiB of both."""
    folder = write_files(scratch / "files", files)
    command = [sys.executable, "-m", "bench.many_files", "--embedder", embedder, "--readers", str(readers), "--work"]
    command += [str(scratch / "library"), str(folder)]
    (first_mib, first), (second_mib, second) = peak(command, dict(os.environ)), peak(command, dict(os.environ))
    within = [float(line) for line in (scratch / "library.seconds").read_text().split()]
    return [
        f"{within[0]:.1f}",
        f"{within[1]:.2f}",
        f"{within[1] / within[0]:.2%} ({second / first:.2%} with the start)",
        f"{first_mib:.0f}",
        f"{second_mib:.0f}",
    ]


def write_files(folder: Path, files: int) -> Path:
    """Write files of two sentences in folders of a thousand, no two of them alike."""
    for number in range(files):
        path = folder / f"{number // 1_000:03}" / f"note {number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            f"Station {number} counted {number * 37} herons in the morning. The wind came from {number % 360} degrees."
        )
        path.write_text(text, encoding="utf-8")
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def work(directory: Path, folder: Path, embedder: str, reading: ReaderSettings) -> None:
    """Sync a folder, and note the seconds that it took beside the library."""
    with open_library(directory, embedder, reading) as library:
        started = time.perf_counter()
        reports = library.sync(folder)
        seconds = time.perf_counter() - started
    outcomes = {report.outcome for report in reports}
    if outcomes not in ({Outcome.ADDED}, {Outcome.UNCHANGED}):
        raise SystemExit(f"files were {', '.join(outcomes)}")
    with directory.with_suffix(".seconds").open("a") as log:
        log.write(f"{seconds}\n")


def open_library(directory: Path, embedder: str, reading: ReaderSettings) -> Library:
    """Open a library with the embedder of this name."""
    if embedder == "small":
        return Library(directory, SmallEmbedder, SmallEmbedder.name, reading)
    return Library.open(directory, embedder, reading)


if __name__ == "__main__":
    main()
