"""Many people, one model: everybody sees their place, leaves it at will, and is answered by whom they asked."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import column, pdf
from html_reading import Reader
from waiting import until

from index.library import Library
from index.types import Span
from rag.generators import ExtractiveGenerator
from rag.generators.llama import LlamaGenerator
from ui.actions import Actions, Shown
from ui.chat import ASKERS
from ui.place import Place
from ui.seat import Seat
from ui.talks import Talk

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "What did Asif say about refugees?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("library")) as library:
        library.add([SEEDS])
        yield library


@pytest.fixture
def model(tiny_gguf: Path) -> Iterator[LlamaGenerator]:
    model = LlamaGenerator(tiny_gguf, max_tokens=40, threads=1)
    model.warm()
    yield model
    model.close()


class Asker:
    """A person who asks in a thread of their own, and what they have seen so far."""

    def __init__(self, actions: Actions, session: str) -> None:
        self.seen: list[Shown] = []
        self._stream = actions.ask(QUESTION, Talk(), session)
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        for shown in self._stream:
            self.seen.append(shown)

    @property
    def places(self) -> list[int]:
        """How many went first, each number once, in the order it was shown."""
        found = [re.search(r"Waiting: (\d+) question", shown.current) for shown in self.seen]
        return list(dict.fromkeys(int(match[1]) for match in found if match))

    def end(self) -> str:
        """Wait for the last of it; return its text."""
        self.thread.join(60)
        assert not self.thread.is_alive()
        assert not self.seen[-1].failed
        return Reader(self.seen[-1].current).text


def test_ten_people_at_once_all_see_their_place_and_all_are_answered(library: Library, model: LlamaGenerator) -> None:
    assert ASKERS >= 10, "none of them may stand in Gradio's own queue, which shows no place"
    actions = Actions(library, Seat(model))
    with model._turns.turn():
        askers = [Asker(actions, str(number)) for number in range(10)]
        until(lambda: all(asker.places for asker in askers))
        assert sorted(asker.places[0] for asker in askers) == list(range(1, 11))
    ends = [asker.end() for asker in askers]

    assert all("Tiny Random · first token" in end for end in ends)
    for asker in askers:
        assert asker.places == sorted(asker.places, reverse=True)
    assert all("Reading " in "".join(shown.current for shown in asker.seen) for asker in askers)


def test_stopping_while_others_go_first_gives_the_place_to_the_next_at_once(
    library: Library, model: LlamaGenerator
) -> None:
    actions = Actions(library, Seat(model))
    with model._turns.turn():
        first = Asker(actions, "first")
        until(lambda: first.places == [1])
        second = Asker(actions, "second")
        until(lambda: second.places == [2])
        actions.stop("first")
        assert "Stopped before the end." in first.end()
        until(lambda: second.places == [2, 1])
        assert len(model._turns._row) == 2
    assert "Tiny Random · first token" in second.end()


def test_a_change_of_the_model_waits_for_the_answers_that_were_asked_of_it(
    library: Library, model: LlamaGenerator
) -> None:
    seat = Seat(model)
    actions = Actions(library, seat)
    with model._turns.turn():
        before = Asker(actions, "before")
        until(lambda: before.places)
        seat.sit(ExtractiveGenerator())
        after = Asker(actions, "after")
        assert "quotes only · " in after.end()
        assert not model._closed.is_set()
    assert "Tiny Random · first token" in before.end()
    until(model._closed.is_set)


def test_who_is_stopped_in_the_row_holds_no_model_that_gave_way(library: Library, model: LlamaGenerator) -> None:
    seat = Seat(model)
    actions = Actions(library, seat)
    with model._turns.turn():
        asker = Asker(actions, "one")
        until(lambda: asker.places)
        seat.sit(ExtractiveGenerator())
        actions.stop("one")
        asker.end()
    until(model._closed.is_set)


def test_a_place_that_is_not_there_costs_one_line(library: Library) -> None:
    actions = Actions(library, Seat(ExtractiveGenerator()))

    assert Reader(actions.show_source(Place(99))[0]).text == "no document has the number 99"
    assert actions.show_source(Place(99))[1] == actions.show_source(Place(1))[1] == "", "neither is a PDF"
    assert Reader(actions.show_page(Place(99), 1)).text.endswith("only its text: no document has the number 99")
    assert "is no PDF that can be read" in Reader(actions.show_page(Place(1), 1)).text


def test_a_pdf_opens_at_the_page_of_the_clicked_sentence(tmp_path: Path) -> None:
    pages = [column(50, 700, ["The ferry leaves at dawn."]), column(50, 700, ["Dogs travel free."])]
    with Library.open(tmp_path / "library") as library:
        library.add_upload("guide.pdf", pdf(pages))
        actions = Actions(library, Seat(ExtractiveGenerator()))
        start = library.document(1).text.index("Dogs")
        clicked = Place(1, Span(start, start + len("Dogs travel free.")))
        wanted = Reader(actions.show_source(clicked)[1]).attributes
        second, first = (Reader(actions.show_page(clicked, number)) for number in (2, 1))

        assert wanted["data-wanted"] == ["2"]
        assert "box clicked" in second.attributes["class"]
        assert "box clicked" not in first.attributes["class"]
        assert "Back to page 2" in first.text
        assert actions.original(1) == ("guide.pdf", pdf(pages))
        for number in (0, 3):
            assert f"guide.pdf has no page {number}" in Reader(actions.show_page(clicked, number)).text
