"""From a question to a grounded answer: the package's table of contents."""

import time
from collections.abc import Generator as Generated
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from os import PathLike
from pathlib import Path

from index.library import Library
from index.types import EVERYTHING, Scope
from index.view import View
from rag.corpus import open_documents, open_library
from rag.errors import QuestionError
from rag.evidence import ScoredSentence, as_evidence, confidence, score_sentences
from rag.generators import Generator, generator_of, open_generator
from rag.generators.extractive import ExtractiveGenerator
from rag.give import reading_of
from rag.manner import MOST_PASSAGES, NO_WISHES, Manner, Wishes
from rag.missing import missing_words
from rag.reading import read_question
from rag.rerankers import Reranker, open_reranker
from rag.restate import restated
from rag.retrieve import retrieve
from rag.rewrite import rewrite
from rag.settings import Settings, load_settings, named_model
from rag.types import Abstention, Answer, State, Turn
from rag.whole import Whole, list_coverage, look_at_whole
from rag.write import NOT_THERE, finished, write, write_from

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]

MAX_QUESTION_CHARACTERS = 2_000
CANDIDATES = MOST_PASSAGES
"""Passages whose sentences are scored."""
EVIDENCE_SHOWN = 5
MIN_CONFIDENCE = 0.25
"""Refuses fewer than one in ten answerable questions, on average over the sets in English, and 97 of 100 that are off
topic (`pincite eval`)."""

NO_DOCUMENTS = "There are no documents to answer from: add some first."
NOTHING_CHOSEN = "None of the documents is among those to answer from: choose others."


def answer(
    question: str,
    *,
    documents: Paths | None = None,
    library: Library | None = None,
    collections: str | Sequence[str] = (),
    scope: Scope = EVERYTHING,
    history: Sequence[Turn] = (),
    generator: Generator | None = None,
    model: str | PathLike[str] | None = None,
    evidence_tokens: int | None = None,
    wishes: Wishes = NO_WISHES,
) -> Answer:
    """Answer a question from documents; every sentence of the answer cites exact sentences of theirs.

    `documents` names a file, a folder or several; their index is kept in the user's cache. `library` is an open
    library instead. Without both, the library of the settings is asked. Only what is in one of `collections` and in
    `scope` (a `Scope`) is looked at, so that an answer elsewhere is none. `history` holds earlier turns, oldest
    first, such as an earlier answer's `turns`. `generator` writes the answer; without one, `model` names a GGUF file
    or the settings a server or a file, else it quotes. It is given the sentences that matter, in about
    `evidence_tokens` tokens or what the settings say; `read` and `left_out` of the answer say which. `wishes` come
    before what the settings say of passages, strictness and language.
    Safe to call from many threads. An answer that is not in the documents is an `Abstention`, not an error.

    Raises: PinciteError, with one line that says what to do.
    """
    *_, last = answer_stream(
        question,
        documents=documents,
        library=library,
        collections=collections,
        scope=scope,
        history=history,
        generator=generator,
        model=model,
        evidence_tokens=evidence_tokens,
        wishes=wishes,
    )
    return last


def answer_stream(
    question: str,
    *,
    documents: Paths | None = None,
    library: Library | None = None,
    collections: str | Sequence[str] = (),
    scope: Scope = EVERYTHING,
    history: Sequence[Turn] = (),
    generator: Generator | None = None,
    model: str | PathLike[str] | None = None,
    evidence_tokens: int | None = None,
    wishes: Wishes = NO_WISHES,
) -> Iterator[Answer]:
    """Yield the answer as it grows: first the evidence, then more and more claims, the finished answer last.

    Each answer is complete and grounded as it is. Closing the iterator stops the generator.
    Arguments and errors are those of `answer`; errors come with the first item.
    """
    started = time.perf_counter()
    checked = _checked(question)
    chosen = _scope(scope, collections)
    opened = library or _open_library(documents)
    searched = opened.within(chosen)
    settings = load_settings(chosen=opened.choices().all(), said=_said(wishes, evidence_tokens))
    writer = generator or _open_generator(model)
    with closing(_answers(checked, searched, history, writer, settings, started)) as answers:
        for grown in answers:
            yield replace(grown, scope=chosen)


