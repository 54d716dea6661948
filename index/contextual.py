"""What embedders that read words in their context have in common. Knows no model."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from index.arrays import Floats
from index.embedders import Embedded
from index.types import Span

QUERIES_KEPT = 256


class RemembersQueries(ABC):
    """Keeps the vectors of the last queries, for when one is asked again. See `index.embedders.ContextualEmbedder`."""

    dimensions: int

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept_query = lru_cache(maxsize=QUERIES_KEPT)(self._embed_query)

    @abstractmethod
    def embed(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], *, words: bool) -> list[Embedded]:
        """Return, for each text, its vector, its sentences' and, where `words` are wanted, the codes of those."""

    @abstractmethod
    def _embed_query(self, query: str, words: Sequence[Span]) -> Floats:
        """Return shape (1 + words, dimensions), not to be written to."""

    def embed_queries(self, queries: Sequence[str]) -> Floats:
        """Return shape (queries, dimensions)."""
        vectors = [self._kept_query(query, ())[0] for query in queries]
        return np.stack(vectors) if vectors else np.zeros((0, self.dimensions), np.float32)

    def embed_query_words(self, query: str, words: Sequence[Span]) -> Floats:
        """Return shape (1 + words, dimensions): the query's vector, then its words'."""
        return self._kept_query(query, tuple(words))

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Floats]:
        """Return, for each text, shape (1 + its sentences, dimensions): the text's vector, then its sentences'."""
        return [own.vectors for own in self.embed(texts, sentences, words=False)]

    def embed_passages_and_words(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Embedded]:
        """Return, for each text, its vector, its sentences' and the codes of its words (`index.word_codes`)."""
        return self.embed(texts, sentences, words=True)
