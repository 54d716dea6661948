"""A follow-up and what was asked before to a question that stands alone. Works on words, without a model."""

import re
from collections.abc import Sequence

from rag.types import Turn
from rag.words import FUNCTION_WORDS, content_words

NEW_TOPIC = re.compile(r"(?:and|but|so|ok|okay)?[\s,]*(?:what|how) about\s+(?P<topic>.+?)\s*\??$", re.IGNORECASE)
TOPIC = re.compile(r"\b(?:about|on|of|for|in|regarding|concerning)\s+(?P<topic>[^?]+?)\s*(?=\?|$)", re.IGNORECASE)
POINTS_BACK = frozenset("he she it they him them her his its their this that these those there then one ones".split())
FEWEST_WORDS = 2
"""A question with fewer words of content than this leaves open what it is about."""


def rewrite(question: str, history: Sequence[Turn]) -> str:
    """Return a question that can be searched for on its own; a first question is returned as it is.

    "And what about India?" takes the place of the last question's topic; a question that points back ("Why did he
    say that?") is asked together with the last one.
    """
    asked = [turn.text for turn in history if turn.role == "user" and turn.text.strip()]
    if not asked:
        return question
    return _with_new_topic(question, asked[-1]) or _together(question, asked[-1])


def _with_new_topic(question: str, before: str) -> str | None:
    new, old = NEW_TOPIC.match(question.strip()), TOPIC.search(before)
    if not new or not old:
        return None
    return before[: old.start("topic")] + new["topic"] + before[old.end("topic") :]


def _together(question: str, before: str) -> str:
    words = set(re.findall(r"\w+", question.lower()))
    content = [word for word in content_words(question) if word not in FUNCTION_WORDS]
    points_back = bool(words & POINTS_BACK) or len(content) < FEWEST_WORDS
    return f"{before} {question}" if points_back else question
