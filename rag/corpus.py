"""Files and folders named by their paths to a library: indexed once, and only what changed the next time."""

import hashlib
import logging
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import platformdirs

from index.embedders import MINILM
from index.errors import ReadError
from index.ingest import OnProgress
from index.library import Library
from index.parse.limits import READER_SETTINGS, ReaderSettings
from index.types import FileReport, Outcome

logger = logging.getLogger("pincite")

_opening = threading.Lock()


def open_documents(
    paths: Sequence[Path],
    embedder: str = MINILM,
    on_progress: OnProgress | None = None,
    reading: ReaderSettings = READER_SETTINGS,
) -> Library:
    """Return a library in the user's cache that holds these files and folders as they are now, and nothing else.

    It stays open for the next call with the same paths. A file that cannot be read is logged as a warning.
    Raises: ReadError where a path does not exist or none of the files can be read; LibraryError.
    """
    cache = Path(platformdirs.user_cache_dir("pincite", appauthor=False))
    return _open(cache / "documents", paths, embedder, on_progress, reading)


def open_desk(
    paths: Sequence[Path],
    embedder: str = MINILM,
    on_progress: OnProgress | None = None,
    reading: ReaderSettings = READER_SETTINGS,
) -> Library:
    """Return the library of a page that was opened on these paths: as `open_documents`, with what is uploaded there.

    It lies in the user's data folder, since uploads may be nowhere else.
    """
    data = Path(platformdirs.user_data_dir("pincite", appauthor=False))
    return _open(data / "desks", paths, embedder, on_progress, reading)


def _open(
    root: Path, paths: Sequence[Path], embedder: str, on_progress: OnProgress | None, reading: ReaderSettings
) -> Library:
    resolved = tuple(sorted({path.expanduser().resolve() for path in paths}))
    with _opening:
        library = open_library(root / _key(resolved, embedder), embedder, reading)
        reports = library.hold_only(resolved, on_progress)
    _tell_failures(reports)
    return library


def _key(paths: Sequence[Path], embedder: str) -> str:
    """Return a folder's name for these paths."""
    return hashlib.sha256("\0".join([embedder, *map(str, paths)]).encode("utf-8", "surrogateescape")).hexdigest()[:24]


@lru_cache(maxsize=8)
def open_library(directory: Path, embedder: str = MINILM, reading: ReaderSettings = READER_SETTINGS) -> Library:
    """Return the library in a folder; it stays open for the next call."""
    return Library.open(directory, embedder, reading)


def _tell_failures(reports: Sequence[FileReport]) -> None:
    failed = [report for report in reports if report.outcome is Outcome.FAILED]
    if failed and len(failed) == len(reports):
        raise ReadError(failed[0].reason if len(failed) == 1 else f"none of {len(failed)} files: {failed[0].reason}")
    for report in failed:
        logger.warning("left out: %s", report.reason)
