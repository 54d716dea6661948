"""Brings a library in line with what lies on the disk: added, changed, moved and deleted files.

Files are compared by size and time of change with what is stored of them; only what differs is read. What is gone is
forgotten last, so that a file that was moved finds its document there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from index.database import Database, Source
from index.embedders import Embedder
from index.files import absolute, list_folder
from index.ingest import OnProgress, add_files, collections_of
from index.parse.reader import Reader
from index.types import FileReport, Outcome


def sync_folder(
    database: Database,
    open_embedder: Callable[[], Embedder],
    reader: Reader,
    folder: Path,
    on_progress: OnProgress | None = None,
    password: str = "",
) -> list[FileReport]:
    """Bring the library in line with a folder, and return what became of each file; what came from elsewhere stays.

    What lies in a folder that cannot be looked into stays as well.
    Raises: ReadError where there is no such folder, or no file in it; LibraryError.
    """
    listing = list_folder(folder, without=database.path.parent)
    own = str(absolute(folder))
    held = [source for source in database.sources_below(own) if not listing.may_hold(source.path)]
    failed = [failed.path for failed in database.failures_below(own) if not listing.may_hold(failed.path)]
    gone = _gone(held, listing.files)
    collections = collections_of(listing.files, [folder])
    reports = add_files(
        database, open_embedder, reader, listing.files, collections, on_progress, password, gone, retry=bool(password)
    )
    present = {str(file) for file in listing.files}
    database.remove_paths([path for path in failed if path not in present])
    return reports + _forget(database, gone, reports)


def hold_only(
    database: Database,
    open_embedder: Callable[[], Embedder],
    reader: Reader,
    files: Sequence[Path],
    collections: Mapping[str, str],
    on_progress: OnProgress | None = None,
) -> list[FileReport]:
    """Make the library hold these files and nothing else that came from a path, and return what became of each.

    `collections` holds for each path the collection that it belongs to if it is new.
    Raises: LibraryError.
    """
    held = [source for source in database.sources() if Path(source.path).is_absolute()]
    gone = _gone(held, files)
    reports = add_files(database, open_embedder, reader, files, collections, on_progress, gone=gone, retry=False)
    _forget(database, gone, reports)
    return reports


def _gone(held: Sequence[Source], files: Sequence[Path]) -> list[Source]:
    present = {str(file) for file in files}
    return [source for source in held if source.path not in present]


def _forget(database: Database, gone: Sequence[Source], reports: Sequence[FileReport]) -> list[FileReport]:
    """Forget the paths that are gone; return a report for each that was not moved."""
    if gone:
        database.remove_paths([source.path for source in gone])
    moved = {report.moved_from for report in reports}
    return [FileReport(source.path, Outcome.DELETED) for source in gone if source.path not in moved]
