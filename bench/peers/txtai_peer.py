"""txtai: its embeddings database. See `running`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from running import run  # type: ignore[import-not-found]  # beside this file, where scripts find it
from txtai import Embeddings  # type: ignore[import-not-found]  # only in its own environment


class Txtai:
    """Texts in an index of txtai's."""

    def __init__(self, model: str) -> None:
        """Load the model of a folder."""
        self._own = Embeddings(path=model, gpu=False)
        self._embeddings = self._own

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them."""
        self._embeddings = self._own
        self._embeddings.index(list(texts))

    def ingest_embedded(self, texts: Sequence[str], vectors: Any) -> None:
        """Index vectors of texts: to txtai they come from elsewhere; questions are embedded by its own model."""
        own = self._own

        def transform(data: Sequence[Any]) -> Any:  # txtai calls a method without arguments, to be given a function
            is_text = isinstance(data[0], str)
            return np.asarray(own.batchtransform(data, "query") if is_text else data, np.float32)

        self._embeddings = Embeddings(method="external", transform=transform)
        self._embeddings.index(list(vectors))

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        return len(self._embeddings.search(question, limit))


if __name__ == "__main__":
    run(Txtai)
