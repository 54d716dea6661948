"""A question to candidate passages: lexical and dense retrieval, fused, then a closer look at the best.

Fusion is a convex combination of normalised scores (Bruch, Gai and Ingber, 2023): half BM25, of words and of phrases
(Metzler and Croft, 2005), half cosine. The closer look counts a passage's nearest sentence as much as the passage,
how near one sentence is in meaning and words together, whether that sentence says something of the kind the question
wants (Prager, Brown, Coden and Radev, 2000), how near the passage's words are to the question's, each where it stands
(Khattab and Zaharia, 2020), and how near it is to the best passages (Diaz, 2005). `python -m bench.retrieval` compares
it with its parts.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from index import word_codes
from index.bm25 import K1
from index.embedders import MINILM
from index.types import Passage, PassageTerms
from index.view import View
from rag.query import Query, coverages, read_query
from rag.rerankers import Reranker
from rag.wanted import Wanted, has_wanted, wanted
from rag.words import content_spans

if TYPE_CHECKING:
    from index.arrays import Floats

_BESIDE = ThreadPoolExecutor(os.cpu_count(), "pincite-words")
"""Words are searched beside meaning: SQLite, CTranslate2 and FAISS all let other threads compute meanwhile."""
ReadVectors = Callable[[Sequence[int]], "Mapping[int, Floats]"]
"""Ids to the passages' vectors, each of shape (dimensions,)."""
RERANKED = 30
"""Passages that a reranker reads: a small cross-encoder takes about as long for each as its embedding took."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """How scores are put together; each value was found with `python -m bench.fusion`."""

    candidates: int = 300
    """Passages taken from each search; also how deep the least cosine is looked for."""
    looked_at_closer: int = 50
    """Of those, the passages whose sentences are compared."""
    lexical_share: float = 0.5
    unread_lexical_share: float = 1.0
    """Where the embedder does not read the question's script."""
    phrase_share: float = 0.6
    """What a phrase's BM25 counts beside a word's."""
    unread_phrase_share: float = 0.0
    """Where the embedder does not read the question's script: with no cosines beside them, words would count twice."""
    least_ideal: float = 0.2
    """BM25 is divided by the best passage's, but by no less than this share of what a passage of all the words could
    have: where the words hardly match, they say little."""
    sentence_share: float = 0.3
    """What the best single sentence counts beside the fused score."""
    matched_by_word: int = 20
    """Of those, the passages whose words are compared, whose best sentence is read, and that are held side by side."""
    word_share: float = 0.5
    """What the mean over the question's words of the nearest word's cosine counts beside the fused score."""
    wanted_share: float = 0.1
    """What it counts that the best sentence says something of the wanted kind: a number, a date, a name."""
    neighbours: int = 3
    """Of those, the best, beside which a passage's neighbours are likely to be right as well."""
    neighbour_share: float = 0.1
    """What the mean of its cosines with them counts."""
    narrowest: float = 0.4
    """Cosines that lie closer together than this say little, as those of a language that the embedder hardly reads.
    Found for MiniLM; another embedder's are scaled by their own width alone."""


FUSION = Fusion()


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
    best_sentence: int
    """Its number, from 0."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as the library sees it and as the embedder does."""

    text: str
    query: Query
    vector: Floats
    """Shape (dimensions,)."""
    words: Floats
    """Of its words of content, each where it stands, shape (words, dimensions)."""


def retrieve(
    library: View, question: str, limit: int, fusion: Fusion = FUSION, reranker: Reranker | None = None
) -> Retrieved:
    """Return the `limit` best passages for a stand-alone question, best first.

    A reranker chooses them among the best `RERANKED`. Raises: RerankerError.
    """
    by_words = _BESIDE.submit(_search_words, library, question, fusion)
    vectors = embed_question(library, question)
    dense = {found.passage_id: found.score for found in library.search_dense(vectors[0], fusion.candidates)}
    query, fusion, lexical = by_words.result()
    asked = Asked(question, query, vectors[0], vectors[1:])
    least = min(dense.values(), default=0.0)
    cosines = completed(library.vectors, asked.vector, lexical, dense, fusion)
    nearest = _best(_fused(lexical, cosines, least, fusion), fusion.looked_at_closer)
    looked = _look_closer(library, asked, nearest)
    means = {id_: (cosines[id_] + max(own.cosines)) / 2 for id_, own in looked.items()}
    fused = _fused(lexical, means, least, fusion)
    scores = {id_: fused[id_] + fusion.sentence_share * own.best for id_, own in looked.items()}
    scores |= _compared(library, asked, looked, scores, fusion)
    best = _best(scores, max(limit, RERANKED) if reranker else limit)
    candidates = _candidates(library, best, scores, cosines, looked)
    return Retrieved(_reranked(reranker, question, candidates)[:limit] if reranker else candidates, asked.query)


