"""A question to candidate passages: lexical and dense retrieval, fused, then a closer look at the best.

Fusion is a convex combination of normalised scores (Bruch, Gai and Ingber, 2023): half BM25, of words and of phrases
(Metzler and Croft, 2005), half cosine. The closer look counts a passage's nearest sentence as much as the passage,
how near one sentence is in meaning and words together, whether that sentence says something of the kind the question
wants (Prager, Brown, Coden and Radev, 2000), how near the passage's words are to the question's, each where it stands
(Khattab and Zaharia, 2020), and how near it is to the best passages (Diaz, 2005). `python -m bench.retrieval` compares
it with its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index import word_codes
from index.bm25 import K1
from index.embedders import MINILM
from index.types import Passage, PassageTerms
from index.view import View
from rag.query import Query, coverage, read_query
from rag.rerankers import Reranker
from rag.wanted import Wanted, has_wanted, wanted
from rag.words import content_spans

if TYPE_CHECKING:
    from index.arrays import Floats

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


def retrieve(
    library: View, question: str, limit: int, fusion: Fusion = FUSION, reranker: Reranker | None = None
) -> Retrieved:
    """Return the `limit` best passages for a stand-alone question, best first.

    A reranker chooses them among the best `RERANKED`. Raises: RerankerError.
    """
    query, vectors = read_query(library, question), embed_question(library, question)
    vector = vectors[0]
    fusion = _fitting(fusion, library.embedder.name, query)
    lexical = _lexical(library, query, fusion)
    dense = {found.passage_id: found.score for found in library.search_dense(vector, fusion.candidates)}
    least = min(dense.values(), default=0.0)
    cosines = _completed(library, vector, lexical, dense)
    nearest = _best(_fused(lexical, cosines, least, fusion), fusion.looked_at_closer)
    looked = _look_closer(library, query, vector, nearest)
    means = {id_: (cosines[id_] + max(own.cosines)) / 2 for id_, own in looked.items()}
    fused = _fused(lexical, means, least, fusion)
    scores = {id_: fused[id_] + fusion.sentence_share * own.best for id_, own in looked.items()}
    scores |= _compared(library, question, query, vectors[1:], looked, scores, fusion)
    best = _best(scores, max(limit, RERANKED) if reranker else limit)
    candidates = _candidates(library, best, scores, cosines, looked)
    return Retrieved(_reranked(reranker, question, candidates)[:limit] if reranker else candidates, query)


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


def _completed(library: View, query: Floats, lexical: dict[int, float], dense: dict[int, float]) -> dict[int, float]:
    """Return every candidate's cosine, also of those that only the words found."""
    vectors = library.vectors([id_ for id_ in lexical if id_ not in dense])
    return dense | {id_: float(vector @ query) for id_, vector in vectors.items()}


def _look_closer(library: View, query: Query, vector: Floats, ids: Sequence[int]) -> dict[int, Looked]:
    vectors, terms = library.sentence_vectors(ids), library.terms(ids)
    there = [id_ for id_ in ids if id_ in vectors and id_ in terms]
    return {id_: _looked(query, (vectors[id_] @ vector).tolist(), terms[id_]) for id_ in there}


def _looked(query: Query, cosines: Sequence[float], terms: PassageTerms) -> Looked:
    covered = [coverage(query.words, [sentence], [1.0]) for sentence in terms.sentences]
    both = [cosine + share for cosine, share in zip(cosines, covered, strict=True)]
    return Looked(tuple(cosines), terms, max(both), both.index(max(both)))


def _compared(
    library: View,
    question: str,
    query: Query,
    words: Floats,
    looked: dict[int, Looked],
    scores: dict[int, float],
    fusion: Fusion,
) -> dict[int, float]:
    """Return the scores of the best passages, with what is worth its time for a few only.

    Where the embedder does not read the question's script, no vectors are compared.
    """
    ids = _best(scores, fusion.matched_by_word)
    vectors = library.vectors(ids) if query.is_read else {}
    matches = _word_matches(library, words, ids, vectors)
    says_wanted = _says_wanted(library, question, ids, looked)
    better = {
        id_: scores[id_] + fusion.word_share * matches.get(id_, 0.0) + fusion.wanted_share * says_wanted.get(id_, 0.0)
        for id_ in ids
    }
    kinship = _kinship(vectors, _best(better, fusion.neighbours))
    return {id_: score + fusion.neighbour_share * kinship.get(id_, 0.0) for id_, score in better.items()}


def _word_matches(library: View, words: Floats, ids: Sequence[int], vectors: Mapping[int, Floats]) -> dict[int, float]:
    """Return, for passages, the mean over the question's words of the cosine of the nearest word.

    Nothing where one of them has no codes, being of an older library: the others would be ahead of it for that.
    """
    if not len(words) or not ids or not vectors.keys() >= set(ids):
        return {}
    codes = library.word_codes(ids)
    if not codes.keys() >= set(ids):
        return {}
    nearest = word_codes.nearest(words, [vectors[id_] for id_ in ids], [codes[id_] for id_ in ids])
    return dict(zip(ids, nearest.mean(axis=1).tolist(), strict=True))


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
