"""Times one peer, in its own environment: `python PEER.py TEXTS.json QUESTIONS.json MODEL_FOLDER [VECTORS.npy]`.

Prints {"passages": number, "ingest": seconds, "queries": [seconds, …]}: embedding and indexing all texts, or indexing
them with the vectors that are given; and embedding a question and searching for ten texts. Loading is not counted.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

LIMIT = 10
WARM = "warm"


class Peer(Protocol):
    """A library that searches by meaning, with its default settings on the processor."""

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them, in place of what was there."""
        ...

    def ingest_embedded(self, texts: Sequence[str], vectors: Any) -> None:
        """Index texts with their vectors, float32 of shape (texts, dimensions), in place of what was there."""
        ...

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        ...


def run(load: Callable[[str], Peer]) -> None:
    """Load a peer, time it and print what was measured."""
    texts, questions = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3])
    peer = load(sys.argv[3])
    peer.ingest([WARM])
    vectors = np.load(sys.argv[4]) if len(sys.argv) > 4 else None
    started = time.perf_counter()
    if vectors is None:
        peer.ingest(texts)
    else:
        peer.ingest_embedded(texts, vectors)
    ingested = time.perf_counter() - started
    peer.search(WARM, LIMIT)
    queries = [_seconds(peer, question) for question in questions]
    print(json.dumps({"passages": len(texts), "ingest": ingested, "queries": queries}))


def _seconds(peer: Peer, question: str) -> float:
    started = time.perf_counter()
    found = peer.search(question, LIMIT)
    seconds = time.perf_counter() - started
    if not found:
        raise SystemExit(f"nothing was found: {question}")
    return seconds
