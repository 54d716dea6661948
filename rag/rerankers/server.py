"""A cross-encoder behind a server that reranks: llama-server, vLLM and others, with Jina's and Cohere's protocol.

The question and the candidate passages are sent to that server and to no other: redirects are not followed, and on
the way to this machine itself no proxy is used.
"""

from collections.abc import Sequence
from typing import Any

import httpx2
import numpy as np

from index.arrays import Floats
from rag.errors import GeneratorError, RerankerError
from rag.generators.server import checked_url, is_this_machine

TIMEOUT_SECONDS = 60.0


class ServerReranker:
    """Scores by a server; see `rag.rerankers.base.Reranker`. Safe from any thread."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Note the address, with or without "/v1"; nothing is asked yet. Raises: RerankerError."""
        try:
            self._url = checked_url(url)
        except GeneratorError as error:
            raise RerankerError(str(error)) from error
        self.name = self._url
        self.remote = "" if is_this_machine(self._url) else self._url
        self._client = httpx2.Client(
            timeout=timeout_seconds,
            limits=httpx2.Limits(max_keepalive_connections=0),
            trust_env=not is_this_machine(self._url),
        )

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Return shape (passages,), higher is better. Raises: RerankerError."""
        if not passages:
            return np.zeros(0, np.float32)
        try:
            reply = self._client.post(f"{self._url}/rerank", json={"query": question, "documents": list(passages)})
            content = reply.json() if reply.status_code == httpx2.codes.OK else None
        except (httpx2.HTTPError, ValueError) as error:
            raise RerankerError(f"the reranker at {self._url} cannot be asked ({error}): is it running?") from error
        if content is None:
            raise RerankerError(
                f"the reranker at {self._url} answered with status {reply.status_code}:"
                " start the server with a model for reranking (llama-server --reranking)"
            )
        return _scores(content, len(passages), self._url)


def _scores(content: Any, passages: int, url: str) -> Floats:
    """Return the scores in the passages' order: a server sends them best first."""
    results = content.get("results") if isinstance(content, dict) else None
    scores = np.full(passages, np.nan, np.float32)
    try:
        for result in results or []:
            scores[result["index"]] = result["relevance_score"]
    except (TypeError, KeyError, IndexError, ValueError):
        scores[:] = np.nan
    if np.isnan(scores).any():
        raise RerankerError(f"{url} sent something else than a score for each passage: it is no server for reranking")
    return scores