def _search_words(library: View, question: str, fusion: Fusion) -> tuple[Query, Fusion, dict[int, float]]:
    """Return the question as the library sees it, the values that fit it, and what its words find."""
    query = read_query(library, question)
    fitting = _fitting(fusion, library.embedder.name, query)
    return query, fitting, _lexical(library, query, fitting)


def embed_question(library: View, question: str) -> Floats:
    """Return the vectors of a question and of its words of content, shape (1 + words, dimensions)."""
    return library.embed_query_words(question, content_spans(question))


def _fitting(fusion: Fusion, embedder: str, query: Query) -> Fusion:
    """Return the values for this embedder and for what it makes of the question."""
    fusion = fusion if embedder == MINILM else replace(fusion, narrowest=0.0)
    if query.is_read:
        return fusion
    return replace(fusion, lexical_share=fusion.unread_lexical_share, phrase_share=fusion.unread_phrase_share)


def _reranked(reranker: Reranker, question: str, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates in the reranker's order, with its scores."""
    texts = [f"{candidate.passage.document.title}: {candidate.passage.text}" for candidate in candidates]
    scores = reranker.scores(question, texts).tolist()
    scored = [replace(candidate, score=score) for candidate, score in zip(candidates, scores, strict=True)]
    return tuple(sorted(scored, key=lambda candidate: -candidate.score))


def fuse(lexical: Sequence[float], cosines: Sequence[float], least: float, fusion: Fusion) -> list[float]:
    """Return the fused score of each candidate: `lexical` as it is, cosines scaled from `least` to the greatest."""
    width = max(max(cosines, default=0.0) - least, fusion.narrowest)
    return [
        fusion.lexical_share * words + (1 - fusion.lexical_share) * ((cosine - least) / width if width > 0 else 1.0)
        for words, cosine in zip(lexical, cosines, strict=True)
    ]


def _fused(lexical: dict[int, float], cosines: dict[int, float], least: float, fusion: Fusion) -> dict[int, float]:
    words = [lexical.get(id_, 0.0) for id_ in cosines]
    return dict(zip(cosines, fuse(words, list(cosines.values()), least, fusion), strict=True))


def _lexical(library: View, query: Query, fusion: Fusion) -> dict[int, float]:
    """Return the passages that hold words of the question, and their BM25 in [0, 1]."""
    words = library.search_lexical([word.text for word in query.words], fusion.candidates)
    scores = {found.passage_id: found.score for found in words}
    for found in library.search_phrases(query.phrases if fusion.phrase_share else (), fusion.candidates):
        scores[found.passage_id] = scores.get(found.passage_id, 0.0) + fusion.phrase_share * found.score
    ideal = (K1 + 1) * sum(word.idf for word in query.words)
    top = max([*scores.values(), fusion.least_ideal * ideal])
    return {id_: score / top for id_, score in scores.items()} if top > 0 else {}


def completed(
    read_vectors: ReadVectors, query: Floats, lexical: dict[int, float], dense: dict[int, float], fusion: Fusion
) -> dict[int, float]:
    """Return the cosines of what dense retrieval found, and of what only words found and may be looked at closer.

    Dense retrieval passed the latter over, so that none has a higher cosine than the least it found.
    """
    least = min(dense.values(), default=0.0)
    only = dict.fromkeys((id_ for id_ in lexical if id_ not in dense), least)
    highest = _fused(lexical, dense | only, least, fusion)
    known = sorted((highest[id_] for id_ in dense), reverse=True)[: fusion.looked_at_closer]
    bar = known[-1] if len(known) == fusion.looked_at_closer else -math.inf
    vectors = read_vectors([id_ for id_ in only if highest[id_] >= bar])
    return dense | {id_: float(vector @ query) for id_, vector in vectors.items()}


def _look_closer(library: View, asked: Asked, ids: Sequence[int]) -> dict[int, Looked]:
    vectors, terms = library.sentence_vectors(ids), library.terms(ids)
    there = [id_ for id_ in ids if id_ in vectors and id_ in terms]
    covered = iter(coverages(asked.query.words, [sentence for id_ in there for sentence in terms[id_].sentences]))
    return {
        id_: _looked(vectors[id_] @ asked.vector, list(islice(covered, len(terms[id_].sentences))), terms[id_])
        for id_ in there
    }


def _looked(cosines: Floats, covered: Sequence[float], terms: PassageTerms) -> Looked:
    both = [cosine + share for cosine, share in zip(cosines.tolist(), covered, strict=True)]
    return Looked(tuple(cosines.tolist()), terms, max(both), both.index(max(both)))


def _compared(
    library: View, asked: Asked, looked: dict[int, Looked], scores: dict[int, float], fusion: Fusion
) -> dict[int, float]:
    """Return the scores of the best passages, with what is worth its time for a few only.

    Where the embedder does not read the question's script, no vectors are compared.
    """
    ids = _best(scores, fusion.matched_by_word)
    vectors = library.vectors(ids) if asked.query.is_read else {}
    matched = _raised(
        {id_: scores[id_] for id_ in ids}, fusion.word_share, _word_matches(library, asked.words, vectors)
    )
    better = _raised(matched, fusion.wanted_share, _says_wanted(library, asked.text, ids, looked))
    return _raised(better, fusion.neighbour_share, _kinship(vectors, _best(better, fusion.neighbours)))


def _raised(scores: dict[int, float], share: float, gains: dict[int, float]) -> dict[int, float]:
    return {id_: score + share * gains.get(id_, 0.0) for id_, score in scores.items()}


def _word_matches(library: View, words: Floats, vectors: Mapping[int, Floats]) -> dict[int, float]:
    """Return, for passages, the mean over the question's words of the cosine of the nearest word.

    Nothing where one of them has no codes, being of an older library: the others would be ahead of it for that.
    """
    codes = library.word_codes(list(vectors)) if len(words) else {}
    if not codes or codes.keys() != vectors.keys():
        return {}
    nearest = word_codes.nearest(words, list(vectors.values()), [codes[id_] for id_ in vectors])
    return dict(zip(vectors, nearest.mean(axis=1).tolist(), strict=True))


def _kinship(vectors: Mapping[int, Floats], best: Sequence[int]) -> dict[int, float]:
    """Return, for passages, the mean of their cosines with the best ones: what is alike answers alike."""
    others = [vectors[id_] for id_ in best if id_ in vectors]
    if not others:
        return {}
    middle = sum(others[1:], others[0]) / len(others)
    return {id_: float(vector @ middle) for id_, vector in vectors.items()}


def _says_wanted(library: View, question: str, ids: Sequence[int], looked: dict[int, Looked]) -> dict[int, float]:
    """Return, for passages, 1 where their best sentence says something of the kind the question wants, else 0.

    Nothing where it wants no kind in particular: then no passage need be read.
    """
    kind = wanted(question)
    if kind is Wanted.ANYTHING:
        return {}
    read = [(passage.id, passage.sentence_text(looked[passage.id].best_sentence)) for passage in library.passages(ids)]
    return {id_: float(has_wanted(kind, sentence, question)) for id_, sentence in read}


def _candidates(
    library: View, ids: Sequence[int], scores: dict[int, float], cosines: dict[int, float], looked: dict[int, Looked]
) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            passage, scores[passage.id], cosines[passage.id], looked[passage.id].cosines, looked[passage.id].terms
        )
        for passage in library.passages(ids)
    )


def _best(scores: dict[int, float], limit: int) -> list[int]:
    return sorted(scores, key=lambda id_: -scores[id_])[:limit]
