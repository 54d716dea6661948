"""LlamaIndex: HuggingFaceEmbedding and its own vector index. See `running`."""

from collections.abc import Sequence
from typing import Any

from llama_index.core import VectorStoreIndex  # type: ignore[import-not-found]  # only in its own environment
from llama_index.core.schema import TextNode  # type: ignore[import-not-found]  # likewise
from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # type: ignore[import-not-found]  # likewise
from running import run  # type: ignore[import-not-found]  # beside this file, where scripts find it


class LlamaIndex:
    """Texts as nodes of a vector index."""

    def __init__(self, model: str) -> None:
        """Load the model of a folder."""
        self._embedding = HuggingFaceEmbedding(model_name=model, device="cpu")

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them."""
        self._index = VectorStoreIndex([TextNode(text=text) for text in texts], embed_model=self._embedding)

    def ingest_embedded(self, texts: Sequence[str], vectors: Any) -> None:
        """Index texts with their vectors."""
        pairs = zip(texts, vectors.tolist(), strict=True)
        nodes = [TextNode(text=text, embedding=vector) for text, vector in pairs]
        self._index = VectorStoreIndex(nodes, embed_model=self._embedding)

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        return len(self._index.as_retriever(similarity_top_k=limit).retrieve(question))


if __name__ == "__main__":
    run(LlamaIndex)
