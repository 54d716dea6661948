"""Files and folders named in a call to a library: indexed in the user's cache, and only what changed the next time."""

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
from index.types import FileReport, Outcome

logger = logging.getLogger("pincite")

_opening = threading.Lock()


def open_documents(paths: Sequence[Path], embedder: str = MINILM, on_progress: OnProgress | None = None) -> Library:
    """Return a library that holds these files and folders as they are now.

    It stays open for the next call with the same paths. A file that cannot be read is logged as a warning.
    Raises: ReadError where a path does not exist or none of the files can be read; LibraryError.
    """
    resolved = tuple(sorted({path.expanduser().resolve() for path in paths}))
    with _opening:
        library = _library(resolved, embedder)
        reports = library.sync(resolved, on_progress)
    _tell_failures(reports)
    return library


@lru_cache(maxsize=1)
def default_library(directory: Path, embedder: str = MINILM) -> Library:
    """Return the person's own library; it stays open for the next call."""
    return Library.open(directory, embedder)


def cache_directory(paths: Sequence[Path], embedder: str) -> Path:
    """Return the folder in the user's cache that holds these paths' library."""
    key = hashlib.sha256("\0".join([embedder, *map(str, paths)]).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return Path(platformdirs.user_cache_dir("pincite", appauthor=False)) / "documents" / key


@lru_cache(maxsize=8)
def _library(paths: tuple[Path, ...], embedder: str) -> Library:
    return Library.open(cache_directory(paths, embedder), embedder)


def _tell_failures(reports: Sequence[FileReport]) -> None:
    failed = [report for report in reports if report.outcome is Outcome.FAILED]
    if failed and len(failed) == len(reports):
        raise ReadError(failed[0].reason if len(failed) == 1 else f"none of {len(failed)} files: {failed[0].reason}")
    for report in failed:
        logger.warning("left out: %s", report.reason)
