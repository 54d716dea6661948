"""A question as a library sees it: its words of content, the terms they are stored as, and how rare each is there."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import regex

from index.analyse import words as words_of
from index.bm25 import idf
from index.embedders import MINILM
from index.view import View
from rag.function_words import language_of
from rag.vocabulary import names
from rag.words import content_words, phrases

_LETTER = regex.compile(r"\p{L}")
_LATIN = regex.compile(r"\p{Script=Latin}")


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of content."""

    text: str
    forms: frozenset[str]
    """The terms as which it may be stored."""
    passages: int
    """That hold it."""
    rarity: float
    """What it weighs beside the others: greater than 0, the rarer the heavier."""
    idf: float
    """Its inverse document frequency in FTS5's BM25, which goes by the whole library."""
    is_name: bool
    """Whether it has a capital within the question, or a digit."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question's words of content, each once, and its phrases, in order."""

    words: tuple[QueryWord, ...]
    phrases: tuple[tuple[str, ...], ...]
    passages: int
    """In the library."""
    is_read: bool
    """Whether the embedder was trained on its script, so that cosines say something."""


def read_query(library: View, question: str) -> Query:
    """Return a question as a library sees it."""
    words, passages = content_words(question), library.count()
    named, counts = _names(question), library.passages_with(words)
    everywhere = library.passages_with(words, everywhere=True) if library.is_part else counts
    counted = zip(words, library.forms(words), counts, _bm25_rarities(library, everywhere), strict=True)
    read = tuple(
        QueryWord(word, forms, count, math.log1p(passages / (count + 0.5)), idf, word in named)
        for word, forms, count, idf in counted
    )
    is_read = library.embedder.name != MINILM or is_latin(question)
    return Query(read, tuple(phrases(question)), passages, is_read)


def is_latin(question: str) -> bool:
    """Tell whether at least half of the letters are Latin ones: all that MiniLM was trained on."""
    return 2 * len(_LATIN.findall(question)) >= len(_LETTER.findall(question))


def _bm25_rarities(library: View, counts: Sequence[int]) -> list[float]:
    """Return FTS5's inverse document frequency of words that so many passages of the whole library hold."""
    passages = library.count(everywhere=True)
    return [idf(passages, count) for count in counts]


def _names(question: str) -> frozenset[str]:
    """Return the words with a capital that do not begin the question, and those with a digit.

    A capital tells no name in German, where every noun has one.
    """
    _, _, rest = question.strip().partition(" ")
    asked = words_of(question)
    capitalised = () if language_of(asked) == "de" else names(rest)
    return frozenset(word for name in capitalised for word in words_of(name)) | frozenset(
        word for word in asked if any(character.isdigit() for character in word)
    )


def coverage(words: Sequence[QueryWord], texts: Sequence[Collection[str]], credits: Sequence[float]) -> float:
    """Return how much of a question's weight texts hold, in [0, 1].

    `texts` are terms. A word in `texts[i]` earns `credits[i]` of its rarity, in the best text that holds it.
    """
    asked = forms_of_words(words)
    held = [(credit, found) for text, credit in zip(texts, credits, strict=True) if (found := asked.intersection(text))]
    return _share(words, held)


def coverages(words: Sequence[QueryWord], texts: Sequence[Collection[str]]) -> list[float]:
    """Return how much of a question's weight each of many texts holds by itself, in [0, 1]."""
    asked = forms_of_words(words)
    held = [asked.intersection(text) for text in texts]
    shares = {own: _share(words, [(1.0, own)]) for own in set(held)}
    return [shares[own] for own in held]


def forms_of_words(words: Sequence[QueryWord]) -> frozenset[str]:
    """Return the terms as which any of the words may be stored."""
    return frozenset().union(*(word.forms for word in words))


def _share(words: Sequence[QueryWord], held: Sequence[tuple[float, frozenset[str]]]) -> float:
    """Return the share of the words' weight that is earned by forms held, each with its credit."""
    if not any(found for _, found in held):
        return 0.0
    earned = sum(
        word.rarity * max((credit for credit, found in held if not word.forms.isdisjoint(found)), default=0.0)
        for word in words
    )
    return earned / sum(word.rarity for word in words)
