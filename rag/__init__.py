"""Grounded answers from a person's own documents: `from rag import answer`.

Importing it loads no model and no model library: they are loaded when the first question needs them. What answers is
imported with its first use, so that a command that only prints an answer starts without it.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from index.errors import PinciteError
from index.types import Scope
from rag.manner import Wishes
from rag.types import Abstention, Answer, Citation, Claim, Quote, Turn

if TYPE_CHECKING:
    from rag.answer import answer, answer_stream

__all__ = [
    "Abstention",
    "Answer",
    "Citation",
    "Claim",
    "PinciteError",
    "Quote",
    "Scope",
    "Turn",
    "Wishes",
    "answer",
    "answer_stream",
]


class _Package(ModuleType):
    """This package. Its `answer` is the function, also after an import has set it to the module of that name."""

    @property
    def answer(self) -> Any:
        from rag.answer import answer

        return answer

    @answer.setter
    def answer(self, module: ModuleType) -> None:
        pass

    @property
    def answer_stream(self) -> Any:
        from rag.answer import answer_stream

        return answer_stream


sys.modules[__name__].__class__ = _Package
