"""From evidence to the growing answer: what a generator is given, what it writes, and what of it may be shown."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from index.view import View
from rag.draft import parse_draft
from rag.errors import ContextOverflow
from rag.evidence import ScoredSentence
from rag.generators.base import Generator, Written
from rag.give import cut_again, give, reading_of
from rag.ground import Grounder
from rag.manner import Manner
from rag.types import Abstention, Answer, Given, State, Turn

NOT_THERE = "The documents do not answer this."
UNCHECKED = "What the model wrote could not be checked against the documents, so it is not shown."


def write(
    found: Answer,
    generator: Generator,
    library: View,
    sentences: Sequence[ScoredSentence],
    history: Sequence[Turn],
    manner: Manner,
    budget: int,
    started: float,
) -> Iterator[Answer]:
    """Yield the answer as it is written; from less and less evidence where a generator has no room for all of it.

    `sentences` are all scored ones, best first; `budget` is in tokens of evidence; `started` is the question's time
    by `time.perf_counter`. Raises: GeneratorError.
    """
    read = next((turn.read for turn in reversed(history) if turn.read), ())
    earlier = cut_again(read, library.passages([place.passage_id for place in read]))
    for part in (1, 2, 4):
        kept = earlier if part == 1 else ()
        given = give(sentences, library.embedder.count_tokens, budget // part, kept, manner.passages)
        reading = replace(found, read=reading_of(given), left_out=given.left_out)
        try:
            yield from write_from(replace(given, manner=manner), reading, generator, history, started)
        except ContextOverflow:
            if part == 4:
                raise
        else:
            return


def write_from(
    given: Given, found: Answer, generator: Generator, history: Sequence[Turn], started: float
) -> Iterator[Answer]:
    """Yield the answer after each sentence that the generator completes, and the finished one.

    Raises: GeneratorError.
    """
    text, shown = "", found
    with closing(generator.draft(found.question, given, history)) as stream:
        for written in stream:
            text += written.text
            before, shown = shown, _counted(shown, written, started)
            if written.text:
                shown = _grounded(shown, given, text, started, is_final=False)
            if not written.text or before.state is State.EVIDENCE or len(shown.claims) > len(before.claims):
                yield shown
    last = _grounded(shown, given, text, started, is_final=True)
    yield finished(last, started, UNCHECKED if last.withheld else NOT_THERE)


def _counted(shown: Answer, written: Written, started: float) -> Answer:
    """Return the answer with the tokens that were written by now, and when."""
    if not written.tokens:
        return replace(shown, ahead=written.ahead, loading=written.loading)
    now = time.perf_counter() - started
    seconds = {"first_token": now, **shown.seconds, "last_token": now}
    return replace(shown, ahead=0, loading=False, tokens=shown.tokens + written.tokens, seconds=seconds)


def _grounded(shown: Answer, given: Given, text: str, started: float, *, is_final: bool) -> Answer:
    draft = parse_draft(text, given.marks, is_final)
    claims, withheld = Grounder(shown.question, given).ground(draft)
    seconds = shown.seconds
    if claims and "first_claim" not in seconds:
        seconds = {**seconds, "first_claim": time.perf_counter() - started}
    return replace(shown, claims=claims, withheld=withheld, state=State.WRITING, seconds=seconds)


def finished(shown: Answer, started: float, reason: str) -> Answer:
    """Return the last answer: as it is where it claims something, else an abstention with this reason."""
    return replace(
        shown,
        abstention=None if shown.claims else Abstention(reason),
        state=State.DONE,
        seconds={**shown.seconds, "total": time.perf_counter() - started},
    )
