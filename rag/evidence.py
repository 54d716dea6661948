"""Candidate passages to scored sentences, and how sure it is that they answer the question.

Signals are few and explainable: how near a sentence is to the question in meaning, how much of what the question is
about it holds in words, by itself or by what stands around it, whether it holds the question's names, says something of
the kind that is wanted, and denies something where the question does. Weights were found with
`python -m bench.fit_evidence`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from index.analyse import words as words_of
from index.types import Passage
from index.view import View
from rag.function_words import denies
from rag.query import Query, coverage, forms_of_words
from rag.retrieve import Candidate, Retrieved
from rag.types import EvidenceSentence
from rag.wanted import Wanted, has_wanted, wanted

SMALLEST_LIBRARY = 10
MOST_WORDS = 6
"""Of a longer question no sentence is asked to hold more (`python -m bench.fit_evidence`)."""
UNREAD = (0.4, 0.4)
"""Where the embedder does not read the question's script, words stand in for its cosines: nearness is this much, and
this share of the coverage (`python -m bench.fit_evidence`)."""
DENYING = 3
"""Best sentences among which one that denies is looked for, where the question does: as many as are quoted."""


@dataclass(frozen=True, slots=True)
class Credits:
    """What speaks for a sentence beside its cosine and the words it holds; found with `python -m bench.fit_evidence`.

    A word that the sentence does not hold is credited where its passage does. One of the title or the headings
    counts whole: it stands over every sentence.
    """

    before: float = 0.75
    """For a word of the sentence before it."""
    earlier: float = 0.5
    """Of one before that."""
    later: float = 0.25
    wanted: float = 0.15
    """For saying something of the kind the question wants."""


CREDITS = Credits()


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of one sentence as an answer. In [0, 1], but the cosine in [-1, 1]; higher is better."""

    cosine: float
    coverage: float
    """The share of the question's weight in words that the sentence holds, with what stands around it."""
    wanted: float
    """1 where it says something of the kind the question wants: a number, a date, a name."""
    number: float
    """0 where the question wants a number and it has none, else 1."""
    names: float
    """The share of the question's names and numbers that it holds, with its title and headings; 1 where the question
    has none."""
    denial: float
    """0 where the question denies something ("not", "without") and the sentence denies nothing, else 1."""
    library_size: float
    """The decimal logarithm of the library's passages, at least 1: the more, the nearer is the nearest by chance."""
    words: int
    """The question's words of content."""
    is_read: bool
    """Whether the embedder reads the question's script."""


@dataclass(frozen=True, slots=True)
class Answerability:
    """What is known of a question beside all its evidence; weighed, it is the confidence."""

    nearness: float
    """The mean of the best sentence's cosine and the highest of any sentence; made of the coverage where cosines say
    nothing."""
    coverage: float
    """Of the best sentence, as much of the question as a sentence can be asked to hold, in [0, 1], divided by the
    library's size: in a large library some sentence holds any word."""
    number: float
    names: float
    denial: float
    """0 where the question denies something and none of the `DENYING` best sentences does, else 1."""
    library_size: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """Sentence `number` (from 0) of a candidate passage."""

    passage: Passage
    number: int
    signals: Signals
    score: float


CONFIDENCE_WEIGHTS = Answerability(9.3, 7.1, 1.4, 0.9, 1.1, 0.5)
CONFIDENCE_BIAS = -11.65


def score_sentences(
    library: View, question: str, retrieved: Retrieved, credits: Credits = CREDITS
) -> list[ScoredSentence]:
    """Return the candidates' sentences, best first. Headings and link lines are no evidence."""
    asked = _Asked(question, retrieved.query, wanted(question), denies(words_of(question)))
    scored = [
        ScoredSentence(candidate.passage, number, signals, rank(signals, credits))
        for candidate in retrieved.candidates
        if candidate.passage.kind.is_evidence
        for number, signals in enumerate(_signals(candidate, asked, credits))
    ]
    return sorted(scored, key=lambda sentence: -sentence.score)


def rank(signals: Signals, credits: Credits) -> float:
    """Return how well a sentence answers beside the others, in [0, 1], higher is better."""
    value = signals.cosine + signals.coverage + credits.wanted * signals.wanted
    return max(0.0, min(1.0, value / (2 + credits.wanted)))


def answerability(sentences: Sequence[ScoredSentence]) -> Answerability:
    """Return what is known of a question beside its scored sentences, best first; there is at least one."""
    best = sentences[0].signals
    highest = max(sentence.signals.cosine for sentence in sentences)
    least, share = UNREAD
    nearness = (best.cosine + highest) / 2 if best.is_read else least + share * best.coverage
    held = min(1.0, best.coverage * max(1.0, best.words / MOST_WORDS))
    denial = max(sentence.signals.denial for sentence in sentences[:DENYING])
    return Answerability(nearness, held / best.library_size, best.number, best.names, denial, best.library_size)


def confidence(sentences: Sequence[ScoredSentence]) -> float:
    """Return how sure it is that the best sentences answer the question, in [0, 1]."""
    if not sentences:
        return 0.0
    weighed = zip(astuple(CONFIDENCE_WEIGHTS), astuple(answerability(sentences)), strict=True)
    return 1 / (1 + math.exp(-(sum(weight * signal for weight, signal in weighed) + CONFIDENCE_BIAS)))


def as_evidence(sentence: ScoredSentence) -> EvidenceSentence:
    """Return what is shown of a sentence."""
    passage, span = sentence.passage, sentence.passage.sentences[sentence.number]
    text = passage.sentence_text(sentence.number)
    place = (passage.document, passage.heading, passage.page_at(span.start), passage.id, span.start, span.end)
    return EvidenceSentence(*place, text, sentence.score)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What each sentence is compared with."""

    question: str
    query: Query
    kind: Wanted
    denies: bool


def _signals(candidate: Candidate, asked: _Asked, credits: Credits) -> list[Signals]:
    size = math.log10(max(asked.query.passages, SMALLEST_LIBRARY))
    texts = [candidate.passage.sentence_text(number) for number in range(len(candidate.passage.sentences))]
    says = [has_wanted(asked.kind, text, asked.question) for text in texts]
    forms = forms_of_words(asked.query.words)
    held = [forms.intersection(sentence) for sentence in candidate.terms.sentences]
    above = forms.intersection(candidate.terms.context)
    return [
        Signals(
            cosine=cosine,
            coverage=_coverage(held, above, number, asked.query, credits),
            wanted=float(says[number]),
            number=float(says[number] or asked.kind is not Wanted.NUMBER),
            names=_names_held(held[number] | above, asked.query),
            denial=float(not asked.denies or denies(words_of(texts[number]))),
            library_size=size,
            words=len(asked.query.words),
            is_read=asked.query.is_read,
        )
        for number, cosine in enumerate(candidate.sentence_cosines)
    ]


def _coverage(
    held: Sequence[frozenset[str]], above: frozenset[str], number: int, query: Query, credits: Credits
) -> float:
    """Return the share of the question's weight that a sentence holds with its title, headings and neighbours.

    `held` are the question's terms that each sentence of the passage holds, `above` those of title and headings.
    """
    before = held[number - 1] if number else frozenset[str]()
    earlier, later = frozenset[str]().union(*held[:number]), frozenset[str]().union(*held[number + 1 :])
    return coverage(
        query.words,
        [held[number] | above, before, earlier, later],
        [1.0, credits.before, credits.earlier, credits.later],
    )


def _names_held(held: frozenset[str], query: Query) -> float:
    names = [word.forms for word in query.words if word.is_name]
    return sum(not forms.isdisjoint(held) for forms in names) / len(names) if names else 1.0
