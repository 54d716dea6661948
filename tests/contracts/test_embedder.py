"""What every embedder keeps to."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder

from index.embedders import Embedder, checked_minilm_directory, open_embedder
from index.sentence_transformers import SentenceTransformersEmbedder
from index.types import Span

TEXT = "The ferry leaves at seven. The bakery sells bread."
SENTENCES = [Span(0, 26), Span(27, 50)]


@pytest.fixture(scope="module")
def pools_by_first_token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model that does not pool by the mean, and has prompts."""
    from sentence_transformers import SentenceTransformer

    directory = tmp_path_factory.mktemp("models") / "first-token"
    model = SentenceTransformer(str(checked_minilm_directory()), device="cpu", local_files_only=True)
    model[1].pooling_mode = "cls"
    model.prompts = {"query": "query: ", "document": "passage: "}
    model.save(str(directory))
    return directory


@pytest.fixture(scope="module", params=["words", "minilm", "minilm, sentence-transformers", "first token"])
def embedder(request: pytest.FixtureRequest, pools_by_first_token: Path) -> Embedder:
    makers: dict[str, Callable[[], Embedder]] = {
        "words": WordEmbedder,
        "minilm": lambda: open_embedder("minilm"),
        "minilm, sentence-transformers": lambda: SentenceTransformersEmbedder("reference", checked_minilm_directory()),
        "first token": lambda: SentenceTransformersEmbedder("first token", pools_by_first_token),
    }
    return makers[request.param]()


def test_queries_are_unit_vectors_in_order(embedder: Embedder) -> None:
    vectors = embedder.embed_queries(["ferry", "bread", "ferry"])

    assert vectors.dtype == np.float32
    assert vectors.shape == (3, embedder.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
    assert (vectors[0] == vectors[2]).all()
    assert not (vectors[0] == vectors[1]).all()


def test_a_passage_comes_with_its_sentences_and_texts_keep_their_order(embedder: Embedder) -> None:
    texts = ["Bread. " * 30, TEXT, "A clock."]
    vectors = embedder.embed_passages(texts, [[], SENTENCES, [Span(0, 8)]])

    assert [own.shape for own in vectors] == [(n, embedder.dimensions) for n in (1, 3, 2)]
    assert np.concatenate([np.linalg.norm(own, axis=1) for own in vectors]) == pytest.approx([1] * 6, abs=1e-4)
    alone = [embedder.embed_passages([text], [[]])[0][0] for text in texts]
    assert [float(own[0] @ single) for own, single in zip(vectors, alone, strict=True)] == pytest.approx(
        [1] * 3, abs=1e-3
    )


def test_a_sentence_is_nearest_to_what_it_says(embedder: Embedder) -> None:
    _, ferry, bakery = embedder.embed_passages([TEXT], [SENTENCES])[0]
    question = embedder.embed_queries(["Where is bread sold in the bakery?"])[0]
    assert bakery @ question > ferry @ question


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert embedder.embed_passages([], []) == []
    assert embedder.count_tokens([]) == []


def test_tokens_are_counted_without_special_ones(embedder: Embedder) -> None:
    assert embedder.count_tokens(["ferry bread", ""]) == [2, 0]
    assert embedder.max_tokens > 64
