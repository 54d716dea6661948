"""The seam between an answer and whatever writes it. Knows no model."""

from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.types import Given, Turn


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a draft since the last time: some text, or only that it is being worked on."""

    text: str = ""
    tokens: int = 0
    """How many tokens were written, 0 where nobody counts them."""
    ahead: int = 0
    """How many questions are answered first: this one waits for its turn."""
    loading: bool = False
    """The model is being loaded; nothing is read before."""


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

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> abc.Generator[Written, None, None]:
        """Yield what comes of it: the texts together are the draft.

        A text may be empty: while a model waits, is loaded or reads the prompt, that lets the caller stop it.

        Raises: GeneratorError (and its children), with one clear line.
        """
        ...

    def restate(self, question: str, history: Sequence[Turn]) -> abc.Generator[Written, None, None]:
        """Yield a follow-up as a question that stands alone, as `draft` does; no text from what writes none.

        It is not trusted either: `rag.restate` says whether it may be searched for.
        """
        ...

    def close(self) -> None:
        """Free what it holds; nothing may be asked of it afterwards."""
        ...
