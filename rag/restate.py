"""A follow-up restated by a language model as a question that stands alone, in words that were said before.

Only what is searched for changes: the answer still answers the follow-up as it was typed. A model may write nothing
but words of the conversation and of grammar, so that it can bring in no topic of its own.
"""

import re
from collections.abc import Sequence

from rag.types import Turn
from rag.words import FUNCTION_WORDS, content_words, stems_of

TURNS_TOLD = 4
CHARACTERS_OF_TURN = 400
MAX_TOKENS = 100
"""A grammar's last sixty tokens are for coming to an end (`rag.generators.constraint`)."""
MOST_WORDS = 40

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_INSTRUCTIONS = """\
You turn a follow-up question into one question that can be understood without the conversation before it.
Keep the words of the follow-up, and put the names and things it points back to in place of "he", "it" or "that".
Use only words of the conversation. Write the question and nothing else."""
_EXAMPLE = """\
User: When does the ferry to Lindholm leave?
Assistant: At 07:40.
Follow-up: And how long does it take?"""
_EXAMPLE_QUESTION = "How long does the ferry to Lindholm take?"


def restate_messages(question: str, history: Sequence[Turn]) -> list[dict[str, str]]:
    """Return the chat messages that ask a model for the question that a follow-up means."""
    told = [f"{turn.role.capitalize()}: {turn.text[:CHARACTERS_OF_TURN]}" for turn in history[-TURNS_TOLD:]]
    return [
        {"role": "system", "content": _INSTRUCTIONS},
        {"role": "user", "content": _EXAMPLE},
        {"role": "assistant", "content": _EXAMPLE_QUESTION},
        {"role": "user", "content": "\n".join([*told, f"Follow-up: {question}"])},
    ]


def restate_grammar(question: str, history: Sequence[Turn]) -> str:
    """Return the grammar of all questions made of words that were said, as llguidance reads it (`rag.grammar`)."""
    words = sorted(_allowed(question, history))
    word = "(?:" + "|".join(re.sub(r"([^\w\s])", r"\\\1", word) for word in words) + ")"
    return f"%llguidance {{}}\nstart: QUESTION\nQUESTION: /{word}(?:,? {word})+\\?/\n"


def restated(text: str, question: str, history: Sequence[Turn]) -> str | None:
    """Return what a model wrote, if it is a question that follows the rules, else None.

    The rules hold for any model, under a grammar or not: only words that were said, and all that the follow-up asks.
    """
    written = " ".join(text.split())
    words = _WORD.findall(written)
    if not written.endswith("?") or not 1 < len(words) <= MOST_WORDS:
        return None
    allowed = {word.casefold() for word in _allowed(question, history)}
    asked = stems_of(" ".join(content_words(question)))
    return written if {word.casefold() for word in words} <= allowed and asked <= stems_of(written) else None


def _allowed(question: str, history: Sequence[Turn]) -> set[str]:
    """Return the words that were said, as they were written and with a capital, and those of grammar."""
    said = " ".join([question, *(turn.text for turn in history[-TURNS_TOLD:])])
    words = {*_WORD.findall(said), *FUNCTION_WORDS}
    return words | {word[0].upper() + word[1:] for word in words}
