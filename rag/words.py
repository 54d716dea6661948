"""The words of a question that say what it is about, and whether a text holds them. English stems (Porter, 1980)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

WORD = re.compile(r"\w+")

FUNCTION_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between both
    but by can could did do does doing done during each few for from further had has have having he her here hers him
    his how i if in into is it its itself just me more most my no nor not of off on once only or other our out over own
    same she should so some such than that the their them then there these they this those through to too under until
    up upon us very was we were what when where which while who whom whose why will with would you your s t d ll re ve
    """.split()
)
ASKING_WORDS = frozenset(
    """
    according article comment comments describe described describes discuss discussed document documents explain
    explained explains give given list mention mentioned mentions name passage please remark remarked said say saying
    says speak spoke state stated states talk talked talks tell tells text think thinks thought told
    """.split()
)
"""Words that ask for an answer and hardly ever stand in it."""


def content_words(question: str) -> list[str]:
    """Return the question's words in lower case, each once, without those that only make it a question.

    Where nothing else is left, all its words are returned.
    """
    words = list(dict.fromkeys(WORD.findall(question.lower())))
    return [word for word in words if word not in FUNCTION_WORDS and word not in ASKING_WORDS] or words


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of all words of a text."""
    return frozenset(stem(word) for word in WORD.findall(text.lower()))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a word's stem: "refugees" and "refugee" have the same."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("porter")


def coverage(weights: dict[str, float], texts: Sequence[frozenset[str]], credits: Sequence[float]) -> float:
    """Return how much of a question's weight texts hold, in [0, 1].

    `weights` are by stem. A stem in `texts[i]` earns `credits[i]` of its weight, in the best text that holds it.
    """
    total = sum(weights.values())
    earned = sum(
        weight * max((credit for text, credit in zip(texts, credits, strict=True) if word in text), default=0.0)
        for word, weight in weights.items()
    )
    return earned / total if total else 0.0
