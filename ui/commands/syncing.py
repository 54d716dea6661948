"""A library kept in line with a folder: once, or with every change until Ctrl-C."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import LibraryError
from index.types import FileReport, Outcome
from ui.commands.opening import following_ingest
from ui.terminal import one_line, print_reports, say

if TYPE_CHECKING:
    from index.library import Library

LOOK_AGAIN_SECONDS = 600.0
"""What no event tells, as on a network drive, is seen after so long; looking at what has not changed takes little."""


def sync_folder(library: "Library", folder: Path, password: str = "") -> Sequence[FileReport]:
    """Bring the library in line with a folder, say what became of its files, and return it."""
    started = time.monotonic()
    reports = _synced(library, folder, password)
    print_reports(reports, time.monotonic() - started)
    return reports


def follow_folder(library: "Library", folder: Path, password: str = "") -> None:
    """Bring the library in line with a folder after every change, until Ctrl-C; say only what is new.

    A library that cannot be written to now is tried again. Raises: ReadError where the folder is gone.
    """
    from index.watch import FolderWatch

    known: Sequence[FileReport] = ()
    with FolderWatch(folder, library.directory) as watch:
        say(f"watching {folder}: Ctrl-C ends it", error=True)
        while True:
            known = _sync_again(library, folder, password, known)
            try:
                watch.wait(LOOK_AGAIN_SECONDS)
            except KeyboardInterrupt:
                say("stopped watching", error=True)
                return


def _synced(library: "Library", folder: Path, password: str) -> Sequence[FileReport]:
    with following_ingest() as follow:
        return library.sync(folder, follow, password)


def _sync_again(library: "Library", folder: Path, password: str, known: Sequence[FileReport]) -> Sequence[FileReport]:
    """Sync, say what was not known before, and return all reports; the known ones where it has to be tried again."""
    started = time.monotonic()
    try:
        reports = _synced(library, folder, password)
    except LibraryError as error:
        say(f"pincite: {one_line(str(error))} (tried again with the next change)", error=True)
        return known
    failed = {report for report in known if report.outcome is Outcome.FAILED}
    if news := [r for r in reports if r.outcome is not Outcome.UNCHANGED and r not in failed]:
        print_reports(news, time.monotonic() - started)
    return reports
