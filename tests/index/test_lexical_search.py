"""Words in a large library: what rare ones find is ranked by all as FTS5 would; nothing changes in a small one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder

from index import bm25, database
from index.lexical import match_any, match_phrase
from index.library import Library
from index.rows import varints

RARE = ["ferry", "museum"]
FREQUENT = ["bread", "clock"]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """60 documents: "bread" and "clock" in most, "ferry" and "museum" in five each."""
    random = np.random.default_rng(0)
    for number in range(60):
        words = [*random.choice(FREQUENT, 3), *random.choice(["ticket", "euro", "street"], int(random.integers(1, 9)))]
        words += [RARE[number % 2]] if number % 6 < 2 and number < 30 else []
        text = f"# {'Clock' if number % 7 == 0 else 'Town'} {number}\n\n## Bread {number}\n\n{' '.join(words)}.\n"
        (tmp_path / f"{number:02}.md").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add(sorted(tmp_path.glob("*.md")))
        yield library


@pytest.fixture
def large(library: Library, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The same library, as if its 60 passages were many."""
    monkeypatch.setattr(bm25, "SCORED_AT_ONCE", 15)
    monkeypatch.setattr(bm25, "MATCHES_SCORED", 12)
    return library


def by_fts5(library: Library, words: list[str]) -> dict[int, float]:
    """Every passage with any of the words, scored by FTS5 alone."""
    matches = match_any([match_phrase([word], ["en"]) for word in words])
    with_database = database.Database(library.directory / "library.db")
    found = with_database.search(matches, 100)
    with_database.close()
    return {hit.passage_id: hit.score for hit in found}


def test_rare_words_find_and_all_words_rank_as_fts5_would(large: Library) -> None:
    exact, holding = by_fts5(large, RARE + FREQUENT), by_fts5(large, RARE)

    found = large.search_lexical(RARE + FREQUENT, 60)

    assert {hit.passage_id for hit in found} == set(holding)
    assert len(found) == 10
    assert [hit.score for hit in found] == pytest.approx(sorted((exact[id_] for id_ in holding), reverse=True))
    assert {hit.passage_id: hit.score for hit in found} == pytest.approx({id_: exact[id_] for id_ in holding})


def test_where_all_words_are_frequent_those_with_the_two_rarest_are_found(large: Library) -> None:
    both = set(by_fts5(large, ["bread"])) & set(by_fts5(large, ["clock"]))
    exact = by_fts5(large, FREQUENT)

    found = large.search_lexical(FREQUENT, 60)

    assert {hit.passage_id for hit in found} == both != set()
    assert {hit.passage_id: hit.score for hit in found} == pytest.approx({id_: exact[id_] for id_ in both})


def test_phrases_of_frequent_words_alone_are_left_out_of_a_large_library_only(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small = library.search_phrases([("bread", "clock"), ("museum", "bread")], 60)
    monkeypatch.setattr(bm25, "SCORED_AT_ONCE", 15)
    monkeypatch.setattr(bm25, "MATCHES_SCORED", 12)

    assert in_small != []
    assert library.search_phrases([("bread", "clock")], 60) == []
    assert library.search_phrases([("town", "museum"), ("bread", "museum")], 60) != in_small


def test_a_small_library_is_searched_by_fts5_alone(library: Library) -> None:
    found = library.search_lexical(RARE + FREQUENT, 60)

    assert {hit.passage_id: hit.score for hit in found} == by_fts5(library, RARE + FREQUENT)
    assert library.search_lexical([], 9) == library.search_phrases([], 9) == library.search_lexical(["xyz"], 9) == []


def test_a_frequent_word_is_counted_as_if_it_went_on_as_it_began(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = library.passages_with(["town", "bread", "ferry"])
    monkeypatch.setattr(database, "COUNTED", 20)

    about = library.passages_with(["town", "bread", "ferry"])

    assert exact == [51, 60, 5]
    assert about[0] == pytest.approx(51, rel=0.15)
    assert about[1:] == [60, 5]


def test_fts5_s_numbers_of_variable_length_are_read() -> None:
    assert varints(bytes([5, 0x81, 0x00, 0x82, 0x80, 0x01])) == [5, 128, 2 * 128**2 + 1]


@pytest.mark.parametrize(
    ("counts", "places"),
    [([5, 0, 3], [2, 0]), ([], []), ([0], []), ([20_000, 700, 9_000, 30], [3, 1]), ([20_000, 9_000], [1])],
)
def test_the_rarest_words_are_asked_for_and_at_least_one(counts: list[int], places: list[int]) -> None:
    assert bm25.rarest(counts) == places
