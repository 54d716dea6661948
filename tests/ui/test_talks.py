"""Conversations as the page has them: kept as they are asked, asked again, left, and never mixed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import ScriptedGenerator, WordEmbedder

from index.library import Library
from rag.types import State
from ui.actions import Actions, Shown
from ui.seat import Seat
from ui.talks import Talk, Talks

FERRY, BREAD = "When does the ferry leave?", "When is bread sold?"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "ferry.txt").write_text("The ferry leaves at 07:40.", encoding="utf-8")
    (tmp_path / "town" / "bakery.txt").write_text("Bread is sold from six.", encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "town"])
        yield library


@pytest.fixture
def actions(library: Library) -> Actions:
    return Actions(library, Seat(ScriptedGenerator(["It is said [1.1]."])))


def ask(actions: Actions, question: str, talk: Talk, session: str = "one", **how: object) -> Shown:
    *_, last = actions.ask(question, talk, session, **how)
    return last


def kept(library: Library, talk: Talk) -> list[str]:
    return [answer.question for answer in Talks(library).open(talk.id).answers]


def test_an_answer_is_kept_and_opens_as_it_was(actions: Actions, library: Library) -> None:
    talk = ask(actions, FERRY, Talk()).talk
    talk = ask(actions, BREAD, talk).talk

    assert kept(library, talk) == [FERRY, BREAD]
    assert Talks(library).open(talk.id) == talk
    assert [own.title for own in Talks(library).all()] == [FERRY]


def test_a_conversation_goes_on_where_only_its_name_is_known_and_a_wrong_name_begins_a_new_one(
    actions: Actions, library: Library
) -> None:
    """A page that outlived its server knows no more than that."""
    talk = ask(actions, FERRY, Talk()).talk
    talk = ask(actions, BREAD, Talks(library).found(talk.id)).talk
    assert kept(library, talk) == [FERRY, BREAD]
    assert Talks(library).found("gone") == Talks(library, "somebody").found(talk.id) == Talk()


def test_a_question_is_kept_before_it_is_answered_and_what_was_written_when_the_page_goes(
    actions: Actions, library: Library
) -> None:
    stream = actions.ask(FERRY, Talk(), "one")
    next(stream), next(stream)
    [listed] = Talks(library).all()
    assert Talks(library).open(listed.id).answers[0].state is State.STOPPED
    while not (shown := next(stream)).current.count("claim "):
        assert shown.writing
    stream.close()
    [answer] = Talks(library).open(listed.id).answers
    assert (answer.state, answer.text) == (State.STOPPED, "It is said. [1]")


def test_asking_again_puts_the_new_answer_in_the_place_of_the_turn_and_all_after_it(
    actions: Actions, library: Library
) -> None:
    talk = ask(actions, FERRY, Talk()).talk
    talk = ask(actions, BREAD, ask(actions, BREAD, talk).talk).talk
    again = ask(actions, "When does the museum open?", talk, instead=talk.said[1].turn).talk

    assert [answer.question for answer in again.answers] == [FERRY, "When does the museum open?"]
    assert Talks(library).open(talk.id) == again


def test_a_question_that_cannot_be_asked_leaves_everything_as_it_was(actions: Actions, library: Library) -> None:
    talk = ask(actions, FERRY, Talk()).talk
    failed = ask(actions, " ? ", talk, instead=talk.said[0].turn)

    assert (failed.failed, failed.talk) == (True, talk)
    assert FERRY in failed.earlier
    assert kept(library, talk) == [FERRY]
    assert ask(actions, "", Talk()).failed
    assert len(Talks(library).all()) == 1, "a conversation without a question is none"


def test_a_page_that_shows_something_else_by_now_gets_no_more_of_the_answer(actions: Actions, library: Library) -> None:
    stream = actions.ask(FERRY, Talk(), "one")
    next(stream), next(stream)
    actions.leave("one")
    assert list(stream) == []
    assert [own.title for own in Talks(library).all()] == [FERRY]


def test_a_conversation_that_was_deleted_on_another_page_goes_on_as_a_new_one(
    actions: Actions, library: Library
) -> None:
    talk = ask(actions, FERRY, Talk()).talk
    Talks(library).delete(talk.id)
    after = ask(actions, BREAD, talk).talk

    assert after.id != talk.id
    assert [answer.question for answer in after.answers] == [FERRY, BREAD]
    assert kept(library, after) == [BREAD]


def test_two_pages_do_not_mix(actions: Actions, library: Library) -> None:
    first, second = ask(actions, FERRY, Talk(), "one").talk, ask(actions, BREAD, Talk(), "two").talk
    first = ask(actions, BREAD, first, "one").talk
    assert (kept(library, first), kept(library, second)) == ([FERRY, BREAD], [BREAD])


def test_who_is_logged_in_has_conversations_of_their_own(actions: Actions, library: Library) -> None:
    ask(actions, FERRY, Talk(), owner="ada")
    ask(actions, BREAD, Talk(), "two", owner="bob")
    assert [[own.title for own in actions.talks(name).all()] for name in ("ada", "bob", "")] == [[FERRY], [BREAD], []]


def test_a_folder_that_was_sent_is_a_collection(actions: Actions, library: Library) -> None:
    actions.add("trips/2024/oban.txt", b"The ferry goes to Oban.", "")
    actions.add("oban.txt", b"The ferry went to Oban.", "")
    assert [own.name for own in library.collections()] == ["town", "trips", "uploads"]


def test_what_is_not_ticked_is_not_asked(actions: Actions) -> None:
    shown = ask(actions, FERRY, Talk(), narrowed='{"without": ["town"]}')
    assert "no collection is ticked" in shown.current
    shown = ask(actions, FERRY, Talk(), narrowed='{"until": "2001-01-01"}')
    assert "None of the documents is among those to answer from" in shown.current


@pytest.mark.parametrize(("form", "holds"), [("html", "<blockquote"), ("md", "\\[1\\]"), ("json", '"claims"')])
def test_a_conversation_or_one_turn_of_it_is_exported(actions: Actions, form: str, holds: str) -> None:
    talk = ask(actions, BREAD, ask(actions, FERRY, Talk()).talk).talk
    name, text = actions.talks("").export(talk.id, form)
    assert name == f"When does the ferry leave.{form}"
    assert (FERRY in text, BREAD in text) == (True, True)
    _, one = actions.talks("").export(talk.id, form, talk.said[1].turn)
    assert (FERRY in one, BREAD in one) == (False, True)
    assert holds in text or form == "html"
