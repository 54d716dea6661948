"""What puts candidate passages into a better order: a cross-encoder in this process, or one behind a server."""

from functools import lru_cache

from rag.rerankers.base import Reranker

__all__ = ["Reranker", "open_reranker", "remote_of"]

_ADDRESS = ("http://", "https://")


@lru_cache(maxsize=2)
def open_reranker(name: str | None) -> Reranker | None:
    """Open a server by its address, or a sentence-transformers cross-encoder by name or path; None for no name.

    The same name gives the same object. Raises: RerankerError.
    """
    if not name:
        return None
    if name.startswith(_ADDRESS):
        from rag.rerankers.server import ServerReranker

        return ServerReranker(name)
    from rag.rerankers.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(name)


def remote_of(name: str | None) -> str:
    """Return the address of another machine that this reranker sends passages to, "" for none. Loads no model.

    Raises: RerankerError.
    """
    reranker = open_reranker(name) if name and name.startswith(_ADDRESS) else None
    return reranker.remote if reranker else ""
