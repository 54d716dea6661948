"""What was chosen on a library's page is kept by name over a restart; the last choice counts, and can be taken back."""

from pathlib import Path

from fakes import WordEmbedder

from index.backup import import_library
from index.library import Library


def test_a_choice_is_kept_in_the_place_of_an_earlier_one_and_over_a_restart(tmp_path: Path) -> None:
    with Library(tmp_path, WordEmbedder, "words") as library:
        assert library.choices().all() == {}
        library.choices().keep("passages", "7")
        library.choices().keep("language", "de")
        library.choices().keep("passages", "3")
    with Library(tmp_path, WordEmbedder, "words") as library:
        assert library.choices().all() == {"language": "de", "passages": "3"}

        library.choices().forget("passages", "strictness")
        assert library.choices().all() == {"language": "de"}


def test_each_library_has_its_own_and_takes_them_along(tmp_path: Path) -> None:
    with (
        Library(tmp_path / "one", WordEmbedder, "words") as one,
        Library(tmp_path / "two", WordEmbedder, "words") as two,
    ):
        one.choices().keep("strictness", "strict")
        assert two.choices().all() == {}
        one.export(tmp_path / "one.pincite")
    import_library(tmp_path / "one.pincite", tmp_path / "three")
    with Library(tmp_path / "three", WordEmbedder, "words") as three:
        assert three.choices().all() == {"strictness": "strict"}
