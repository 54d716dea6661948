"""A question of some of the documents only: over HTTP, in OpenAI's format and through the tools."""

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from mcp import Client
from serving import client_of, served
from starlette.testclient import TestClient

from index.library import Library
from rag.generators import ExtractiveGenerator
from ui.api.answering import Answering
from ui.seat import Seat
from ui.tools import tool_server

ASKED = "When does the ferry to Lindholm leave?"
SAID = {"role": "user", "content": ASKED}
SUMMER, WINTER = (f"The ferry to Lindholm leaves the old quay at {time} every morning." for time in ("07:40", "09:15"))


@pytest.fixture(scope="module")
def timetables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of two collections that answer the same question differently."""
    folder = tmp_path_factory.mktemp("timetables")
    for name, text in (("summer/ferry.txt", SUMMER), ("winter/ferry.md", WINTER)):
        path = folder / name
        path.parent.mkdir()
        path.write_text(text)
    with Library.open(folder / "library") as library:
        library.add([folder / "summer", folder / "winter"])
        yield library


@pytest.fixture(scope="module")
def asked(timetables: Library) -> Iterator[TestClient]:
    with client_of(timetables, ExtractiveGenerator()) as client:
        yield client


def quotes(answered: dict[str, Any]) -> list[str]:
    return [citation["quote"] for citation in answered["citations"]]


def call(library: Library, name: str, **arguments: object) -> Any:
    """Call a tool of the server of `library`."""

    async def connected() -> Any:
        async with Client(tool_server(library, Answering(library, Seat(ExtractiveGenerator())))) as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(connected())


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"collections": ["winter"]}, [WINTER]),
        ({"types": ["Text"]}, [SUMMER]),
        ({"collections": ["summer", "winter"], "documents": [2]}, [WINTER]),
        ({"since": "2000-01-01", "until": "9999-12-31", "collections": ["summer"]}, [SUMMER]),
        ({"until": "0001-01-01"}, []),
    ],
)
def test_an_answer_rests_on_what_is_named(asked: TestClient, narrowed: dict[str, object], expected: list[str]) -> None:
    reply = asked.post("/v1/answer", json={"question": ASKED, **narrowed})

    assert (reply.status_code, quotes(reply.json())) == (200, expected)


def test_a_search_finds_nothing_elsewhere(asked: TestClient) -> None:
    everywhere, winter = (
        asked.post("/v1/search", json={"query": "ferry Lindholm", **narrowed}).json()["passages"]
        for narrowed in ({}, {"collections": ["winter"]})
    )

    assert sorted(passage["text"] for passage in everywhere) == [SUMMER, WINTER]
    assert [passage["text"] for passage in winter] == [WINTER]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("answer", {"question": ASKED, "collections": ["spring"]}),
        ("answer", {"question": ASKED, "collections": ["spring"], "stream": True}),
        ("search", {"query": ASKED, "collections": ["spring"]}),
        ("chat/completions", {"messages": [SAID], "pincite": {"collections": ["spring"]}}),
    ],
)
def test_a_collection_that_is_not_there_is_an_error_that_names_those_that_are(
    asked: TestClient, path: str, body: dict[str, object]
) -> None:
    reply = asked.post(f"/v1/{path}", json=body)

    assert reply.status_code == 404
    assert reply.json()["error"] == {
        "message": "no collection is called spring: there is summer, winter", "type": "not_found_error"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("narrowed", "message"),
    [
        ({"collection": "winter"}, "collection: Extra inputs are not permitted"),
        ({"documents": [0]}, "documents.0: Input should be greater than or equal to 1"),
        ({"since": "yesterday"}, "since: Input should be a valid date"),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_told(
    asked: TestClient, narrowed: dict[str, object], message: str
) -> None:
    reply = asked.post("/v1/answer", json={"question": ASKED, **narrowed})

    assert reply.status_code == 422
    assert message in reply.json()["error"]["message"]


def test_openais_client_narrows_through_an_extra_field(timetables: Library) -> None:
    with served(timetables, ExtractiveGenerator()) as address:
        chat = openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0)
        reply = chat.chat.completions.create(
            model="pincite",
            messages=[SAID],
            extra_body={"pincite": {"collections": ["winter"]}},
        )

    assert quotes(reply.model_extra["pincite"]) == [WINTER]


def test_the_tools_narrow_as_well_and_tell_of_a_collection_that_is_not_there(timetables: Library) -> None:
    answered = call(timetables, "ask", question=ASKED, only={"collections": ["winter"]})
    found = call(timetables, "search", query=ASKED, only={"types": ["text"]})
    wrong = call(timetables, "ask", question=ASKED, only={"collections": ["spring"]})

    assert quotes(answered.structured_content) == [WINTER]
    assert [passage["text"] for passage in found.structured_content["passages"]] == [SUMMER]
    assert wrong.is_error
    assert "no collection is called spring: there is summer, winter" in wrong.content[0].text
