"""Haystack: SentenceTransformers embedders and the document store in memory. See `running`."""

from collections.abc import Sequence
from typing import Any

from haystack import Document  # type: ignore[import-not-found]  # only in its own environment
from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found]  # likewise
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore  # type: ignore[import-not-found]  # likewise
from haystack.utils import ComponentDevice  # type: ignore[import-not-found]  # likewise
from haystack_integrations.components.embedders.sentence_transformers import (  # type: ignore[import-not-found]  # too
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from running import run  # type: ignore[import-not-found]  # beside this file, where scripts find it


class Haystack:
    """Texts as documents in memory."""

    def __init__(self, model: str) -> None:
        """Load the model of a folder."""
        processor = ComponentDevice.from_str("cpu")
        self._of_documents = SentenceTransformersDocumentEmbedder(model=model, device=processor, progress_bar=False)
        self._of_questions = SentenceTransformersTextEmbedder(model=model, device=processor, progress_bar=False)
        self._of_documents.warm_up()
        self._of_questions.warm_up()

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them."""
        documents = [Document(id=str(number), content=text) for number, text in enumerate(texts)]
        self._index(self._of_documents.run(documents)["documents"])

    def ingest_embedded(self, texts: Sequence[str], vectors: Any) -> None:
        """Index texts with their vectors."""
        pairs = enumerate(zip(texts, vectors.tolist(), strict=True))
        self._index([Document(id=str(number), content=text, embedding=vector) for number, (text, vector) in pairs])

    def _index(self, documents: list[Any]) -> None:
        store = InMemoryDocumentStore()
        store.write_documents(documents)
        self._retriever = InMemoryEmbeddingRetriever(store)

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        embedding = self._of_questions.run(question)["embedding"]
        return len(self._retriever.run(query_embedding=embedding, top_k=limit)["documents"])


if __name__ == "__main__":
    run(Haystack)
