"""Many files into a library by several processes that share nothing but its database.

Each worker adds a share of the files, first to last, and then what is missing of the others', last to first: who is
done early helps, and what a worker that died leaves behind is added by the rest, without a word between them. What was
added already is passed over; a file that two workers add at the same time is one document all the same, because its
path is unique in the database. The caller goes over all once more, so that nothing is left even if no worker lives.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import LibraryError, LibraryLocked
from index.types import FileReport, Outcome, Progress

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from index.database import Source
    from index.ingest import OnProgress
    from index.library import Library

FILES_AT_ONCE = 64
"""A worker looks again at what others have added after so many files."""
ATTEMPTS = 20
"""Each waits for the database as long as `index.database.BUSY_TIMEOUT_SECONDS`."""
SECONDS_BETWEEN_REPORTS = 0.5

OpenLibrary = Callable[[], "Library"]
"""Opens the library in a worker; it is sent there, so it is a function of a module or a `functools.partial` of one."""


def add_in_parallel(
    library: Library,
    open_library: OpenLibrary,
    workers: int,
    paths: Sequence[Path],
    on_progress: OnProgress | None = None,
    password: str = "",
    collection: str = "",
) -> tuple[FileReport, ...]:
    """Add as `Library.add` does, with so many workers beside, and return what became of each file.

    Raises: as `Library.add`.
    """
    before = {source.path: source for source in library.sources()}
    wanted = library.files_to_add(paths, collection)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=work, args=(open_library, wanted, number, workers, password), daemon=True)
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        _wait(processes, library, len(wanted), len(before), on_progress)
    finally:
        for process in processes:
            process.terminate()
    reports = library.add(paths, on_progress, password, collection)
    after = {source.path: source for source in library.sources()}
    reports = tuple(_as_one_would(report, before, after) for report in reports)
    if any(report.outcome in (Outcome.ADDED, Outcome.UPDATED) for report in reports):
        library.save_vectors()
    return reports


def work(open_library: OpenLibrary, wanted: Mapping[str, str], number: int, workers: int, password: str) -> None:
    """Add a worker's share and then what is missing; `wanted` are paths with their collections."""
    with open_library() as library:
        for some in batches(list(wanted), number, workers):
            for _ in range(ATTEMPTS):
                with suppress(LibraryLocked):
                    library.ingest({path: wanted[path] for path in some}, password)
                    break


def batches(paths: Sequence[str], number: int, workers: int) -> Iterator[Sequence[str]]:
    """Yield all paths in the order of one worker: its own share, then those of the others from their ends."""
    own = paths[number::workers]
    for first in range(0, len(own), FILES_AT_ONCE):
        yield own[first : first + FILES_AT_ONCE]
    for other in range(1, workers):
        share = paths[(number + other) % workers :: workers]
        for last in range(len(share), 0, -FILES_AT_ONCE):
            yield share[max(0, last - FILES_AT_ONCE) : last]


def _wait(
    processes: Sequence[BaseProcess], library: Library, files: int, known: int, on_progress: OnProgress | None
) -> None:
    """Wait until every worker is done or dead, and tell how far they are; documents known before are not counted."""
    while any(process.is_alive() for process in processes):
        for process in processes:
            process.join(SECONDS_BETWEEN_REPORTS / len(processes))
        if on_progress:
            with suppress(LibraryError):
                done = min(files, max(0, library.count_sources() - known))
                on_progress(Progress(done, files, library.count(), f"{len(processes)} workers"))


def _as_one_would(report: FileReport, before: Mapping[str, Source], after: Mapping[str, Source]) -> FileReport:
    """Return the report that one process alone would have made: the last look finds unchanged what workers added."""
    if report.outcome is not Outcome.UNCHANGED:
        return report
    old, new = before.get(report.source), after[report.source]
    if old is None:
        return replace(report, outcome=Outcome.ADDED)
    is_same = (old.sha256, old.parser_version) == (new.sha256, new.parser_version)
    return report if is_same else replace(report, outcome=Outcome.UPDATED)
