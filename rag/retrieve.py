"""A question to candidate passages: lexical and dense retrieval, fused, then a closer look at the best.

Fusion is a convex combination of normalised scores (Bruch, Gai and Ingber, 2023): half BM25, of words and of phrases
(Metzler and Croft, 2005), half cosine. The closer look counts a passage's nearest sentence as much as the passage, and
how near one sentence is in meaning and words together. `python -m bench.retrieval` compares it with its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.library import Library
from index.types import Passage, PassageTerms
from rag.query import Query, coverage, read_query

if TYPE_CHECKING:
    from index.arrays import Floats

CANDIDATES = 300
"""Passages taken from each search; also how deep the least cosine is taken for fusion (`python -m bench.fusion`)."""
LOOKED_AT_CLOSER = 50
"""Of those, the passages whose sentences are compared."""
LEXICAL_SHARE = 0.5
PHRASE_SHARE = 0.6
"""What a phrase's BM25 counts beside a word's."""
LEAST_IDEAL = 0.2
"""BM25 is divided by the best passage's, but by no less than this share of what a passage of all the words could
have: where the words hardly match, they say little."""
SENTENCE_SHARE = 0.3
"""What the best single sentence counts beside the fused score."""
BM25_K1 = 1.2
"""Of FTS5."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may hold the answer."""

    passage: Passage
    score: float
    """The fused score, higher is better; only comparable within one question."""
    cosine: float
    """Between the question's vector and the passage's."""
    sentence_cosines: tuple[float, ...]
    """Between the question's vector and its sentences'."""
    terms: PassageTerms


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates, best first, and the question as the library sees it."""

    candidates: tuple[Candidate, ...]
    query: Query


@dataclass(frozen=True, slots=True)
class Looked:
    """A passage's sentences beside the question."""

    cosines: tuple[float, ...]
    terms: PassageTerms
    best: float
    """The best sentence's cosine and coverage in words, added up."""


def retrieve(library: Library, question: str, limit: int) -> Retrieved:
    """Return the `limit` best passages for a stand-alone question, best first."""
    query, vector = read_query(library, question), library.embed_query(question)
    lexical = _lexical(library, query)
    dense = {found.passage_id: found.score for found in library.search_dense(vector, CANDIDATES)}
    least = min(dense.values(), default=0.0)
    cosines = _completed(library, vector, lexical, dense)
    first = fuse([lexical.get(id_, 0.0) for id_ in cosines], list(cosines.values()), least)
    nearest = _best(dict(zip(cosines, first, strict=True)), LOOKED_AT_CLOSER)
    looked = _look_closer(library, query, vector, nearest)
    ids = list(looked)
    means = [(cosines[id_] + max(looked[id_].cosines)) / 2 for id_ in ids]
    fused = fuse([lexical.get(id_, 0.0) for id_ in ids], means, least)
    scores = {id_: score + SENTENCE_SHARE * looked[id_].best for id_, score in zip(ids, fused, strict=True)}
    passages = library.passages(_best(scores, limit))
    return Retrieved(
        tuple(
            Candidate(
                passage, scores[passage.id], cosines[passage.id], looked[passage.id].cosines, looked[passage.id].terms
            )
            for passage in passages
        ),
        query,
    )


def fuse(lexical: Sequence[float], cosines: Sequence[float], least: float) -> list[float]:
    """Return the fused score of each candidate: `lexical` as it is, cosines scaled from `least` to the greatest."""
    greatest = max(cosines, default=0.0)
    return [
        LEXICAL_SHARE * words
        + (1 - LEXICAL_SHARE) * ((cosine - least) / (greatest - least) if greatest > least else 1.0)
        for words, cosine in zip(lexical, cosines, strict=True)
    ]


def _lexical(library: Library, query: Query) -> dict[int, float]:
    """Return the passages that hold words of the question, and their BM25 in [0, 1]."""
    scores = {
        found.passage_id: found.score
        for found in library.search_lexical([word.text for word in query.words], CANDIDATES)
    }
    for found in library.search_phrases(query.phrases, CANDIDATES):
        scores[found.passage_id] = scores.get(found.passage_id, 0.0) + PHRASE_SHARE * found.score
    ideal = (BM25_K1 + 1) * sum(word.idf for word in query.words)
    top = max([*scores.values(), LEAST_IDEAL * ideal])
    return {id_: score / top for id_, score in scores.items()} if top > 0 else {}


def _completed(library: Library, query: Floats, lexical: dict[int, float], dense: dict[int, float]) -> dict[int, float]:
    """Return every candidate's cosine, also of those that only the words found."""
    vectors = library.vectors([id_ for id_ in lexical if id_ not in dense])
    return dense | {id_: float(vector @ query) for id_, vector in vectors.items()}


def _look_closer(library: Library, query: Query, vector: Floats, ids: Sequence[int]) -> dict[int, Looked]:
    vectors, terms = library.sentence_vectors(ids), library.terms(ids)
    return {
        id_: _looked(query, (vectors[id_] @ vector).tolist(), terms[id_])
        for id_ in ids
        if id_ in vectors and id_ in terms
    }


def _looked(query: Query, cosines: Sequence[float], terms: PassageTerms) -> Looked:
    covered = [coverage(query.words, [sentence], [1.0]) for sentence in terms.sentences]
    return Looked(tuple(cosines), terms, max(map(sum, zip(cosines, covered, strict=True))))


def _best(scores: dict[int, float], limit: int) -> list[int]:
    return sorted(scores, key=lambda id_: -scores[id_])[:limit]
