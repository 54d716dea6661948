"""Grounded answers from a person's own documents: `from rag import answer`.

Importing it loads no model and no model library: they are loaded when the first question needs them.
"""

from index.errors import PinciteError
from index.types import Scope
from rag.answer import answer, answer_stream
from rag.types import Abstention, Answer, Citation, Claim, Quote, Turn

__all__ = [
    "Abstention",
    "Answer",
    "Citation",
    "Claim",
    "PinciteError",
    "Quote",
    "Scope",
    "Turn",
    "answer",
    "answer_stream",
]
