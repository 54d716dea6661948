"""Parts that can be worked out by hand, behind the same protocols as the real ones."""

import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from index.types import Span
from rag.errors import ContextOverflow
from rag.generators.base import Written
from rag.types import Given, Turn

VOCABULARY = ("ferry", "bakery", "museum", "ticket", "bread", "clock")


class WordEmbedder:
    """Counts the words of a small vocabulary: one dimension a word, one more that is always 1, unit length."""

    name = "words"
    dimensions = len(VOCABULARY) + 1
    max_tokens = 100

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_queries(self, queries: Sequence[str]) -> Any:
        return np.stack([self.embed(query) for query in queries])

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Any]:
        return [
            np.stack([self.embed(text), *(self.embed(span.of(text)) for span in own)])
            for text, own in zip(texts, sentences, strict=True)
        ]

    def embed(self, text: str) -> Any:
        counts = [len(re.findall(word, text.lower())) for word in VOCABULARY]
        vector = np.array([*counts, 1], np.float32)
        return vector / np.linalg.norm(vector)


@dataclass
class ScriptedGenerator:
    """Says what it is told to, piece by piece, and notes whether it was closed early."""

    pieces: Sequence[str]
    name: str = "scripted"
    remote: str = ""
    restated: Sequence[str] = ()
    closed_early: bool = field(default=False, init=False)

    def warm(self) -> None: ...

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        try:
            yield from (Written(piece) for piece in self.pieces)
        except GeneratorExit:
            self.closed_early = True
            raise

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield from (Written(piece) for piece in self.restated)


@dataclass
class StepwiseGenerator:
    """Writes in the steps it is told, unless it is given more than `most_sentences`; notes how many it was given."""

    steps: Sequence[Written]
    most_sentences: int = 1_000
    name: str = "stepwise"
    remote: str = ""
    given_sentences: list[int] = field(default_factory=list, init=False)

    def warm(self) -> None: ...

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        self.given_sentences.append(sum(len(passage.sentences) for passage in given.passages))
        if self.given_sentences[-1] > self.most_sentences:
            raise ContextOverflow(f"{self.given_sentences[-1]} sentences are too many")
        yield from self.steps

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield from ()


def text_of(stream: Iterable[Written]) -> str:
    """Return all that was written."""
    return "".join(written.text for written in stream)
