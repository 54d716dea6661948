"""What every generator keeps to, whatever it writes: each of them runs these tests."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import text_of

from index.types import DocumentInfo, Kind, Passage, Span
from rag.draft import parse_draft
from rag.generators.base import Generator
from rag.generators.extractive import ExtractiveGenerator
from rag.generators.llama import LlamaGenerator
from rag.generators.server import ServerGenerator
from rag.ground import Grounder
from rag.manner import Manner, Strictness
from rag.restate import restated
from rag.types import Given, GivenPassage, GivenSentence, Turn
from rag.words import FUNCTION_WORDS

QUESTION = "What did Asif say about refugees?"


def given(*passages: Sequence[str]) -> Given:
    return Given(tuple(given_passage(number, texts) for number, texts in enumerate(passages, 1)), ("“", "”"))


def given_passage(number: int, texts: Sequence[str]) -> GivenPassage:
    text = " ".join(texts)
    starts = [text.index(sentence) for sentence in texts]
    spans = tuple(Span(start, start + len(sentence)) for start, sentence in zip(starts, texts, strict=True))
    document = DocumentInfo(1, "News", "news.txt", "text", len(text), 1, "2026-01-01T00:00:00Z")
    passage = Passage(number, document, number - 1, Kind.PARAGRAPH, 0, len(text), text, (), spans)
    sentences = [GivenSentence(place, span, span.of(text), 0.9) for place, span in enumerate(spans, 1)]
    return GivenPassage(number, passage, tuple(sentences))


CUT_OFF = {"an unfinished sentence", "a quotation without a citation"}
"""What a limit on the length of an answer leaves of its last sentence."""
ASIF = given(
    ["Asif urged Kabul to take refugees back.", "He spoke on Saturday."],
    ["The agreement ended the war."],
)


@pytest.fixture(scope="module", params=["extractive", "llama", "server"])
def generator(request: pytest.FixtureRequest, tiny_gguf: Path) -> Iterator[Generator]:
    if request.param == "extractive":
        yield ExtractiveGenerator()
        return
    if request.param == "server":
        yield ServerGenerator(request.getfixturevalue("llama_server"), max_tokens=40)
        return
    llama = LlamaGenerator(tiny_gguf, max_tokens=40, threads=1)
    yield llama
    llama.close()


def drafted(generator: Generator, passages: Given = ASIF, history: Sequence[Turn] = ()) -> str:
    return text_of(generator.draft(QUESTION, passages, history))


def test_it_has_a_name_in_one_line(generator: Generator) -> None:
    assert generator.name == " ".join(generator.name.split()) != ""


def test_here_nothing_is_sent_to_another_machine(generator: Generator) -> None:
    assert generator.remote == ""


def test_a_draft_is_pieces_of_text(generator: Generator) -> None:
    stream = list(generator.draft(QUESTION, ASIF, ()))

    assert text_of(stream)
    assert {written.ahead for written in stream} == {0}
    assert sum(written.tokens for written in stream) in (0, sum(bool(written.tokens) for written in stream))


def test_one_passage_is_enough(generator: Generator) -> None:
    assert drafted(generator, given(["Asif urged Kabul to take refugees back."]))


def test_it_takes_the_turns_of_a_conversation(generator: Generator) -> None:
    history = (Turn("user", "Who is Asif?"), Turn("assistant", "The defence minister [1.1]."))

    assert drafted(generator, history=history)


def test_the_same_question_gets_the_same_draft(generator: Generator) -> None:
    assert drafted(generator) == drafted(generator)


def test_a_follow_up_is_restated_in_words_that_were_said_or_not_at_all(generator: Generator) -> None:
    history = (Turn("user", QUESTION), Turn("assistant", "He urged Kabul to take refugees back."))
    before = drafted(generator, history=history)

    written = text_of(generator.restate("And what about India?", history))

    words = set(re.findall(r"\w+", written.casefold()))
    said = " ".join([QUESTION, "And what about India?", *(turn.text for turn in history)])
    if restated(written, "And what about India?", history):
        assert words <= set(re.findall(r"\w+", said.casefold())) | FUNCTION_WORDS
    assert drafted(generator, history=history) == before


def test_where_only_quotations_are_wanted_nothing_else_is_written(generator: Generator) -> None:
    strict = replace(ASIF, manner=Manner(strictness=Strictness.STRICT))
    claims, withheld = Grounder(QUESTION, strict).ground(parse_draft(drafted(generator, strict), strict.marks))

    assert {own.reason for own in withheld} <= CUT_OFF
    assert all(claim.quotes for claim in claims)


def test_closing_early_leaves_it_ready(generator: Generator) -> None:
    whole = drafted(generator)
    for pieces_taken in (0, 1, 3):
        stream = generator.draft(QUESTION, ASIF, ())
        for _ in range(pieces_taken):
            next(stream, None)
        stream.close()

    assert drafted(generator) == whole


def test_a_reader_that_stops_reading_keeps_nobody_waiting(generator: Generator) -> None:
    whole = drafted(generator)
    forgotten = generator.draft(QUESTION, ASIF, ())
    first = next(forgotten)

    assert drafted(generator) == whole
    assert first.text + text_of(forgotten) == whole


def test_drafts_at_the_same_time_do_not_mix(generator: Generator) -> None:
    others = [ASIF, given(["Asif urged Kabul to take refugees back."]), given(["The agreement ended the war."])] * 2
    alone = [drafted(generator, passages) for passages in others]

    with ThreadPoolExecutor(len(others)) as threads:
        together = list(threads.map(lambda passages: drafted(generator, passages), others))

    assert together == alone
