"""The seam between an answer and whatever writes it. Knows no model."""

from collections import abc
from collections.abc import Sequence
from typing import Protocol

from rag.types import Given, Turn


class Generator(Protocol):
    """Writes a draft in the draft format (`rag.draft`) from given passages.

    A generator is never trusted: `rag.ground` checks all it writes. Closing the iterator early stops the
    work and leaves the generator ready for the next question. `draft` may be called from any thread.
    """

    name: str
    """What a person sees: "quotes only", or the model's name."""
    remote: str
    """The address of another machine that is sent the question and its passages; "" where nothing leaves this one."""

    def warm(self) -> None:
        """Load what the first question would wait for. Raises: GeneratorError."""
        ...

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> abc.Generator[str, None, None]:
        """Yield pieces of text that together are the draft.

        Pieces may be empty: while a model is loaded or reads the prompt, they let the caller stop it.

        Raises: GeneratorError (and its children), with one clear line.
        """
        ...
