"""A library goes into one file and comes back whole, or not at all."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.backup import import_library
from index.errors import BackupError, LibraryError
from index.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "town.txt").write_text("The ferry leaves at dawn.\n\nThe bakery sells bread.\n", encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "town.txt"])
        library.add_upload("more.txt", b"A clock stands in the museum.")
        yield library


def reopened(directory: Path) -> Library:
    return Library(directory, WordEmbedder, "words")


def test_what_was_exported_is_imported_whole(library: Library, tmp_path: Path) -> None:
    library.export(tmp_path / "backup.pincite")

    import_library(tmp_path / "backup.pincite", tmp_path / "other" / "library")

    with reopened(tmp_path / "other" / "library") as copy:
        assert copy.documents() == library.documents()
        assert [copy.document(info.id) for info in copy.documents()] == [
            library.document(info.id) for info in library.documents()
        ]
        assert copy.verify() == ()
        assert copy.search_dense(WordEmbedder().embed("bread"), 3) == library.search_dense(
            WordEmbedder().embed("bread"), 3
        )
    assert [path.read_bytes() for path in (tmp_path / "other/library/originals").iterdir()] == [
        b"A clock stands in the museum."
    ]


def test_an_export_in_the_middle_of_writing_holds_whole_documents(library: Library, tmp_path: Path) -> None:
    with library._database._writing() as connection:
        connection.execute("DELETE FROM documents WHERE id = 1")
        other = reopened(library.directory)
        other.export(tmp_path / "backup.pincite")
        other.close()

    import_library(tmp_path / "backup.pincite", tmp_path / "copy")
    with reopened(tmp_path / "copy") as copy:
        assert len(copy.documents()) == 2
        assert copy.verify() == ()


def test_nothing_is_overwritten(library: Library, tmp_path: Path) -> None:
    backup = tmp_path / "backup.pincite"
    library.export(backup)
    content = backup.read_bytes()

    with pytest.raises(BackupError, match="exists: name another file"):
        library.export(backup)
    with pytest.raises(LibraryError, match="is not empty: import into a new folder"):
        import_library(backup, library.directory)
    assert backup.read_bytes() == content
    assert len(library.documents()) == 2


def test_an_empty_folder_may_become_the_library(library: Library, tmp_path: Path) -> None:
    library.export(tmp_path / "backup.pincite")
    (tmp_path / "empty").mkdir()

    import_library(tmp_path / "backup.pincite", tmp_path / "empty")

    with reopened(tmp_path / "empty") as copy:
        assert len(copy.documents()) == 2


def test_a_damaged_or_foreign_file_is_refused_and_leaves_nothing(library: Library, tmp_path: Path) -> None:
    library.export(tmp_path / "good.pincite")
    good = (tmp_path / "good.pincite").read_bytes()
    bad = {
        "truncated": good[: len(good) // 2],
        "flipped": good[:300] + bytes([good[300] ^ 255]) + good[301:],
        "text": b"no archive",
        "empty": b"",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BackupError, match=r"damaged|is no exported library"):
            import_library(tmp_path / name, tmp_path / "target")
        assert not (tmp_path / "target").exists(), name
    with pytest.raises(BackupError, match="does not exist"):
        import_library(tmp_path / "nowhere", tmp_path / "target")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def archive(path: Path, manifest: object, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("manifest.json", json.dumps(manifest))
        for name, content in files.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "originals/../../evil", "other.txt", "originals/short"])
def test_no_file_leaves_the_folder(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "evil", {"pincite": 1, "schema": 1, "files": {"library.db": "0", name: "0"}})

    with pytest.raises(BackupError, match="is no exported library"):
        import_library(path, tmp_path / "target")


@pytest.mark.parametrize("newer", [{"pincite": 2, "schema": 1}, {"pincite": 1, "schema": 99}])
def test_an_export_of_a_newer_version_is_refused(tmp_path: Path, newer: dict[str, int]) -> None:
    path = archive(tmp_path / "new", {**newer, "files": {"library.db": "0"}})

    with pytest.raises(BackupError, match="newer version of Pincite"):
        import_library(path, tmp_path / "target")
