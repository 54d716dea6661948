"""Texts that are the same for the most part: their share, and that each finds the other among many."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.duplicates import ALIKE, KEYS, SMALLEST, share, sketch
from index.library import Library
from index.types import FileReport, Resemblance


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        yield library


def text(seed: int, words: int = 400) -> list[str]:
    chance = random.Random(seed)
    return [f"word{chance.randrange(5_000)}" for _ in range(words)]


def runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + 5]) for place in range(len(words) - 4)}


@pytest.mark.parametrize("replaced", [0, 4, 20, 60, 400])
def test_the_share_is_that_of_all_runs_of_five_words_about(replaced: int) -> None:
    left = text(1, 2_000)
    right = [*left[: 2_000 - 5 * replaced], *text(2, 5 * replaced)]
    exact = len(runs(left) & runs(right)) / len(runs(left) | runs(right))
    found = share(sketch(" ".join(left)).smallest, sketch(" ".join(right)).smallest)

    assert found == pytest.approx(exact, abs=0.1)
    assert (found == 1.0) == (replaced == 0)


def test_the_share_of_short_texts_is_exact() -> None:
    left, right = "one two three four five six seven", "one two three four five six eight"
    assert share(sketch(left).smallest, sketch(right).smallest) == 2 / 4
    assert share(sketch("one two").smallest, sketch("One, two!").smallest) == 1.0
    assert share(sketch("one two").smallest, sketch("two one").smallest) == 0.0
    assert sketch("!?").smallest == sketch("").keys == ()
    assert share((), ()) == 0.0


def test_a_sketch_is_small_and_the_same_on_every_machine() -> None:
    long = sketch(" ".join(text(3, 50_000)))
    assert (len(long.smallest), len(long.keys)) == (SMALLEST, KEYS)
    assert sketch("The ferry leaves at seven.") == sketch("the FERRY leaves\nat seven")
    assert sketch("The ferry leaves at seven.").smallest == (9014108525068059360,)


def added(library: Library, folder: Path, **texts: list[str]) -> dict[str, FileReport]:
    folder.mkdir(exist_ok=True)
    files = [folder / f"{name}.txt" for name in texts]
    for file, words in zip(files, texts.values(), strict=True):
        file.write_text(". ".join(" ".join(words[i : i + 20]) for i in range(0, len(words), 20)), encoding="utf-8")
    return {Path(report.source).stem: report for report in library.add(files)}


def test_a_document_much_like_an_earlier_one_is_named_and_others_are_not(library: Library, tmp_path: Path) -> None:
    others = {f"other{seed}": text(seed) for seed in range(2, 30)}
    added(library, tmp_path / "a", first=text(1), **others)
    edited = [*text(1)[:380], *text(99, 20)]
    half = [*text(1)[:200], *text(98, 200)]
    reports = added(library, tmp_path / "b", edited=edited, half=half, new=text(97), copy=text(5))

    assert reports["edited"].resembles is not None
    assert reports["edited"].resembles.source == str(tmp_path / "a" / "first.txt")
    assert ALIKE < reports["edited"].resembles.share < 1
    assert reports["half"].resembles is None
    assert reports["new"].resembles is None
    assert reports["copy"].resembles == Resemblance(str(tmp_path / "a" / "other5.txt"), 1.0)
    assert len(library.documents()) == 29 + 3


def test_the_same_content_twice_in_one_run_is_stored_once_and_told(library: Library, tmp_path: Path) -> None:
    reports = added(library, tmp_path / "a", first=text(1), second=text(1))

    assert reports["first"].resembles is None
    assert reports["second"].resembles == Resemblance(str(tmp_path / "a" / "first.txt"), 1.0)
    assert len(library.documents()) == 1


def test_the_older_of_two_documents_is_not_said_to_be_like_the_newer_and_a_removed_one_is_not_named(
    library: Library, tmp_path: Path
) -> None:
    added(library, tmp_path / "a", first=text(1))
    added(library, tmp_path / "b", edited=[*text(1)[:390], *text(99, 10)])
    library.remove(library.find("first.txt").id)
    reports = added(library, tmp_path / "c", third=[*text(1)[:390], *text(98, 10)])

    assert reports["third"].resembles is not None
    assert reports["third"].resembles.source == str(tmp_path / "b" / "edited.txt")


def test_a_library_from_before_there_were_sketches_gets_them(library: Library, tmp_path: Path) -> None:
    added(library, tmp_path / "a", first=text(1))
    library.close()
    connection = sqlite3.connect(library.directory / "library.db")
    before = connection.execute("SELECT smallest FROM sketches").fetchall()
    connection.execute("DELETE FROM sketches")
    connection.execute("DELETE FROM sketch_keys")
    connection.execute("UPDATE state SET value = 0 WHERE name = 'sketcher'")
    connection.commit()
    with Library(library.directory, WordEmbedder, "words") as again:
        reports = added(again, tmp_path / "b", edited=[*text(1)[:390], *text(99, 10)])

    assert connection.execute("SELECT smallest FROM sketches").fetchall()[:1] == before
    connection.close()
    assert reports["edited"].resembles is not None
