"""Answers as they are kept with their conversation, and looked at again when documents may have changed since.

Kept with an answer is the SHA-256 of each document that it names. Reopened, its citations lead to where their
sentences stand now: in the same content, under whatever number it has by now, or in what its file has become.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from index.conversations import StoredTurn
from index.library import Library
from index.types import Document, DocumentInfo
from rag.plain import plain, restored
from rag.types import Answer, Citation, Claim, EvidenceSentence, State


class Since(StrEnum):
    """What became of a document after it was cited."""

    CHANGED = "has changed since"
    """Its file has other content, in which all cited sentences still stand."""
    OTHERWISE = "has changed since and no longer says all that is quoted"
    GONE = "is no longer in the library"


@dataclass(frozen=True, slots=True)
class Notice:
    """A cited document that is not what it was."""

    title: str
    since: Since

    def __str__(self) -> str:
        return f"{self.title} {self.since.value}."


@dataclass(frozen=True, slots=True)
class Kept:
    """One turn of a conversation as it was kept."""

    turn: int
    asked_at: str
    answer: Answer
    sha256: dict[str, str]
    """Of the documents that the answer names, by their ids then."""


def to_keep(answer: Answer, library: Library) -> tuple[str, tuple[str, str]]:
    """Return an answer as it is kept, and the texts by which its conversation is found."""
    sums = library.fingerprints([document.id for document in _documents(answer)])
    kept = {"answer": plain(answer), "sha256": {str(id_): sum_ for id_, sum_ in sums.items()}}
    return json.dumps(kept), (answer.question, answer.text)


def unfinished(question: str) -> Answer:
    """Return what is kept of a question until it is answered, and for good if it never is."""
    return Answer(question, state=State.STOPPED)


def kept(turn: StoredTurn) -> Kept:
    """Read what `to_keep` wrote."""
    stored = json.loads(turn.answer)
    return Kept(turn.id, turn.asked_at, restored(Answer, stored["answer"]), stored["sha256"])


Place = Citation | EvidenceSentence
Placed = TypeVar("Placed", Citation, EvidenceSentence)


def look_again(library: Library, kept: Kept) -> tuple[Answer, tuple[Notice, ...]]:
    """Return the answer with its places as they are now, and what became of the cited documents."""
    documents = library.documents()
    there = {document.id for document in documents}
    lost = {document.id: document for document in _documents(kept.answer) if document.id not in there}
    if not lost:
        return kept.answer, ()
    successors = {id_: _successor(library, documents, kept, own) for id_, own in lost.items()}
    same = {id_ for id_, own in successors.items() if own and _is_same(library, own, kept, id_)}
    answer = _moved(kept.answer, lambda document: successors.get(document.id))
    cited = {citation.document.id: citation.document for citation in kept.answer.citations}
    return answer, tuple(
        Notice(document.title, _since(successors[id_], kept.answer, id_))
        for id_, document in cited.items()
        if id_ in lost and id_ not in same
    )


def _successor(library: Library, documents: Iterable[DocumentInfo], kept: Kept, lost: DocumentInfo) -> Document | None:
    """Return the document with the same content, or else from the same file; None where there is neither."""
    same = library.with_content(kept.sha256.get(str(lost.id), ""))
    if same is None:
        same = next((own.id for own in documents if own.source == lost.source), None)
    return None if same is None else library.document(same)


def _is_same(library: Library, successor: Document, kept: Kept, id_: int) -> bool:
    return library.fingerprints([successor.info.id]).get(successor.info.id) == kept.sha256.get(str(id_))


def _since(successor: Document | None, answer: Answer, id_: int) -> Since:
    if successor is None:
        return Since.GONE
    quotes = [citation.quote for citation in answer.citations if citation.document.id == id_]
    return Since.CHANGED if all(quote in successor.text for quote in quotes) else Since.OTHERWISE


def _moved(answer: Answer, successor: Callable[[DocumentInfo], Document | None]) -> Answer:
    """Return the answer with each place where its sentence stands now; one that stands nowhere is left as it was."""

    def moved(place: Placed, text: str) -> Placed:
        document = successor(place.document)
        start = -1 if document is None else _nearest(document.text, text, place.start)
        if document is None or start < 0:
            return place
        return replace(place, document=document.info, start=start, end=start + len(text))

    def moved_claim(claim: Claim) -> Claim:
        return replace(claim, citations=tuple(moved(citation, citation.quote) for citation in claim.citations))

    return replace(
        answer,
        claims=tuple(moved_claim(claim) for claim in answer.claims),
        evidence=tuple(moved(sentence, sentence.text) for sentence in answer.evidence),
    )


def _nearest(text: str, quote: str, start: int) -> int:
    """Return where a quote stands in a text: where it stood, or else first; -1 where it does not."""
    return start if text.startswith(quote, start) else text.find(quote)


def _documents(answer: Answer) -> Iterator[DocumentInfo]:
    yield from (citation.document for citation in answer.citations)
    yield from (sentence.document for sentence in answer.evidence)
