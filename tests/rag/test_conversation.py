"""Answers are kept to the last field, and lead to where their sentences stand when they are opened again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.conversations import StoredTurn
from index.library import Library
from rag.answer import answer
from rag.conversation import Kept, Notice, Since, kept, look_again, to_keep
from rag.generators.extractive import ExtractiveGenerator
from rag.plain import plain, restored
from rag.types import Answer, Citation, EvidenceSentence

FERRY = "The ferry leaves at 07:40."
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
ANSWERS = st.builds(
    Answer,
    question=st.text(st.characters()),
    evidence=st.lists(st.builds(EvidenceSentence, score=NUMBER), max_size=3).map(tuple),
    confidence=NUMBER,
    seconds=st.dictionaries(st.text(), NUMBER, max_size=3),
)


@given(ANSWERS)
def test_any_answer_goes_to_json_and_comes_back_as_it_was(reply: Answer) -> None:
    assert restored(Answer, json.loads(json.dumps(plain(reply)))) == reply


def test_what_a_later_version_added_is_passed_over_and_what_it_left_out_has_its_default() -> None:
    written = {"question": "Why?", "mood": "calm", "state": "stopped", "confidence": 1}
    assert restored(Answer, written) == Answer("Why?", state=restored(Answer, written).state, confidence=1.0)


@pytest.mark.parametrize("broken", [{"question": 3}, {"question": "Why?", "state": "gone"}, {"claims": 4}])
def test_what_is_no_answer_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        restored(Answer, broken)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (folder / "bakery.txt").write_text("Bread is sold from six.", encoding="utf-8")
    return folder


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with Library(folder.parent / "library", WordEmbedder, "words") as library:
        library.add([folder])
        yield library


@pytest.fixture
def asked(library: Library) -> Kept:
    """The ferry's question, answered and kept."""
    reply = answer("When does the ferry leave?", library=library, generator=ExtractiveGenerator())
    assert [citation.quote for citation in reply.citations] == [FERRY]
    text, words = to_keep(reply, library)
    assert words == ("When does the ferry leave?", reply.text)
    again = kept(StoredTurn(1, "2026-11-23T00:00:00Z", text))
    assert again.answer == reply
    return again


def cited(library: Library, reply: Answer) -> list[str]:
    """What stands where the answer's citations lead."""
    return [
        library.document(own.document.id).text[own.start : own.end]
        for own in reply.citations
        if isinstance(own, Citation)
    ]


def test_an_answer_whose_documents_are_there_is_as_it_was(library: Library, asked: Kept) -> None:
    assert look_again(library, asked) == (asked.answer, ())


def test_content_that_was_removed_and_added_again_is_found_without_a_word(
    library: Library, asked: Kept, folder: Path
) -> None:
    library.remove(library.find("ferry.txt").id)
    (folder / "ferry.txt").rename(folder / "boat.txt")
    library.add([folder])

    reply, notices = look_again(library, asked)
    assert (cited(library, reply), notices) == ([FERRY], ())
    assert reply.citations[0].document.id == library.find("boat.txt").id


def test_a_changed_file_is_said_to_be_so_and_its_sentence_is_found_where_it_stands_now(
    library: Library, asked: Kept, folder: Path
) -> None:
    (folder / "ferry.txt").write_text(f"Timetable.\n\n{FERRY}", encoding="utf-8")
    library.add([folder])
    reply, notices = look_again(library, asked)
    assert (cited(library, reply), notices) == ([FERRY], (Notice("ferry", Since.CHANGED),))
    assert reply.claims[0].text == asked.answer.claims[0].text

    (folder / "ferry.txt").write_text("The ferry leaves at 09:00.", encoding="utf-8")
    library.add([folder])
    reply, notices = look_again(library, asked)
    assert notices == (Notice("ferry", Since.OTHERWISE),)
    assert str(notices[0]) == "ferry has changed since and no longer says all that is quoted."
    assert reply.citations == asked.answer.citations


def test_a_document_that_is_gone_is_said_to_be_so(library: Library, asked: Kept) -> None:
    library.remove(library.find("ferry.txt").id)
    reply, notices = look_again(library, asked)
    assert notices == (Notice("ferry", Since.GONE),)
    assert reply.text == asked.answer.text
