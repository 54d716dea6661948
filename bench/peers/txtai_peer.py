"""txtai: its embeddings database. See `running`."""

from collections.abc import Sequence

from running import run  # type: ignore[import-not-found]  # beside this file, where scripts find it
from txtai import Embeddings  # type: ignore[import-not-found]  # only in its own environment


class Txtai:
    """Texts in an index of txtai's."""

    def __init__(self, model: str) -> None:
        """Load the model of a folder."""
        self._embeddings = Embeddings(path=model, gpu=False)

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them."""
        self._embeddings.index(list(texts))

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        return len(self._embeddings.search(question, limit))


if __name__ == "__main__":
    run(Txtai)
