"""What puts candidate passages into a better order: a cross-encoder in this process, or one behind a server."""

from functools import lru_cache

from rag.rerankers.base import Reranker

__all__ = ["Reranker", "open_reranker"]


@lru_cache(maxsize=2)
def open_reranker(name: str | None) -> Reranker | None:
    """Open a server by its address, or a sentence-transformers cross-encoder by name or path; None for no name.

    The same name gives the same object. Raises: RerankerError.
    """
    if not name:
        return None
    if name.startswith(("http://", "https://")):
        from rag.rerankers.server import ServerReranker

        return ServerReranker(name)
    from rag.rerankers.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(name)
