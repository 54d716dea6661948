"""Asks one question, as a person would, and notes what came of it."""

from collections.abc import Callable

from index.library import Library
from index.types import ScoredPassage
from rag.answer import answer
from rag.evaluate.types import Asked, Corpus, Foreign, Question, RecordSentence
from rag.generators import Generator
from rag.rerankers import Reranker
from rag.retrieve import embed_question, retrieve
from rag.rewrite import rewrite
from rag.types import Answer
from rag.words import content_words

PASSAGES = 20
"""Passages taken from each ranking: a record may be several, and ten records are judged."""

Search = Callable[[Library, str], list[int]]
"""A library and a question to passage ids, best first."""


def lexical(library: Library, question: str) -> list[int]:
    """Rank by BM25."""
    return _ids(library.search_lexical(content_words(question), PASSAGES))


def dense(library: Library, question: str) -> list[int]:
    """Rank by cosine."""
    return _ids(library.search_dense(embed_question(library, question)[0], PASSAGES))


def hybrid(library: Library, question: str) -> list[int]:
    """Rank as `answer()` does without a reranker."""
    return [candidate.passage.id for candidate in retrieve(library, question, PASSAGES).candidates]


SEARCHES: dict[str, Search] = {"lexical": lexical, "dense": dense, "hybrid": hybrid}
"""Each is given the question as it was typed."""
RERANKED = "reranked"
REWRITTEN = "rewritten"
"""The name of hybrid search for a follow-up as `rag.rewrite` makes it stand alone."""


def searches(reranker: Reranker | None) -> dict[str, Search]:
    """Return the ways of searching that are compared, and what a reranker makes of the last."""
    if reranker is None:
        return SEARCHES

    def reranked(library: Library, question: str) -> list[int]:
        found = retrieve(library, question, PASSAGES, reranker=reranker)
        return [candidate.passage.id for candidate in found.candidates]

    return {**SEARCHES, RERANKED: reranked}


def ask(corpus: Corpus, question: Question, generator: Generator, ways: dict[str, Search] = SEARCHES) -> Asked:
    """Ask a question of the library, and each way of searching besides where its gold records are known."""
    reply = answer(question.text, library=corpus.library, history=question.history, generator=generator)
    return Asked(
        question=question,
        ranked=_ranked(corpus, question, ways) if question.relevant else {},
        evidence=tuple(sentence.text for sentence in reply.evidence),
        cited=_cited(corpus, reply),
        confidence=reply.confidence,
        refused=reply.abstention is not None,
        seconds=reply.seconds["total"],
    )


def ask_foreign(corpus: Corpus, question: Question, language: str, generator: Generator) -> Foreign:
    """Ask another set's question, as the first of a conversation."""
    reply = answer(question.text, library=corpus.library, generator=generator)
    return Foreign(question, language, reply.confidence, reply.abstention is not None)


def _ranked(corpus: Corpus, question: Question, ways: dict[str, Search]) -> dict[str, tuple[str, ...]]:
    ranked = {name: corpus.records_of(search(corpus.library, question.text)) for name, search in ways.items()}
    if question.history:
        alone = rewrite(question.text, question.history)
        ranked[REWRITTEN] = corpus.records_of(hybrid(corpus.library, alone))
    return ranked


def _cited(corpus: Corpus, reply: Answer) -> tuple[RecordSentence, ...]:
    return tuple(
        RecordSentence(corpus.record_at(citation.document.id, citation.start), citation.quote)
        for citation in reply.citations
    )


def _ids(found: list[ScoredPassage]) -> list[int]:
    return [passage.passage_id for passage in found]
