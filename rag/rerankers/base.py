"""The seam between retrieval and whatever reads a question and a passage together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from index.arrays import Floats


class Reranker(Protocol):
    """Says how well passages answer a question. Thread-safe."""

    name: str
    remote: str
    """The address that questions and passages are sent to, where that is another machine; "" otherwise."""

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Return shape (passages,), higher is better; comparable within one question only.

        Raises: RerankerError.
        """
        ...
