"""Candidate passages to scored sentences, and how sure it is that they answer the question.

Signals are few and explainable: how near a sentence and its passage are to the question in meaning, and how much of
what the question is about they hold in words. Weights were fitted with `python -m bench.fit_evidence`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import chain

from index.library import Library
from index.types import Passage
from rag.query import Query, coverage
from rag.retrieve import Candidate, Retrieved
from rag.types import EvidenceSentence

NEIGHBOUR_CREDIT = 0.5
"""A word that stands in the sentence's passage, headings or title rather than in itself counts half."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of one sentence as an answer. In [0, 1], but cosines in [-1, 1]; higher is better."""

    sentence_cosine: float
    passage_cosine: float
    sentence_coverage: float
    """The share of the question's weight in words that the sentence holds."""
    passage_coverage: float
    """The same of its passage with headings and title."""
    known_words: float
    """The share of the question's weight in words that stand anywhere in the library, divided by the decimal
    logarithm of its passages: in a large library nearly every word stands somewhere, which says little."""
    fused: float
    """The passage's retrieval score."""


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """Sentence `number` (from 0) of a candidate passage."""

    passage: Passage
    number: int
    signals: Signals
    score: float


RANK_WEIGHTS = Signals(1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
CONFIDENCE_WEIGHTS = Signals(8.5, 0.8, 2.7, 0.0, 4.8, 0.0)
CONFIDENCE_BIAS = -7.9


def score_sentences(library: Library, question: str, retrieved: Retrieved) -> list[ScoredSentence]:
    """Return the candidates' sentences, best first. Headings and link lines are no evidence."""
    scored = [
        ScoredSentence(candidate.passage, number, signals, rank(signals))
        for candidate in retrieved.candidates
        if candidate.passage.kind.is_evidence
        for number, signals in enumerate(_signals(candidate, retrieved.query))
    ]
    return sorted(scored, key=lambda sentence: -sentence.score)


def rank(signals: Signals) -> float:
    """Return how well a sentence answers beside the others, in [0, 1], higher is better."""
    return max(0.0, min(1.0, _weighted(RANK_WEIGHTS, signals) / float(sum(astuple(RANK_WEIGHTS)))))


def confidence(sentences: Sequence[ScoredSentence]) -> float:
    """Return how sure it is that the best sentences answer the question, in [0, 1]."""
    if not sentences:
        return 0.0
    return _logistic(_weighted(CONFIDENCE_WEIGHTS, sentences[0].signals) + CONFIDENCE_BIAS)


def as_evidence(sentence: ScoredSentence) -> EvidenceSentence:
    """Return what is shown of a sentence."""
    passage, span = sentence.passage, sentence.passage.sentences[sentence.number]
    text = passage.sentence_text(sentence.number)
    place = (passage.document, passage.heading, passage.page_at(span.start), passage.id, span.start, span.end)
    return EvidenceSentence(*place, text, sentence.score)


def known_words(query: Query) -> float:
    """Return the signal `known_words` of a question."""
    known = sum(word.rarity for word in query.words if word.passages)
    share = known / sum(word.rarity for word in query.words) if query.passages else 0.0
    return share / math.log10(max(query.passages, 10))


def _signals(candidate: Candidate, query: Query) -> list[Signals]:
    terms = candidate.terms
    around = frozenset(chain(terms.context, *terms.sentences))
    whole, known = coverage(query.words, [around], [1.0]), known_words(query)
    return [
        Signals(
            sentence_cosine=cosine,
            passage_cosine=candidate.cosine,
            sentence_coverage=coverage(query.words, [frozenset(own), around], [1.0, NEIGHBOUR_CREDIT]),
            passage_coverage=whole,
            known_words=known,
            fused=candidate.score,
        )
        for cosine, own in zip(candidate.sentence_cosines, terms.sentences, strict=True)
    ]


def _weighted(weights: Signals, signals: Signals) -> float:
    return float(sum(weight * signal for weight, signal in zip(astuple(weights), astuple(signals), strict=True)))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
