"""Times one peer, in its own environment: `python PEER.py TEXTS.json QUESTIONS.json MODEL_FOLDER`.

Prints {"ingest": seconds, "queries": [seconds, …]}: embedding and indexing all texts, and embedding a question and
searching for ten texts; loading the model is not counted.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

LIMIT = 10


class Peer(Protocol):
    """A library that searches by meaning, with its default settings on the processor."""

    def ingest(self, texts: Sequence[str]) -> None:
        """Embed texts and index them, in place of what was there."""
        ...

    def search(self, question: str, limit: int) -> int:
        """Return how many texts were found."""
        ...


def run(load: Callable[[str], Peer]) -> None:
    """Load a peer, time it and print what was measured."""
    texts, questions = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:3])
    peer = load(sys.argv[3])
    peer.ingest(["warm"])
    started = time.perf_counter()
    peer.ingest(texts)
    ingested = time.perf_counter() - started
    peer.search("warm", LIMIT)
    print(json.dumps({"ingest": ingested, "queries": [_seconds(peer, question) for question in questions]}))


def _seconds(peer: Peer, question: str) -> float:
    started = time.perf_counter()
    found = peer.search(question, LIMIT)
    seconds = time.perf_counter() - started
    if not found:
        raise SystemExit(f"nothing was found: {question}")
    return seconds
