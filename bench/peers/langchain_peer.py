"""LangChain: HuggingFaceEmbeddings and FAISS. See `running`."""

from collections.abc import Sequence
from typing import Any

from langchain_community.vectorstores import FAISS  # type: ignore[import-not-found]  # only in its own environment
from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]  # likewise
from running import run  # type: ignore[import-not-found]  # beside this file, where scripts find it


class LangChain:
    """Texts in a FAISS store of LangChain's."""

    def __init__(self, model: str) -> None:
        """Load the model of a folder."""
        self._embeddings = HuggingFaceEmbeddings(model_name=model, model_kwargs={"device": "cpu"})

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them."""
        self._store = FAISS.from_texts(list(texts), self._embeddings)

    def ingest_embedded(self, texts: Sequence[str], vectors: Any) -> None:
        """Index texts with their vectors."""
        self._store = FAISS.from_embeddings(zip(texts, vectors.tolist(), strict=True), self._embeddings)

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        return len(self._store.similarity_search(question, limit))


if __name__ == "__main__":
    run(LangChain)
