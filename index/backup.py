"""A library as one file, and back: the database as it was at one moment, the originals, and their checksums.

A zip archive with `manifest.json` first: what wrote it, and every other file's SHA-256. It is written aside and moved
into place, and unpacked aside and moved into place: half a backup or half a library never stands under its name.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.database import Database
from index.errors import BackupError, LibraryError, LibraryFull
from index.migrations import MIGRATIONS
from index.originals import originals_in

MANIFEST = "manifest.json"
DATABASE = "library.db"
FORMAT = 1
_BYTES_AT_ONCE = 1 << 20
_NO_SPACE = 28


def export_library(directory: Path, database: Database, path: Path) -> None:
    """Write the library in `directory` to one new file; it may be read and written meanwhile.

    Raises: BackupError where the file exists or cannot be written, LibraryFull.
    """
    if path.exists():
        raise BackupError(f"{path} exists: name another file, or remove it first")
    aside, snapshot = _beside(path, "part"), _beside(path, "db")
    with _explained(f"{path} cannot be written"):
        try:
            database.copy_to(snapshot)
            _write_archive(aside, {DATABASE: snapshot, **_originals(directory)})
            aside.rename(path)
        finally:
            aside.unlink(missing_ok=True)
            snapshot.unlink(missing_ok=True)


def import_library(path: Path, directory: Path) -> None:
    """Make a library in `directory`, which may not exist or must be empty, from an exported file.

    Raises: BackupError where the file is none, is damaged or made by a newer version, LibraryError, LibraryFull.
    """
    if directory.exists() and any(directory.iterdir()):
        raise LibraryError(f"{directory} is not empty: import into a new folder (--library DIR)")
    aside = _beside(directory, "part")
    with _explained(f"{directory} cannot be written"):
        directory.parent.mkdir(parents=True, exist_ok=True)
        try:
            _unpack(path, aside)
            _become_another(aside / "library.db")
            if directory.exists():
                directory.rmdir()
            aside.rename(directory)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{kind}")


def _originals(directory: Path) -> dict[str, Path]:
    return {f"originals/{path.name}": path for path in originals_in(directory)}


def _write_archive(path: Path, files: dict[str, Path]) -> None:
    sums = {name: _sha256_of(source) for name, source in files.items()}
    manifest = {"pincite": FORMAT, "schema": len(MIGRATIONS), "files": sums}
    with path.open("wb") as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            for name, source in files.items():
                archive.write(source, name)
        target.flush()
        os.fsync(target.fileno())


def _unpack(path: Path, directory: Path) -> None:
    """Unpack what the manifest names and nothing else, and check it."""
    with _reading(path) as archive:
        sums = _manifest(path, archive)
        for name, expected in sums.items():
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, _BYTES_AT_ONCE)
            if _sha256_of(target) != expected:
                raise BackupError(f"{path} is damaged ({name} is not what was exported): use another copy")


def _become_another(path: Path) -> None:
    """Have the copy share no vectors with its original where a server keeps them."""
    database = Database(path)
    database.become_another()
    database.close()


@contextmanager
def _reading(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        raise BackupError(f"{path} does not exist") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise BackupError(f"{path} is damaged or no exported library: use another copy") from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the files an archive should hold, by name, with their SHA-256."""
    try:
        manifest: Any = json.loads(archive.read(MANIFEST))
    except ValueError as error:
        raise BackupError(f"{path} is damaged or no exported library: use another copy") from error
    match manifest:
        case {"pincite": int(written), "schema": int(schema), "files": dict(sums)} if DATABASE in sums:
            if written > FORMAT or schema > len(MIGRATIONS):
                raise BackupError(
                    f"{path} was exported by a newer version of Pincite: upgrade with pip install --upgrade pincite"
                )
            if all(_is_ours(name) and isinstance(own, str) for name, own in sums.items()):
                return sums
    raise BackupError(f"{path} is no exported library: use another file")


def _is_ours(name: str) -> bool:
    """Tell whether a name is one that an export writes: no other may leave the archive."""
    folder, _, own = name.rpartition("/")
    return name == DATABASE or (folder == "originals" and len(own) == 64 and own.isalnum())


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn what the system says into one line."""
    try:
        yield
    except OSError as error:
        kind = LibraryFull if error.errno == _NO_SPACE else BackupError
        raise kind(f"{what}: {error.strerror or error}") from error
