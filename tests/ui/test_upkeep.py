"""`pincite verify`, `export` and `import`, as a person types them."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.cli import commands


def pincite(*words: str | Path) -> Result:
    return CliRunner().invoke(commands, [str(word) for word in words])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "town.txt").write_text("The ferry leaves at dawn.\n", encoding="utf-8")
    assert pincite("add", tmp_path / "town.txt", "--library", tmp_path / "library").exit_code == 0
    return tmp_path / "library"


def test_a_sound_library_is_said_to_be_sound(library: Path) -> None:
    done = pincite("verify", "--library", library)

    assert (done.exit_code, done.output) == (0, "nothing is wrong with the library of 1 document\n")


def test_damage_is_told_and_repaired(library: Path) -> None:
    with sqlite3.connect(library / "library.db") as connection:
        connection.execute("DELETE FROM embeddings")
    connection.close()

    told = pincite("verify", "--library", library)
    repaired = pincite("verify", "--repair", "--library", library)

    assert told.exit_code == 1
    assert told.output.endswith("town.txt has none (--repair makes it again)\n")
    assert repaired.exit_code == 0
    assert repaired.output.endswith("nothing is wrong with the library of 1 document\n")
    assert pincite("verify", "--library", library).exit_code == 0


def test_a_library_goes_into_a_file_and_back(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.pincite"

    assert pincite("export", file, "--library", library).output == f"{file} holds 1 document\n"
    again = pincite("export", file, "--library", library)
    imported = pincite("import", file, "--library", tmp_path / "copy")

    assert (again.exit_code, again.output) == (
        1,
        f"pincite: {file} exists: name another file, or remove it first\n",
    )
    assert imported.output == f"the library at {tmp_path / 'copy'} holds 1 document\n"
    assert pincite("verify", "--library", tmp_path / "copy").exit_code == 0
