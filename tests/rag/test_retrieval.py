"""Fusion, words, the query and rewriting, each against a worked example."""

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.arrays import Floats
from index.embedders import MINILM, Embedded
from index.library import Library
from index.types import ScoredPassage, Span
from rag.query import QueryWord, coverage, coverages, read_query
from rag.retrieve import Fusion, completed, fuse, retrieve
from rag.rewrite import rewrite
from rag.types import Turn
from rag.words import content_words, phrases, stem, stems_of

FERRY = "# Harbour\n\nThe ferry to the island leaves at seven. It takes an hour.\n"
ISLAND = "# Lindholm\n\nThe island has a ferry, a museum and a bakery.\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    for name, text in (("ferry.md", FERRY), ("island.md", ISLAND)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "ferry.md", tmp_path / "island.md"])
        yield library


def test_fusion_is_a_share_of_words_and_of_cosine_from_least_to_most() -> None:
    half, most = Fusion(lexical_share=0.5, narrowest=0.4), Fusion(lexical_share=0.8, narrowest=0.4)
    assert fuse([1.0, 0.0, 0.5], [0.2, 0.6, 0.4], 0.2, half) == pytest.approx([0.5, 0.5, 0.5])
    assert fuse([1.0, 0.25], [0.9, 0.1], 0.1, most) == pytest.approx([1.0, 0.2])


def test_cosines_that_lie_close_together_count_less() -> None:
    close = [0.5, 0.6]
    assert fuse([0.0, 0.0], close, 0.5, Fusion(lexical_share=0.5, narrowest=0.4)) == pytest.approx([0.0, 0.125])
    assert fuse([0.0, 0.0], close, 0.5, Fusion(lexical_share=0.5, narrowest=0.0)) == pytest.approx([0.0, 0.5])


def test_fusion_of_one_candidate_or_none() -> None:
    assert fuse([], [], 0.0, Fusion()) == []
    assert fuse([0.0], [0.3], 0.3, Fusion(narrowest=0.0)) == pytest.approx([0.5])


def test_a_phrase_of_the_question_lifts_the_passage_that_has_it(library: Library) -> None:
    found = retrieve(library, "When does the ferry to the island leave?", 2)
    assert [candidate.passage.document.title for candidate in found.candidates] == ["Harbour", "Lindholm"]
    harbour, lindholm = found.candidates
    assert harbour.score > lindholm.score
    assert [len(candidate.sentence_cosines) for candidate in found.candidates] == [2, 1]
    assert harbour.terms.context == ("harbour",)


@pytest.mark.parametrize(("question", "ahead"), [("When does the ferry leave?", 0.25), ("Does the ferry leave?", 0.0)])
def test_a_passage_is_ahead_where_its_best_sentence_says_something_of_the_kind_that_is_wanted(
    tmp_path: Path, question: str, ahead: float
) -> None:
    for name, when in (("late", "late"), ("monday", "monday")):
        text = f"# Harbour\n\nIn the harbour there is a clock. The ferry leaves {when}.\n"
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "late.md", tmp_path / "monday.md"])
        found = retrieve(library, question, 2, Fusion(wanted_share=0.25)).candidates
    scores = {Path(candidate.passage.document.source).stem: candidate.score for candidate in found}
    assert scores["monday"] - scores["late"] == pytest.approx(ahead)


def test_a_passage_earns_the_mean_of_its_cosines_with_the_best_ones(tmp_path: Path) -> None:
    texts = ["The ferry leaves at seven.", "The ferry leaves late.", "The harbour sells bread at seven.", "A clock."]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.md").write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / f"{number}.md" for number in range(4)])
        before, after = (
            {
                candidate.passage.id: candidate.score
                for candidate in retrieve(library, "ferry seven", 4, fusion).candidates
            }
            for fusion in (Fusion(neighbour_share=0.0), Fusion(neighbours=2, neighbour_share=0.5))
        )
        vectors = library.vectors(list(before))
    best = sorted(before, key=lambda id_: -before[id_])[:2]
    kin = {id_: sum(float(vectors[id_] @ vectors[other]) for other in best) / 2 for id_ in before}
    assert {id_: after[id_] - before[id_] for id_ in before} == pytest.approx({id_: 0.5 * kin[id_] for id_ in before})
    assert max(kin.values()) - min(kin.values()) > 0.2


def test_words_are_searched_while_the_question_is_embedded(tmp_path: Path) -> None:
    searching = threading.Event()

    class Searched(Library):
        def search_lexical(self, words: Sequence[str], limit: int) -> list[ScoredPassage]:
            searching.set()
            return super().search_lexical(words, limit)

    class Patient(WordEmbedder):
        def embed_queries(self, queries: Sequence[str]) -> Floats:
            assert searching.wait(60)
            vectors: Floats = super().embed_queries(queries)
            return vectors

    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    with Searched(tmp_path / "library", Patient, "words") as library:
        library.add([tmp_path / "ferry.md"])
        found = retrieve(library, "When does the ferry leave?", 1)
    assert [candidate.passage.document.title for candidate in found.candidates] == ["Harbour"]


