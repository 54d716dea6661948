"""A question to candidate passages: lexical and dense retrieval, fused.

Fusion is a convex combination of normalised scores (Bruch, Gai and Ingber, 2023): half BM25 divided by its maximum,
half cosine scaled to [0, 1] over the candidates. `python -m bench.retrieval` compares it with reciprocal ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.library import Library
from index.types import Passage
from rag.words import content_words

if TYPE_CHECKING:
    from index.arrays import Floats

CANDIDATES = 100
"""Passages taken from each of the two searches."""

LEXICAL_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may hold the answer."""

    passage: Passage
    score: float
    """The fused score in [0, 1], higher is better; only comparable within one question."""
    cosine: float
    """Between the question's vector and the passage's."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates, best first, and the question's vector, shape (dimensions,)."""

    candidates: tuple[Candidate, ...]
    query_vector: Floats


def retrieve(library: Library, question: str, limit: int) -> Retrieved:
    """Return the `limit` best passages for a stand-alone question, best first."""
    query = library.embed_query(question)
    lexical = {found.passage_id: found.score for found in library.search_lexical(content_words(question), CANDIDATES)}
    dense = {found.passage_id: found.score for found in library.search_dense(query, CANDIDATES)}
    ids = list(dict.fromkeys([*dense, *lexical]))
    cosines = _complete(library, query, ids, dense)
    fused = fuse([lexical.get(id_, 0.0) for id_ in ids], cosines)
    best = sorted(range(len(ids)), key=lambda i: -fused[i])[:limit]
    scores = {ids[i]: (fused[i], cosines[i]) for i in best}
    passages = library.passages([ids[i] for i in best])
    return Retrieved(tuple(Candidate(passage, *scores[passage.id]) for passage in passages), query)


def fuse(lexical: Sequence[float], cosines: Sequence[float]) -> list[float]:
    """Return the fused score of each candidate, in [0, 1]; a lexical score of 0 means that no word matched."""
    top, low, high = max(lexical, default=0.0), min(cosines, default=0.0), max(cosines, default=0.0)
    return [
        LEXICAL_SHARE * (words / top if top > 0 else 0.0)
        + (1 - LEXICAL_SHARE) * ((cosine - low) / (high - low) if high > low else 1.0)
        for words, cosine in zip(lexical, cosines, strict=True)
    ]


def _complete(library: Library, query: Floats, ids: Sequence[int], dense: dict[int, float]) -> list[float]:
    """Return every candidate's cosine, also of those that only the words found."""
    vectors = library.vectors([id_ for id_ in ids if id_ not in dense])
    cosines = dense | {id_: float(vector @ query) for id_, vector in vectors.items()}
    return [cosines.get(id_, 0.0) for id_ in ids]
