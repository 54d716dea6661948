"""Adds, syncs and removes on a disk of its own that is full or read-only, and prints what is said.

Run in a mount namespace of its own (`unshare -m`): `python tests/index/small_disk.py full|readonly FOLDER`.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.kills import SmallEmbedder, write_files
from index.errors import PinciteError
from index.library import Library


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    disk, files = folder / "disk", write_files(folder / "files", 20)
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk))
    with open_library(disk) as library:
        library.add([files])
    for number in range(20, 40):
        lines = [f"Newcomer {number} sat on post {post}. It slept." for post in range(20)]
        (files / f"new {number}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    (full_disk if kind == "full" else read_only_disk)(disk, files)


def full_disk(disk: Path, files: Path) -> None:
    with open_library(disk) as library:
        before = library.documents()
        fill(disk / "rest")
        tell(lambda: library.add([files]))
        tell(lambda: library.sync(files))
        tell(lambda: [library.remove(info.id) for info in before])
        (disk / "rest").unlink()
        assert library.verify() == (), library.verify()
        library.sync(files)
        assert len(library.documents()) == 40
        assert library.verify() == ()


def read_only_disk(disk: Path, files: Path) -> None:
    mount("-o", "remount,ro", str(disk))
    tell(lambda: add(disk, files))
    mount("-o", "remount,rw", str(disk))
    add(disk, files)
    with open_library(disk) as library:
        assert len(library.documents()) == 40
        assert library.verify() == ()


def add(disk: Path, files: Path) -> None:
    with open_library(disk) as library:
        library.add([files])


def open_library(disk: Path) -> Library:
    return Library(disk / "library", SmallEmbedder, SmallEmbedder.name)


def mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def tell(act: Callable[[], object]) -> None:
    try:
        act()
        print("done")
    except PinciteError as error:
        print(error)


if __name__ == "__main__":
    main()
