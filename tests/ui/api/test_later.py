"""An application that is made with the first request for it."""

import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.api.later import Later


class Made:
    """Makes an application that says in which order it was made, began, answered and ended."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failures = 0

    def make(self) -> Starlette:
        self.events.append("made")
        assert self.may_go_on.wait(20)
        if self.failures:
            self.failures -= 1
            raise OSError("no such module")
        return Starlette(routes=[Route("/", lambda request: PlainTextResponse("here"))], lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self.events.append("began")
        yield
        self.events.append("ended")


@pytest.fixture
def made() -> Made:
    return Made()


@pytest.fixture
def client(made: Made) -> Iterator[TestClient]:
    later = Later(made.make)

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        async with later.running():
            yield

    with TestClient(Starlette(routes=[Route("/", endpoint=later)], lifespan=running)) as client:
        yield client


def test_it_is_made_with_the_first_request_and_ends_with_the_server(made: Made, client: TestClient) -> None:
    before = made.events.copy()
    replies = [client.get("/").text, client.get("/").text]
    asked = made.events.copy()
    client.__exit__()

    assert (before, replies) == ([], ["here", "here"])
    assert (asked, made.events) == (["made", "began"], ["made", "began", "ended"])


def test_requests_that_come_while_it_is_made_wait_for_it(made: Made, client: TestClient) -> None:
    made.may_go_on.clear()
    with ThreadPoolExecutor() as threads:
        replies = [threads.submit(client.get, "/") for _ in range(3)]
        threading.Timer(0.2, made.may_go_on.set).start()

        assert [reply.result().text for reply in replies] == ["here"] * 3
    assert made.events == ["made", "began"]


def test_where_it_cannot_be_made_the_next_request_tries_again(made: Made, client: TestClient) -> None:
    made.failures = 1
    with pytest.raises(OSError, match="no such module"):
        client.get("/")

    assert client.get("/").text == "here"
    assert made.events == ["made", "made", "began"]


def test_a_server_that_nobody_asked_for_it_ends_without_it(made: Made, client: TestClient) -> None:
    client.__exit__()

    assert made.events == []
