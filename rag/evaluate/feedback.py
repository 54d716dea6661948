"""What people said of answers, as questions of their own for `pincite eval` (`rag.evaluate.own` reads them).

A helpful answer tells which documents and sentences answer its question, without the sources that were said not to
support it; a helpful abstention, that nothing does. Of an answer that was not helpful, the question is asked again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.feedback import WHOLE, Judged, Verdict
from index.library import Library
from rag.conversation import kept, look_again
from rag.rewrite import rewrite
from rag.types import Answer, Citation


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer about which something was said."""

    judged: Judged
    answer: Answer
    """With its citations where they stand now."""
    question: str
    """As it can be asked on its own."""


def judged_answers(library: Library, owner: str = "") -> tuple[JudgedAnswer, ...]:
    """Return the answers about which something was said, in the order in which they were asked."""
    judged = {own.turn: own for own in library.feedback(owner).all()}
    found: list[JudgedAnswer] = []
    for id_ in dict.fromkeys(own.conversation for own in judged.values()):
        turns = [kept(turn) for turn in library.conversations(owner).turns(id_)]
        history = [turn.answer.turns for turn in turns]
        for number, turn in enumerate(turns):
            if turn.turn in judged:
                earlier = [said for turns_ in history[:number] for said in turns_]
                question = rewrite(turn.answer.question, earlier)
                found.append(JudgedAnswer(judged[turn.turn], look_again(library, turn)[0], question))
    return tuple(sorted(found, key=lambda own: own.judged.turn))


def evaluation_lines(library: Library, answers: Sequence[JudgedAnswer]) -> Iterator[str]:
    """Yield one JSON object for each question; of a question asked more than once, what was said last counts."""
    last = {own.question: own for own in answers}
    for own in last.values():
        yield json.dumps(_fields(library, own), ensure_ascii=False)


def _fields(library: Library, own: JudgedAnswer) -> dict[str, Any]:
    fields: dict[str, Any] = {"question": own.question}
    if own.judged.verdicts.get(WHOLE) is not Verdict.HELPFUL:
        return fields
    if own.answer.abstention:
        return {**fields, "answerable": False}
    right = [citation for citation in own.answer.citations if _holds(library, own, citation)]
    return {
        **fields,
        "answerable": True,
        "relevant": list(dict.fromkeys(citation.document.source for citation in right)),
        "evidence": list(dict.fromkeys(citation.quote for citation in right)),
    }


def _holds(library: Library, own: JudgedAnswer, citation: Citation) -> bool:
    """Tell whether nobody said that a citation does not support, and it still stands where it is said to."""
    if citation.number in own.judged.verdicts:
        return False
    if citation.document not in library.documents():
        return False
    return library.document(citation.document.id).text[citation.start : citation.end] == citation.quote