class LatinEmbedder(WordEmbedder):
    """Reads no other script, as the default embedder, whose name it has; it keeps no words."""

    name = MINILM

    def embed_query_words(self, query: str, words: Sequence[Span]) -> Floats:
        """Return the vectors of a query and of its words."""
        vectors: Floats = self.embed_queries([query, *(span.of(query) for span in words)])
        return vectors

    def embed_passages_and_words(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Embedded]:
        """Return the vectors of texts and of their sentences."""
        return [Embedded(vectors) for vectors in self.embed_passages(texts, sentences)]


def test_words_alone_rank_where_the_embedder_does_not_read_the_script(tmp_path: Path) -> None:
    for name, text in (("row", "Старый паром ушёл вчера."), ("apart", "Паром вчера ушёл старый.")):
        (tmp_path / f"{name}.md").write_text(f"# Порт\n\n{text}\n", encoding="utf-8")
    with Library(tmp_path / "library", LatinEmbedder, MINILM) as library:
        library.add([tmp_path / "row.md", tmp_path / "apart.md"])
        first, second = retrieve(library, "Старый паром?", 2).candidates
        ahead, behind = retrieve(library, "Старый паром?", 2, Fusion(unread_phrase_share=0.6)).candidates
    assert first.score == pytest.approx(second.score)
    assert Path(ahead.passage.document.source).stem == "row"
    assert ahead.score > behind.score


def test_an_empty_library_has_no_candidates(tmp_path: Path) -> None:
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        found = retrieve(library, "When does the ferry leave?", 2)
    assert found.candidates == ()
    assert [word.passages for word in found.query.words] == [0, 0]


def test_words_that_only_ask_are_left_out() -> None:
    assert content_words("What did Asif say about refugees?") == ["asif", "refugees"]
    assert content_words("What about this?") == ["what", "about", "this"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When did he die?", ["die"]),
        ("Was ist die Hauptstadt von Schweden?", ["hauptstadt", "schweden"]),
        ("¿Cuál es la capital de Suecia?", ["capital", "suecia"]),
        ("ما هي عاصمة السويد؟", ["عاصمة", "السويد"]),
        ("سویڈن کا دارالحکومت کیا ہے؟", ["سویڈن", "دارالحکومت"]),
        ("瑞典的首都是哪里？", ["瑞典", "首都"]),
    ],
)
def test_small_words_are_those_of_the_questions_own_language(question: str, words: list[str]) -> None:
    assert content_words(question) == words


def test_phrases_are_neighbours_with_the_small_words_between_them() -> None:
    assert phrases("Who sat in the House of the Lords in London?") == [
        ("sat", "in", "the", "house"),
        ("house", "of", "the", "lords"),
        ("lords", "in", "london"),
    ]
    assert phrases("Who?") == []


def test_words_are_compared_by_their_stems() -> None:
    assert stem("refugees") == stem("refugee")
    assert {"refuge", "return"} <= stems_of("Returning refugees!")


def test_a_word_weighs_more_the_fewer_passages_hold_it(library: Library) -> None:
    read = read_query(library, "Is the ferry near the museum or the castle?")
    assert [(word.text, word.passages) for word in read.words] == [
        ("ferry", 2),
        ("near", 0),
        ("museum", 1),
        ("castle", 0),
    ]
    assert [word.rarity for word in read.words] == pytest.approx([math.log1p(2 / (n + 0.5)) for n in (2, 0, 1, 0)])


def word(form: str, rarity: float) -> QueryWord:
    return QueryWord(form, frozenset({form}), 1, rarity, 1.0, is_name=False)


def test_coverage_is_the_share_of_weight_with_half_credit_for_the_surroundings() -> None:
    words = [word("asif", 1.0), word("refuge", 3.0)]
    sentence, around = frozenset({"refuge"}), frozenset({"asif", "refuge"})

    assert coverage(words, [sentence], [1.0]) == 0.75
    assert coverage(words, [sentence, around], [1.0, 0.5]) == 0.875
    assert coverage([], [sentence], [1.0]) == 0.0


