"""Words in a large library: what rare ones find is ranked by all as FTS5 would; nothing changes in a small one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import bm25, database
from index.lexical import match_any, match_phrase
from index.library import Library

RARE = ["ferry", "museum"]
FREQUENT = ["bread", "clock"]
EVERY_WORD = [*RARE, *FREQUENT, "ticket", "euro", "street", "town", "7", "12"]


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


@pytest.mark.parametrize(
    ("counts", "finding", "ranking"),
    [
        ([5, 0, 3], [2, 0], []),
        ([], [], []),
        ([0], [], []),
        ([20_000, 700, 9_000, 30], [3, 1], [2, 0]),
        ([20_000, 9_000], [1], [0]),
        ([bm25.SCORED_AT_ONCE - 1, 1], [1, 0], []),
        ([bm25.SCORED_AT_ONCE, 1], [1], [0]),
    ],
)
def test_the_rarest_words_find_at_least_one_of_them_and_the_others_rank(
    counts: list[int], finding: list[int], ranking: list[int]
) -> None:
    assert bm25.divided(counts) == (finding, ranking)


def test_the_rarest_of_the_frequent_words_are_read() -> None:
    counts = [bm25.MATCHES_READ // 2, bm25.MATCHES_READ, bm25.MATCHES_READ // 2]
    assert bm25.worth_reading([0, 2, 1], counts) == [0, 2]
    assert bm25.worth_reading([1], counts) == [1]
    assert bm25.worth_reading([], counts) == []


def test_words_that_are_too_frequent_to_be_read_do_not_rank(large: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "MATCHES_READ", 20)
    without = by_fts5(large, RARE)

    found = large.search_lexical(RARE + FREQUENT, 60)

    assert {hit.passage_id: hit.score for hit in found} == without


@given(words=st.sets(st.sampled_from(EVERY_WORD), min_size=1), limit=st.integers(1, 60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_found_is_the_best_of_what_the_rare_words_find(large: Library, words: set[str], limit: int) -> None:
    asked = sorted(words)
    counts = large.passages_with(asked)
    finding, ranking = bm25.divided(counts)
    exact = by_fts5(large, asked)
    holding = set(by_fts5(large, [asked[place] for place in finding]))
    if ranking and counts[finding[0]] > bm25.MATCHES_SCORED:
        holding &= set(by_fts5(large, [asked[ranking[0]]]))

    found = large.search_lexical(asked, limit)

    best = sorted((exact[id_] for id_ in holding), reverse=True)[:limit]
    assert [hit.score for hit in found] == pytest.approx(best)
    assert {hit.passage_id: hit.score for hit in found} == pytest.approx(
        {h.passage_id: exact[h.passage_id] for h in found}
    )
    assert {hit.passage_id for hit in found} <= holding
