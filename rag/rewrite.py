"""A follow-up and what was asked before to a question that stands alone. Works on words, without a model.

What each rule is worth is measured with `python -m bench.followups`.
"""

import re
from collections.abc import Sequence

from rag.types import Turn
from rag.words import ASKING_WORDS, FUNCTION_WORDS, WORD, content_words, stem, stems_of

NEW_TOPIC = re.compile(r"(?:and|but|so|ok|okay)?[\s,]*(?:what|how) about\s+(?P<topic>.+?)\s*\??$", re.IGNORECASE)
TOPIC = re.compile(r"\b(?:about|on|of|for|in|regarding|concerning)\s+(?P<topic>[^?]+?)\s*(?=\?|$)", re.IGNORECASE)
POINTS_BACK = frozenset(
    "he she it they him them her his hers its their this that these those there then one ones".split()
)
FEWEST_WORDS = 2
"""A question with fewer words of content than this leaves open what it is about."""
MOST_CARRIED = 6
"""Words taken over; with more, a question about something else is swamped by them (`python -m bench.followups`)."""
REMEMBERED = 10
"""Questions looked back upon: only through a row of those that say little is it more than one."""


def rewrite(question: str, history: Sequence[Turn]) -> str:
    """Return a question that can be searched for on its own; a first question is returned as it is.

    "And what about India?" takes the place of the last question's topic. A question that names what nobody has named
    yet begins a new topic and stays as it is. Any other, and one that points back ("Why did he say that?"), gets the
    first words of content of the last question after its own.
    """
    asked = [turn.text for turn in history if turn.role == "user" and turn.text.strip()]
    said = stems_of(" ".join(turn.text for turn in history))
    return _after(question, asked[-REMEMBERED:], said)


def _after(question: str, asked: Sequence[str], said: frozenset[str]) -> str:
    """Return what `question` means after the questions `asked`; the last of them may be a follow-up itself."""
    if not asked:
        return question
    before = _after(asked[-1], asked[:-1], said) if _says_little(asked[-1]) else asked[-1]
    with_new_topic = _with_new_topic(question, before)
    if with_new_topic:
        return with_new_topic
    is_new = _names_something_new(question, said) and not _points_back(question)
    return question if is_new and not _says_little(question) else _with_words_of(question, before)


def _with_new_topic(question: str, before: str) -> str | None:
    new, old = NEW_TOPIC.match(question.strip()), TOPIC.search(before)
    if not new or not old:
        return None
    return before[: old.start("topic")] + new["topic"] + before[old.end("topic") :]


def _says_little(question: str) -> bool:
    """Tell whether a question leaves open what it is about."""
    return len(_content(question)) < FEWEST_WORDS or NEW_TOPIC.match(question.strip()) is not None


def _points_back(question: str) -> bool:
    return not POINTS_BACK.isdisjoint(WORD.findall(question.lower()))


def _names_something_new(question: str, said: frozenset[str]) -> bool:
    """Tell whether a name or number stands in it, not as its first word, that was not said before."""
    names = [word.lower() for word in WORD.findall(question)[1:] if word[0].isupper() or word[0].isdigit()]
    return any(stem(name) not in said for name in names if name not in FUNCTION_WORDS)


def _with_words_of(question: str, before: str) -> str:
    own = stems_of(question)
    carried = [word for word in _content(before) if stem(word) not in own]
    return " ".join([question, *carried[:MOST_CARRIED]])


def _content(question: str) -> list[str]:
    return [word for word in content_words(question) if word not in FUNCTION_WORDS and word not in ASKING_WORDS]
