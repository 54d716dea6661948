"""The default embedder is the official model: its weights, its vectors, and no others."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from files import parsed

from index.context import TOKENS_FOR_CONTEXT, with_context
from index.embedders import MINILM_SHA256, check_weights, minilm_directory, open_embedder
from index.errors import EmbedderError
from index.sentence_transformers import SentenceTransformersEmbedder, _batches
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

    model = SentenceTransformer(str(minilm_directory()), device="cpu", local_files_only=True)
    vectors: np.ndarray = model.encode(TEXTS, normalize_embeddings=True)
    return vectors


def cosines(embedder: SentenceTransformersEmbedder, reference: np.ndarray) -> list[float]:
    own = [vectors[0] for vectors in embedder.embed_passages(TEXTS, [[]] * len(TEXTS))]
    return [float(a @ b) for a, b in zip(own, reference, strict=True)]


def test_vectors_are_those_of_sentence_transformers(reference: np.ndarray) -> None:
    embedder = SentenceTransformersEmbedder("minilm", minilm_directory(), precision="float32")
    assert min(cosines(embedder, reference)) > 0.99999


def test_bfloat16_keeps_a_cosine_of_999_in_1000(reference: np.ndarray) -> None:
    embedder = SentenceTransformersEmbedder("minilm", minilm_directory(), precision="bfloat16")
    assert min(cosines(embedder, reference)) >= 0.999


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


@pytest.mark.parametrize("lengths", [[5], [256] * 40, [1] * 5_000, list(range(1, 257)), []])
def test_batches_hold_every_text_once_and_stay_within_the_budget(lengths: Sequence[int]) -> None:
    batches = _batches(lengths)
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[position] for position in batch) <= 2_048 for batch in batches)


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
