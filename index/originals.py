"""Files that came without a path, kept by the SHA-256 of their content."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex

from index.errors import LibraryError, LibraryFull

FOLDER = "originals"


def originals_in(library: Path) -> list[Path]:
    """Return the files that are kept in the library's folder, by name."""
    return sorted(path for path in (library / FOLDER).glob("*") if path.suffix != ".tmp")


def keep_original(library: Path, data: bytes) -> Path:
    """Keep a file's content in the library's folder, all or nothing, and return where.

    Raises: LibraryFull, LibraryError.
    """
    path = library / FOLDER / hashlib.sha256(data).hexdigest()
    aside = path.with_suffix(f".{token_hex(8)}.tmp")  # its own: the same content may be kept twice at once
    try:
        path.parent.mkdir(exist_ok=True)
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        kind = LibraryFull if error.errno == 28 else LibraryError
        raise kind(f"the upload cannot be kept at {path.parent}: {error.strerror}") from error
    return path


def find_original(library: Path, sha256: str, paths: Iterable[str]) -> bytes | None:
    """Return a document's original: as it was uploaded, or at a path it was added from; None where it is gone.

    A file that has changed since is not the original.
    """
    for path in (library / FOLDER / sha256, *map(Path, paths)):
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == sha256:
            return data
    return None