@given(st.lists(st.frozensets(st.sampled_from(["asif", "refuge", "said", "camp"])), max_size=6))
def test_many_texts_are_covered_as_each_by_itself(texts: list[frozenset[str]]) -> None:
    words = [word("asif", 1.0), QueryWord("refugees", frozenset({"refuge", "camp"}), 1, 3.0, 1.0, is_name=False)]
    assert coverages(words, texts) == [coverage(words, [text], [1.0]) for text in texts]


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.floats(0.1, 1.0))
def test_no_passage_is_overlooked_that_only_words_found(seed: int, found: int, looked_at: int, share: float) -> None:
    random = np.random.default_rng(seed)
    vectors = dict(enumerate(random.normal(size=(20, 3)).astype(np.float32)))
    cosines = {id_: float(vector[0]) for id_, vector in vectors.items()}
    nearest = sorted(cosines, key=lambda id_: -cosines[id_])[:found]
    lexical = {int(id_): float(random.random()) for id_ in random.permutation(20)[:15]}
    fusion, first = Fusion(lexical_share=share, looked_at_closer=looked_at), np.array([1, 0, 0], np.float32)
    read: list[int] = []

    def read_vectors(ids: Sequence[int]) -> dict[int, Floats]:
        read.extend(ids)
        return {id_: vectors[id_] for id_ in ids}

    dense = {id_: cosines[id_] for id_ in nearest}
    some = completed(read_vectors, first, lexical, dense, fusion)
    every = completed(read_vectors, first, lexical, dense, replace(fusion, looked_at_closer=1_000))

    assert set(every) == {*nearest, *lexical}
    assert _fused_best(lexical, some, dense, fusion) == _fused_best(lexical, every, dense, fusion)
    assert some == {id_: cosines[id_] for id_ in some}
    assert set(nearest).isdisjoint(read)


def _fused_best(
    lexical: dict[int, float], cosines: dict[int, float], dense: dict[int, float], fusion: Fusion
) -> list[int]:
    ids = sorted(cosines)
    fused = fuse([lexical.get(id_, 0.0) for id_ in ids], [cosines[id_] for id_ in ids], min(dense.values()), fusion)
    return [id_ for _, id_ in sorted(zip(fused, ids, strict=True), reverse=True)][: fusion.looked_at_closer]


REFUGEES = Turn("user", "What did Asif say about refugees?")


@pytest.mark.parametrize(
    ("question", "history", "expected"),
    [
        ("What is it?", (), "What is it?"),
        ("And what about India?", (REFUGEES,), "What did Asif say about India?"),
        ("How about the Chief Minister", (REFUGEES,), "What did Asif say about the Chief Minister?"),
        ("Why did he say that?", (REFUGEES,), "Why did he say that? asif refugees"),
        ("When does the ferry to Lindholm leave?", (REFUGEES,), "When does the ferry to Lindholm leave?"),
        ("Why?", (REFUGEES, Turn("assistant", "Because.")), "Why? asif refugees"),
        ("Is a return planned?", (REFUGEES,), "Is a return planned? asif refugees"),
        ("Are refugees to return?", (REFUGEES,), "Are refugees to return? asif"),
        ("Who won the 2022 World Cup?", (REFUGEES,), "Who won the 2022 World Cup?"),
        ("Why did he go to Lindholm?", (REFUGEES,), "Why did he go to Lindholm? asif refugees"),
        (
            "Are Kabul and Delhi near?",
            (REFUGEES, Turn("assistant", "Kabul, Delhi.")),
            "Are Kabul and Delhi near? asif refugees",
        ),
        ("Why?", (REFUGEES, Turn("user", "And what about India?")), "Why? asif india"),
        ("And when?", (REFUGEES, Turn("user", "Why?")), "And when? asif refugees"),
        ("And when?", (REFUGEES, Turn("user", "When does the ferry leave?")), "And when? ferry leave"),
        ("And when?", (REFUGEES, *[Turn("user", "Why?")] * 5), "And when? asif refugees"),
        ("And when?", (REFUGEES, *[Turn("user", "Why?")] * 5_000), "And when?"),
        ("Why?", (Turn("user", "A b c d e f g ferry?"),), "Why? b c e f g ferry"),
        ("Why?", (Turn("user", "  "), Turn("assistant", "Ask.")), "Why?"),
    ],
)
def test_a_follow_up_is_made_to_stand_alone(question: str, history: tuple[Turn, ...], expected: str) -> None:
    assert rewrite(question, history) == expected


class LongestFirst:
    """A reranker that likes long passages; see `rag.rerankers.base.Reranker`."""

    name = "longest first"
    remote = ""

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Return the passages' lengths."""
        return np.array([len(passage) for passage in passages], np.float32)


def test_a_reranker_chooses_among_more_passages_than_are_wanted(library: Library) -> None:
    question = "What has a museum on the island?"
    [first] = retrieve(library, question, 1).candidates
    [reranked] = retrieve(library, question, 1, reranker=LongestFirst()).candidates

    assert first.passage.document.title == "Lindholm"
    assert reranked.passage.document.title == "Harbour"
    assert reranked.score == len(f"Harbour: {reranked.passage.text}")
