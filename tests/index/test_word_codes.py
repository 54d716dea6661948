"""What words mean where they stand: codes that tell nearly what the vectors themselves would."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedders import MINILM, embed_passages, open_embedder
from index.library import Library
from index.types import Span
from index.word_codes import encode, nearest, word_spans
from rag.retrieve import FUSION, retrieve

TEXT = "Lindholm: The ferry leaves the pier at nine o'clock. Bread is sold in the old bakery."
SENTENCES = [Span(10, 52), Span(53, len(TEXT))]
QUESTION = "When does the ferry leave?"
SIZE_OF_ONE = 2 + 384 // 8


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def test_words_are_runs_of_letters_and_digits() -> None:
    assert [span.of("Über 9,5 km: naïve_1 字!") for span in word_spans("Über 9,5 km: naïve_1 字!")] == [
        "Über",
        "9",
        "5",
        "km",
        "naïve_1",
        "字",
    ]
    assert [span.of(TEXT) for span in word_spans(TEXT, 74)] == ["old", "bakery"]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from([8, 20, 384]))
def test_a_cosine_is_told_exactly_along_the_word_itself_and_nearly_elsewhere(
    seed: int, words: int, dimensions: int
) -> None:
    random = np.random.default_rng(seed)
    passage = unit(random.standard_normal(dimensions))
    own = unit(passage + 0.8 * unit(random.standard_normal((words, dimensions))))
    codes = encode(own, passage)

    # Along its own difference from the passage, the code has the word's exact length; half precision rounds.
    for word in own:
        told = nearest((word - passage)[np.newaxis], [passage], [encode(word[np.newaxis], passage)])
        assert told[0, 0] == pytest.approx(float((word - passage) @ word), abs=4e-3)
    questions = unit(random.standard_normal((5, dimensions)))
    rest = np.linalg.norm(own - passage, axis=1).max()
    error = np.abs(nearest(questions, [passage], [codes])[0] - (questions @ own.T).max(axis=1))
    assert error.max() <= 6 * rest / np.sqrt(dimensions)


def test_each_passage_is_compared_with_its_own_words_and_one_without_words_with_none() -> None:
    random = np.random.default_rng(7)
    passages = unit(random.standard_normal((3, 384)))
    words = [unit(passages[0] + 0.2 * unit(random.standard_normal((4, 384)))), np.zeros((0, 384), np.float32)]
    words.append(unit(passages[2] + 0.2 * unit(random.standard_normal((1, 384)))))
    codes = [encode(own, passage) for own, passage in zip(words, passages, strict=True)]

    assert [len(own) for own in codes] == [4 * SIZE_OF_ONE, 0, SIZE_OF_ONE]
    together = nearest(passages, list(passages), codes)
    assert together.shape == (3, 3)
    assert together[1].tolist() == [0, 0, 0]
    assert together[0] == pytest.approx(nearest(passages, [passages[0]], codes[:1])[0], abs=1e-5)
    assert together[0, 0] > 0.9 > 0.3 > abs(together[0, 2])
    assert nearest(passages, [passages[1]], [b""]).tolist() == [[0, 0, 0]]


def test_many_passages_are_compared_as_each_by_itself() -> None:
    random = np.random.default_rng(11)
    passages = unit(random.standard_normal((8, 20)))
    codes = [encode(unit(random.standard_normal((number * 20, 20))), own) for number, own in enumerate(passages)]
    query = unit(random.standard_normal((3, 20)))

    alone = [nearest(query, [passage], [own])[0] for passage, own in zip(passages, codes, strict=True)]

    assert sum(map(len, codes)) > 500 * len(codes[1]) // 20
    assert nearest(query, list(passages), codes) == pytest.approx(np.array(alone), abs=1e-5)


def test_minilm_tells_where_in_a_passage_a_question_is_met_and_context_has_no_words() -> None:
    embedder = open_embedder(MINILM)
    [embedded] = embed_passages(embedder, [TEXT], [SENTENCES])
    question = "When does the boat depart?"
    spans = [Span(question.index(word), question.index(word) + len(word)) for word in ("boat", "depart")]
    vectors = embedder.embed_query_words(question, spans)

    assert embedded.word_codes is not None
    assert len(embedded.word_codes) == SIZE_OF_ONE * len(word_spans(TEXT, 10)) == SIZE_OF_ONE * 16
    assert (embedded.vectors == embedder.embed_passages([TEXT], [SENTENCES])[0]).all()
    assert vectors[0] == pytest.approx(embedder.embed_queries([question])[0], abs=1e-6)
    codes = [embedded.word_codes[start : start + SIZE_OF_ONE] for start in range(0, 16 * SIZE_OF_ONE, SIZE_OF_ONE)]
    told = nearest(vectors[1:], [embedded.vectors[0]] * 16, codes)
    words = [span.of(TEXT) for span in word_spans(TEXT, 10)]
    assert [words[place] for place in told.argmax(axis=0)] == ["ferry", "leaves"]


def test_a_library_of_an_earlier_version_still_answers_and_repair_brings_the_words(tmp_path: Path) -> None:
    (tmp_path / "town.md").write_text("The ferry leaves the pier at nine.\n\nBread is sold in the bakery.\n", "utf-8")
    with Library(tmp_path / "library", open_embedder, MINILM) as library:
        library.add([tmp_path / "town.md"])
        ferry, bakery = by_word(library)
        assert ferry > 0.5 * 0.5 > bakery > 0
        with sqlite3.connect(tmp_path / "library" / "library.db") as connection:
            connection.execute("UPDATE embeddings SET word_codes = NULL WHERE passage_id = 1")
        connection.close()

        assert by_word(library) == [0, 0]
        problems = library.verify()
        assert [(own.part, own.is_derived, own.passage_id) for own in problems] == [("vectors", True, 1)]
        assert "of an earlier version" in problems[0].text
        library.repair()
        assert library.verify() == ()
        assert by_word(library) == pytest.approx([ferry, bakery])


def by_word(library: Library) -> list[float]:
    """Return what the comparison of words adds to the scores of the passages about the ferry and the bakery."""
    with_words, without = (
        {own.passage.id: own.score for own in retrieve(library, QUESTION, 5, fusion).candidates}
        for fusion in (FUSION, replace(FUSION, word_share=0.0))
    )
    return [with_words[id_] - without[id_] for id_ in sorted(without)]
