"""Is a file still the one it was? By what the system notes of it, without reading it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileState:
    """One state of one file."""

    device: int
    inode: int
    size: int
    modified: int
    """In nanoseconds."""


def state_of(path: Path) -> FileState:
    """Return a file's state now. Raises: OSError."""
    status = path.stat()
    return FileState(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def has_changed(path: Path, before: FileState, *, is_open: bool) -> bool:
    """Tell whether what is read at `path` is no longer what it was.

    Where the file is open (or mapped into memory), it may be deleted or another may take its name: that one is left.
    """
    try:
        now = state_of(path)
    except OSError:
        return not is_open
    is_another = (now.device, now.inode) != (before.device, before.inode)
    return now != before and not (is_open and is_another)
