"""The words of a question that say what it is about, and how much of them a text holds."""

import re
from itertools import pairwise

from index.analyse import term_of, terms, words
from index.types import Span
from index.word_codes import word_spans
from rag.function_words import ENGLISH, HAS_UNSPACED, UNSPACED_SMALL, small_words

WORD = re.compile(r"\w+")
FUNCTION_WORDS = ENGLISH
ASKING_WORDS = frozenset(
    """
    according article comment comments describe described describes discuss discussed document documents explain
    explained explains give given list mention mentioned mentions name passage please remark remarked said say saying
    says speak spoke state stated states talk talked talks tell tells text think thinks thought told
    """.split()
)
"""Words that ask for an answer and hardly ever stand in it."""


MOST_BETWEEN = 2
"""Small words that may stand between two words of a phrase: "Court of the Lords"."""


def content_words(question: str) -> list[str]:
    """Return the question's words as they are compared, each once, without those that only make it a question.

    Where nothing else is left, all its words are returned.
    """
    asked = words(_spaced(question))
    small = small_words(asked) | ASKING_WORDS
    return list(dict.fromkeys(word for word in asked if word not in small)) or list(dict.fromkeys(words(question)))


def content_spans(question: str) -> list[Span]:
    """Return where the words of `content_words` stand in the question."""
    wanted = set(content_words(question))
    return [span for span in word_spans(question) if not wanted.isdisjoint(words(span.of(question)))]


def phrases(question: str) -> list[tuple[str, ...]]:
    """Return each pair of neighbouring words of content with what the question has between them, each once."""
    asked = words(_spaced(question))
    small = small_words(asked) | ASKING_WORDS
    places = [place for place, word in enumerate(asked) if word not in small]
    near = [(first, last) for first, last in pairwise(places) if last - first <= MOST_BETWEEN + 1]
    return list(dict.fromkeys(tuple(asked[first : last + 1]) for first, last in near))


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of a text's words, as if it were English: for comparing what was said in one conversation."""
    return frozenset(terms(text, "en"))


def stem(word: str) -> str:
    """Return a word's stem in English: "refugees" and "refugee" have the same."""
    return term_of(word, "en")


def _spaced(question: str) -> str:
    """Return the question with a space for each small word of a script that is written without."""
    return UNSPACED_SMALL.sub(" ", question) if HAS_UNSPACED.search(question) else question
