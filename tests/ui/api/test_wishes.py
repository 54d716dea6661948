"""How an answer is wanted, as programs say it: over what the library keeps, for that one answer."""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest
from fakes import ScriptedGenerator
from serving import QUESTION, SEEDS, client_of
from starlette.testclient import TestClient

from index.library import Library
from rag.generators.base import Written
from rag.manner import Manner, Strictness
from rag.types import Given, Turn

SAID = [{"role": "user", "content": QUESTION}]


class NotingGenerator(ScriptedGenerator):
    """Writes what it is told, and notes what it was given."""

    given: Given

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        self.given = given
        yield from super().draft(question, given, history)


@pytest.fixture(scope="module")
def generator() -> NotingGenerator:
    return NotingGenerator(["Asif spoke [1.1]."])


@pytest.fixture(scope="module")
def client(generator: NotingGenerator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a library in which two passages and French were chosen."""
    folder: Path = tmp_path_factory.mktemp("library")
    with Library.open(folder) as library:
        library.add([SEEDS])
        library.choices().keep("passages", "2")
        library.choices().keep("language", "fr")
        with client_of(library, generator) as client:
            yield client


@pytest.mark.parametrize(
    ("wishes", "manner"),
    [
        ({}, Manner(2, Strictness.AUTO, "fr")),
        ({"passages": 1, "strictness": "grounded"}, Manner(1, Strictness.GROUNDED, "fr")),
        ({"language": "auto", "strictness": None}, Manner(2, Strictness.AUTO, "auto")),
    ],
)
def test_what_a_request_says_comes_before_what_the_library_keeps(
    client: TestClient, generator: NotingGenerator, wishes: dict[str, object], manner: Manner
) -> None:
    for path, body in (
        ("answer", {"question": QUESTION, **wishes}),
        ("answer", {"question": QUESTION, "stream": True, **wishes}),
        ("chat/completions", {"messages": SAID, "pincite": wishes}),
    ):
        reply = client.post(f"/v1/{path}", json=body)

        assert reply.status_code == 200
        assert generator.given.manner == manner
        assert len(generator.given.passages) == manner.passages


def test_a_model_s_own_words_are_withheld_from_a_request_for_quotations(client: TestClient) -> None:
    reply = client.post("/v1/answer", json={"question": QUESTION, "strictness": "strict"}).json()

    assert reply["claims"] == []
    assert reply["withheld"] == [{"text": "Asif spoke [1.1].", "reason": "own words, where only quotations are wanted"}]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"passages": 0}, "passages: Input should be greater than or equal to 1"),
        ({"passages": 11}, "passages: Input should be less than or equal to 10"),
        ({"strictness": "lax"}, "strictness: Input should be 'auto', 'strict' or 'grounded'"),
        ({"language": "xx"}, "language: Input should be 'auto', 'ar', 'de', 'en', 'es', 'fr', 'hi', 'ja', 'ru'"),
    ],
)
def test_what_cannot_be_wanted_is_told_with_what_can(
    client: TestClient, wishes: dict[str, object], message: str
) -> None:
    reply = client.post("/v1/answer", json={"question": QUESTION, **wishes})

    assert reply.status_code == 422
    assert message in reply.json()["error"]["message"]
