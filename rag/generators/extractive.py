"""The answer without a language model: the one to three sentences that answer best, quoted whole."""

import re
from collections.abc import Generator, Sequence

from rag.generators.base import Written
from rag.types import Given, GivenPassage, GivenSentence, Turn

Chosen = tuple[GivenPassage, GivenSentence]

MAX_SENTENCES = 3
NEAR_THE_BEST = 0.85
"""A sentence is quoted beside the best one if it scores at least so much of its score (`python -m bench.evidence`)."""

POINTS_BACK = frozenset("he she they him them".split())


class ExtractiveGenerator:
    """Quotes. See `rag.generators.base.Generator`; has no state, so any number of threads may use it."""

    name = "quotes only"
    remote = ""

    def warm(self) -> None:
        """Return at once: there is nothing to load."""

    def close(self) -> None:
        """Return at once: there is nothing to free."""

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        """Yield one quotation at a time, in the order they stand in the documents."""
        opening, closing = given.marks
        for passage, sentence in quoted_sentences(given):
            yield Written(f"{opening}{sentence.text}{closing} [{passage.number}]. ")

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        """Yield nothing."""
        yield from ()


def quoted_sentences(given: Given, near: float = NEAR_THE_BEST) -> list[Chosen]:
    """Return what is quoted, in document order: the best sentences, and what those that point back point at.

    Of sentences that were chosen already, all are quoted, in their order.
    """
    if given.is_selection:
        return [(passage, sentence) for passage in given.passages for sentence in passage.sentences]
    return _in_document_order(_with_antecedents(_best(given, near)))


def _best(given: Given, near: float) -> list[Chosen]:
    """Return the best one to three sentences, best first; each scores at least `near` of the best one's score."""
    scored = [(passage, sentence) for passage in given.passages for sentence in passage.sentences]
    scored.sort(key=lambda pair: -pair[1].score)
    return [pair for pair in scored[:MAX_SENTENCES] if pair[1].score >= near * scored[0][1].score]


def _with_antecedents(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Add, as far as there is room, the sentence before one that points back: it says who "he" and "they" are."""
    kept: list[Chosen] = []
    for passage, sentence in chosen:
        wanted = [pair for pair in (*_antecedent(passage, sentence), (passage, sentence)) if pair not in kept]
        kept += wanted if len(kept) + len(wanted) <= MAX_SENTENCES else wanted[-1:]
    return kept[:MAX_SENTENCES]


def _antecedent(passage: GivenPassage, sentence: GivenSentence) -> list[Chosen]:
    """Return the sentence before this one in its paragraph, where this one points back."""
    if POINTS_BACK.isdisjoint(re.findall(r"\w+", sentence.text.lower())):
        return []
    return [(passage, before) for before in passage.sentences if before.number == sentence.number - 1]


def _in_document_order(
    chosen: Sequence[Chosen],
) -> list[Chosen]:
    """Sort by place, documents in the order of their best passage."""
    first = {passage.passage.document.id: passage.number for passage, _ in reversed(chosen)}
    return sorted(chosen, key=lambda pair: (first[pair[0].passage.document.id], pair[1].span.start))
