"""What is said of answers: kept, said otherwise, taken back, and nobody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.errors import NotInLibrary
from index.feedback import WHOLE, Verdict
from index.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path, WordEmbedder, "words") as library:
        yield library


def ask(library: Library, owner: str = "") -> tuple[str, int]:
    conversations = library.conversations(owner)
    id_ = conversations.begin("When does the ferry leave?")
    return id_, conversations.add(id_, "{}", ["ferry"])


def test_what_was_said_last_counts_and_can_be_taken_back(library: Library) -> None:
    id_, turn = ask(library)
    feedback = library.feedback()
    feedback.say(turn, WHOLE, Verdict.HELPFUL)
    feedback.say(turn, WHOLE, Verdict.NOT_HELPFUL)
    feedback.say(turn, 2, Verdict.UNSUPPORTED)

    assert feedback.of(id_) == {turn: {WHOLE: Verdict.NOT_HELPFUL, 2: Verdict.UNSUPPORTED}}
    assert [(own.conversation, own.turn) for own in feedback.all()] == [(id_, turn)]
    feedback.take_back(turn, WHOLE)
    assert feedback.of(id_) == {turn: {2: Verdict.UNSUPPORTED}}
    feedback.take_back(turn, 2)
    feedback.take_back(turn, 2)
    assert feedback.all() == ()


def test_it_goes_with_its_answer(library: Library) -> None:
    id_, turn = ask(library)
    library.feedback().say(turn, WHOLE, Verdict.HELPFUL)
    library.conversations().delete(id_)

    assert library.feedback().all() == ()
    with pytest.raises(NotInLibrary, match=f"no answer with the number {turn}"):
        library.feedback().say(turn, WHOLE, Verdict.HELPFUL)


def test_nobody_judges_anothers_answers(library: Library) -> None:
    id_, turn = ask(library, "ada")
    library.feedback("ada").say(turn, WHOLE, Verdict.HELPFUL)

    for act in (lambda: library.feedback("eve").say(turn, 1, Verdict.UNSUPPORTED),
                lambda: library.feedback("eve").take_back(turn, WHOLE)):  # fmt: skip
        with pytest.raises(NotInLibrary):
            act()
    assert library.feedback("eve").all() == ()
    assert library.feedback("ada").of(id_) == {turn: {WHOLE: Verdict.HELPFUL}}


@pytest.mark.parametrize(("citation", "verdict"), [(WHOLE, Verdict.UNSUPPORTED), (1, Verdict.HELPFUL)])
def test_an_answer_is_helpful_and_a_citation_supports(library: Library, citation: int, verdict: Verdict) -> None:
    _, turn = ask(library)
    with pytest.raises(NotInLibrary, match="it cannot be said that it is"):
        library.feedback().say(turn, citation, verdict)
