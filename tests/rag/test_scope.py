"""Answers within a scope: nothing from outside it is cited, listed or counted; what stands only there is no answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import ScriptedGenerator, WordEmbedder

from index.library import Library
from index.types import Passage, Scope
from rag.answer import NO_DOCUMENTS, NOTHING_CHOSEN, answer, answer_stream
from rag.generators.extractive import ExtractiveGenerator
from rag.types import Answer

TEXTS = {
    "town/ferry.txt": "The ferry leaves at 07:40.",
    "town/bakery.txt": "The bakery sells bread from six.",
    "trips/museum.txt": "The museum shows one clock. A ticket costs two euros.",
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    for name, text in TEXTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "town", tmp_path / "trips"])
        yield library


def test_what_stands_only_outside_the_scope_is_no_answer(library: Library) -> None:
    quoting = ExtractiveGenerator()
    within = answer("When does the ferry leave?", library=library, collections="town", generator=quoting)
    outside = answer("When does the ferry leave?", library=library, collections=["trips"], generator=quoting)

    assert [citation.quote for citation in within.citations] == ["The ferry leaves at 07:40."]
    assert outside.abstention
    assert {item.document.title for item in outside.evidence} <= {"museum"}


def test_questions_about_documents_as_a_whole_are_about_those_of_the_scope(library: Library) -> None:
    generator, trips = ExtractiveGenerator(), Scope(collections=("trips",))
    listed = answer("What documents do you have?", library=library, scope=trips, generator=generator)
    mentions = answer("How many documents mention bread?", library=library, scope=trips, generator=generator)

    assert listed.coverage.startswith("1 document: museum.")
    assert mentions.coverage.startswith("“bread” is mentioned in 0 of 1 document")


def test_a_model_is_not_given_again_what_an_earlier_answer_read_outside_the_scope(library: Library) -> None:
    first = answer("When does the ferry leave?", library=library, generator=ExtractiveGenerator())
    assert {passage.document.title for passage in passages_read(library, first)} == {"ferry", "bakery", "museum"}
    *_, second = answer_stream(
        "What does the museum show?",
        library=library,
        collections="trips",
        history=first.turns,
        generator=ScriptedGenerator(["The museum shows one clock [1.1]."]),
    )

    assert second.text == "The museum shows one clock. [1]"
    assert {passage.document.title for passage in passages_read(library, second)} == {"museum"}


def passages_read(library: Library, reply: Answer) -> tuple[Passage, ...]:
    return library.passages([place.passage_id for place in reply.read])


def test_a_scope_without_documents_says_so_and_an_empty_library_too(library: Library, tmp_path: Path) -> None:
    none = Scope(collections=("town",), documents=(library.find("museum").id,))
    assert (
        answer("Is there bread?", library=library, scope=none, generator=ExtractiveGenerator()).text == NOTHING_CHOSEN
    )
    with Library(tmp_path / "empty", WordEmbedder, "words") as empty:
        assert answer("Is there bread?", library=empty, generator=ExtractiveGenerator()).text == NO_DOCUMENTS
