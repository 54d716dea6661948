"""Which files a path names. Knows nothing of what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import ReadError


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a folder, and in folders below it; hidden files and folders are left out."""

    files: tuple[Path, ...]
    """In order."""
    closed: tuple[str, ...]
    """Folders that cannot be looked into."""

    def may_hold(self, path: str) -> bool:
        """Tell whether a path may lie in a folder that cannot be looked into."""
        return any(path.startswith(folder + os.sep) for folder in self.closed)


def files_in(paths: Sequence[Path], without: Path | None = None) -> list[Path]:
    """Return the files that `paths` name: files as they are, folders with all below, hidden ones left out.

    So is the folder `without`: a library's own files are no documents.
    Raises: ReadError for a path that does not exist, and where there is no file at all.
    """
    files = [file for path in paths for file in _files_of(path, without)]
    if not files:
        raise ReadError(f"no files in {', '.join(str(path) for path in paths)}")
    return list(dict.fromkeys(files))


def list_folder(folder: Path, without: Path | None = None) -> Listing:
    """Return what lies in a folder; what lies in the folder `without` is left out.

    Raises: ReadError where it is none, or has no file: an empty folder may be one whose disk is not there.
    """
    if not folder.is_dir():
        is_what = "is no folder: pincite add takes files" if folder.exists() else "does not exist"
        raise ReadError(f"{folder} {is_what}")
    if problem := name_problem(absolute(folder)):
        raise ReadError(problem)
    closed: list[str] = []
    files = _files_below(absolute(folder), closed, without)
    if not files:
        raise ReadError(f"no files in {folder}: nothing was removed, since its disk may not be there")
    return Listing(tuple(files), tuple(closed))


def name_problem(path: Path) -> str:
    """Return why a path cannot be stored, in one line, "" where it can: it may hold bytes that are no text."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return f"{path.name} has a name that is no text in UTF-8: rename it"
    return ""


def absolute(path: Path) -> Path:
    """Return a path from the root on, without "..": the name by which the library knows a file. Links stay."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (pathlib would keep ".." or follow links)


def _files_of(path: Path, without: Path | None) -> Sequence[Path]:
    if not path.exists():
        raise ReadError(f"{path} does not exist")
    if not path.is_dir():
        return [absolute(path)]
    return _files_below(absolute(path), [], without)


def _files_below(directory: Path, closed: list[str], without: Path | None) -> list[Path]:
    """Return the files below a folder, in order; folders that cannot be looked into are added to `closed`.

    Paths are made last: sorted and looked at as such, ten thousand of them take twice the time.
    """
    return [Path(path) for path in sorted(_walk(directory, closed, without)) if os.path.isfile(path)]  # noqa: PTH113


def _walk(directory: Path, closed: list[str], without: Path | None) -> Iterator[str]:
    left_out = str(absolute(without)) if without else None
    for folder, folders, names in os.walk(directory, onerror=lambda error: closed.append(str(error.filename))):
        if folder == left_out:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (f"{folder.rstrip(os.sep)}{os.sep}{name}" for name in names if not name.startswith("."))
