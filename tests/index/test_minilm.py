"""The default embedder is the official model: its weights, its vectors, and no others."""

from pathlib import Path

import numpy as np
import pytest
from files import parsed

from index.context import TOKENS_FOR_CONTEXT, with_context
from index.embedders import MINILM_SHA256, Embedder, check_weights, checked_minilm_directory, open_embedder
from index.errors import EmbedderError
from index.minilm import MiniLMEmbedder, Precision
from index.sentence_transformers import SentenceTransformersEmbedder
from index.split import split
from index.types import Span

TEXTS = [
    "They should arrange for the return of refugees.",
    "Khawaja Asif said Pakistan has repeatedly raised its concern. " * 4,
    "字。 é 🙂 naïve",
    "x",
]


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    """The vectors sentence-transformers itself computes, in float32."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(checked_minilm_directory()), device="cpu", local_files_only=True)
    vectors: np.ndarray = model.encode(TEXTS, normalize_embeddings=True)
    return vectors


def cosines(embedder: Embedder, reference: np.ndarray) -> list[float]:
    own = [vectors[0] for vectors in embedder.embed_passages(TEXTS, [[]] * len(TEXTS))]
    return [float(a @ b) for a, b in zip(own, reference, strict=True)]


def test_vectors_are_those_of_sentence_transformers(reference: np.ndarray) -> None:
    embedder = SentenceTransformersEmbedder("minilm", checked_minilm_directory(), precision="float32")
    assert min(cosines(embedder, reference)) > 0.99999


@pytest.mark.parametrize(("precision", "least"), [("int8", 0.985), ("bfloat16", 0.999)])
def test_what_is_rounded_stays_near(reference: np.ndarray, precision: Precision, least: float) -> None:
    """Text as people write it keeps 0.995 and more in 8 bits; a single letter is further off."""
    embedder = MiniLMEmbedder(precision)

    assert min(cosines(embedder, reference)) >= least
    assert (embedder.embed_queries(TEXTS) * reference).sum(axis=1).tolist()[:3] == pytest.approx([1] * 3, abs=5e-3)


def test_tokens_are_those_of_sentence_transformers_and_so_is_where_a_long_text_is_cut() -> None:
    texts = [*TEXTS, "Zürich’s naïve co-operation costs 3.5 % — «так»!? " * 40, "한국어 " * 200, ""]
    embedder, model = open_embedder(), SentenceTransformersEmbedder("m", checked_minilm_directory(), "float32")
    own, theirs = (one.embed_passages(texts, [[]] * len(texts)) for one in (embedder, model))

    assert embedder.count_tokens(texts) == model.count_tokens(texts)
    assert embedder.max_tokens == model.max_tokens == 254
    assert min(float(a[0] @ b[0]) for a, b in zip(own, theirs, strict=True)) >= 0.98


def test_words_of_a_query_are_those_of_sentence_transformers() -> None:
    question = "Where do the herons of the Jadebusen breed?"
    words = [Span(13, 19), Span(27, 36), Span(37, 42)]
    model = SentenceTransformersEmbedder("m", checked_minilm_directory(), "float32")
    own, theirs = (one.embed_query_words(question, words) for one in (MiniLMEmbedder(), model))

    assert own.shape == theirs.shape == (4, 384)
    assert (own * theirs).sum(axis=1).min() >= 0.98


def test_a_sentence_vector_is_the_mean_of_its_tokens_in_context(reference: np.ndarray) -> None:
    embedder = open_embedder("minilm")
    whole, only = embedder.embed_passages(TEXTS[:1], [[Span(0, len(TEXTS[0]))]])[0]
    assert 0.9 < float(whole @ only) < 0.99999, "the passage's mean has the special tokens, the sentence's has not"


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"altered")
    with pytest.raises(EmbedderError, match="has the SHA-256"):
        check_weights(tmp_path / "model.safetensors", MINILM_SHA256)
    with pytest.raises(EmbedderError, match="cannot be read"):
        check_weights(tmp_path / "missing", MINILM_SHA256)


def test_a_model_that_is_not_here_is_not_fetched() -> None:
    with pytest.raises(EmbedderError, match="is not on this machine"):
        open_embedder("nobody/no-such-model")


@pytest.mark.parametrize("title", ["The harbour of Lindholm", "港口" * 40, "xq" * 50, "한국어" * 30])
def test_nothing_of_a_passage_is_cut_off_by_what_the_model_reads(title: str) -> None:
    embedder = open_embedder("minilm")
    text = "The ferry crosses the sound at seven, unless the wind, which never rests, is from the north. " * 60
    document = parsed("a.md", f"# {title}\n\n{text}\n".encode())
    for passage in split(document, embedder.max_tokens - TOKENS_FOR_CONTEXT, embedder.count_tokens):
        whole = passage.span.of(document.text)
        embedded, sentences = with_context(
            document.title, passage.headings, whole, passage.span, passage.sentences, embedder.count_tokens
        )
        assert embedder.count_tokens([embedded])[0] <= embedder.max_tokens == 254
        assert [span.of(embedded) for span in sentences] == [span.of(document.text) for span in passage.sentences]
