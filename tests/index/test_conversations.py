"""Conversations: kept in order, each with its owner, found by their words, and gone when deleted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.conversations import Conversations
from index.errors import NotInLibrary
from index.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path, WordEmbedder, "words") as library:
        yield library


def talk(conversations: Conversations, *questions: str) -> str:
    id_ = conversations.begin(questions[0])
    for question in questions:
        conversations.add(id_, f"answer to {question}", [question])
    return id_


def titles(conversations: Conversations, search: str = "") -> list[str]:
    return [own.title for own in conversations.all(search)]


def test_turns_are_there_in_order_when_the_library_is_opened_again(library: Library, tmp_path: Path) -> None:
    id_ = talk(library.conversations(), "When does the ferry leave?", "And on Sundays?")
    with Library(tmp_path, WordEmbedder, "words") as again:
        [listed] = again.conversations().all()
        assert (listed.id, listed.title, listed.turns) == (id_, "When does the ferry leave?", 2)
        assert [turn.answer for turn in again.conversations().turns(id_)] == [
            "answer to When does the ferry leave?",
            "answer to And on Sundays?",
        ]


def test_the_one_changed_last_comes_first_and_search_wants_each_word(library: Library) -> None:
    conversations = library.conversations()
    talk(conversations, "When does the ferry leave?")
    id_ = talk(conversations, "ÉCOLE and ferry", "Is there bread?")
    assert titles(conversations) == ["ÉCOLE and ferry", "When does the ferry leave?"]
    assert titles(conversations, "Ferry bread") == ["ÉCOLE and ferry"]
    assert titles(conversations, "école") == ["ÉCOLE and ferry"]
    assert titles(conversations, "100%") == []
    conversations.rename(id_, "  À propos \n bread ")
    assert titles(conversations, "à PROPOS") == ["À propos bread"]


def test_a_long_first_question_becomes_a_short_title(library: Library) -> None:
    conversations = library.conversations()
    talk(conversations, "ferry " * 100)
    [title] = titles(conversations)
    assert (len(title), title.endswith("…")) == (80, True)


def test_owners_do_not_see_change_or_delete_what_others_keep(library: Library) -> None:
    ada, bob = library.conversations("ada"), library.conversations("bob")
    id_ = talk(ada, "Where is bread?")
    assert (titles(ada), titles(bob), titles(library.conversations())) == (["Where is bread?"], [], [])
    for act in (bob.turns, bob.delete, lambda own: bob.rename(own, "mine"), lambda own: bob.add(own, "x", [])):
        with pytest.raises(NotInLibrary, match="there is no conversation"):
            act(id_)
    assert titles(ada) == ["Where is bread?"]


def test_an_answer_is_put_in_the_place_of_an_earlier_one(library: Library) -> None:
    conversations = library.conversations()
    id_ = conversations.begin("bread")
    turn = conversations.add(id_, "stopped", ["bread"])
    conversations.write(id_, turn, "from six", ["bread", "from six"])
    assert [own.answer for own in conversations.turns(id_)] == ["from six"]
    assert titles(conversations, "six") == ["bread"]


def test_a_conversation_is_cut_where_a_question_is_edited_and_goes_with_its_first_turn(library: Library) -> None:
    conversations = library.conversations()
    id_ = talk(conversations, "one", "two", "three")
    first, second, _ = conversations.turns(id_)
    conversations.cut(id_, second.id)
    assert [own.answer for own in conversations.turns(id_)] == ["answer to one"]
    conversations.cut(id_, first.id)
    assert conversations.all() == ()


def test_a_deleted_conversation_is_gone_with_its_turns(library: Library) -> None:
    conversations = library.conversations()
    id_ = talk(conversations, "one", "two")
    conversations.delete(id_)
    assert conversations.all() == ()
    with pytest.raises(NotInLibrary):
        conversations.turns(id_)
    assert [problem for problem in library.verify() if problem.part == "database"] == []
