"""What the tests of programs share."""

from collections.abc import Iterator

import pytest
from serving import QUESTION, SEEDS, client_of
from starlette.testclient import TestClient

from index.library import Library
from rag import Answer, answer
from rag.generators import ExtractiveGenerator


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of the seed article."""
    with Library.open(tmp_path_factory.mktemp("library")) as library:
        library.add([SEEDS])
        yield library


@pytest.fixture(scope="module")
def client(library: Library) -> Iterator[TestClient]:
    """A client of the seed article's library, answered by quotes."""
    with client_of(library, ExtractiveGenerator()) as client:
        yield client


@pytest.fixture(scope="session")
def expected(library: Library) -> Answer:
    """What Python's `answer` returns for the question."""
    return answer(QUESTION, library=library, generator=ExtractiveGenerator())