def _answers(
    checked: str,
    searched: View,
    history: Sequence[Turn],
    writer: Generator,
    settings: Settings,
    started: float,
) -> Generated[Answer, None, None]:
    """Yield the answer as it grows, from what may be seen of the library."""
    reading = read_question(checked, is_follow_up=bool(history))
    whole = look_at_whole(searched, reading)
    if whole:
        yield from _of_whole(whole, checked, writer, history, settings.manner, started)
        return
    reranker = open_reranker(settings.reranker)
    sentences = _evidence(searched, checked, history, reranker)
    found = _found(checked, sentences, writer.name, time.perf_counter() - started)
    yield found
    if found.confidence < MIN_CONFIDENCE and history:
        sentences = yield from _restated(found, writer, searched, sentences, history, reranker)
        found = _found(checked, sentences, writer.name, found.seconds["evidence"])
    if found.confidence < MIN_CONFIDENCE:
        refused = finished(found, started, NOT_THERE if sentences else _why_nothing(searched))
        yield replace(refused, abstention=Abstention(refused.text, missing_words(searched, checked)))
        return
    found = replace(found, coverage=list_coverage(reading, sentences, searched))
    yield from write(found, writer, searched, sentences, history, settings.manner, settings.budget, started)


def _of_whole(
    whole: Whole, question: str, generator: Generator, history: Sequence[Turn], manner: Manner, started: float
) -> Iterator[Answer]:
    """Yield the answer that whole documents give, as it grows."""
    writer = ExtractiveGenerator() if whole.is_quoted else generator
    found = Answer(
        question,
        evidence=whole.evidence[:EVIDENCE_SHOWN],
        confidence=1.0 if whole.given.passages else 0.0,
        coverage=whole.coverage,
        read=reading_of(whole.given),
        generator=writer.name,
        state=State.EVIDENCE,
        seconds={"evidence": time.perf_counter() - started},
    )
    yield found
    if whole.given.passages:
        yield from write_from(replace(whole.given, manner=manner), found, writer, history, started)
    else:
        yield finished(found, started, whole.coverage)


def _evidence(
    library: View, question: str, history: Sequence[Turn], reranker: Reranker | None
) -> Sequence[ScoredSentence]:
    """Return the sentences that may answer, best first.

    A follow-up is asked as it is and as it was rewritten; whichever finds the surer evidence counts, so that
    "What did he say about Hamas?" is not held to the topic before it.
    """
    ways = dict.fromkeys([question, rewrite(question, history)])
    return max((_sentences(library, way, reranker) for way in ways), key=confidence)


def _restated(
    found: Answer,
    generator: Generator,
    library: View,
    sentences: Sequence[ScoredSentence],
    history: Sequence[Turn],
    reranker: Reranker | None,
) -> Generated[Answer, None, Sequence[ScoredSentence]]:
    """Return the surer of `sentences` and what a follow-up finds as the generator restates it.

    It takes a model seconds, so that only a follow-up that rules find nothing sure for comes here.
    """
    text = ""
    with closing(generator.restate(found.question, history)) as stream:
        for written in stream:
            text += written.text
            yield replace(found, ahead=written.ahead, loading=written.loading)
    question = restated(text, found.question, history)
    return max(sentences, _sentences(library, question, reranker), key=confidence) if question else sentences


def _sentences(library: View, question: str, reranker: Reranker | None) -> list[ScoredSentence]:
    return score_sentences(library, question, retrieve(library, question, CANDIDATES, reranker=reranker))


def _found(question: str, sentences: Sequence[ScoredSentence], name: str, seconds: float) -> Answer:
    return Answer(
        question,
        evidence=tuple(as_evidence(sentence) for sentence in sentences[:EVIDENCE_SHOWN]),
        confidence=confidence(sentences),
        generator=name,
        state=State.EVIDENCE,
        seconds={"evidence": seconds},
    )


def _checked(question: str) -> str:
    stripped = question.strip()
    if not any(character.isalnum() for character in stripped):
        raise QuestionError("the question is empty: type one")
    if len(stripped) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            f"the question is {len(stripped):,} characters long, at most {MAX_QUESTION_CHARACTERS:,} are taken:"
            " put long texts into a document"
        )
    return stripped


def _open_library(documents: Paths | None) -> Library:
    settings = load_settings()
    if documents is None:
        return open_library(settings.library, settings.embedder, settings.reading)
    paths = [documents] if isinstance(documents, str | PathLike) else documents
    return open_documents([Path(path) for path in paths], settings.embedder, reading=settings.reading)


def _open_generator(model: str | PathLike[str] | None) -> Generator:
    settings = load_settings()
    return open_generator(named_model(Path(model)), settings.context) if model else generator_of(settings)


def _said(wishes: Wishes, evidence_tokens: int | None) -> dict[str, object]:
    return wishes.said() | ({"evidence_tokens": evidence_tokens} if evidence_tokens else {})


def _why_nothing(library: View) -> str:
    if library.count():
        return NOT_THERE
    return NOTHING_CHOSEN if library.count(everywhere=True) else NO_DOCUMENTS


def _scope(scope: Scope, collections: str | Sequence[str]) -> Scope:
    names = (collections,) if isinstance(collections, str) else tuple(collections)
    return replace(scope, collections=(*scope.collections, *names))
