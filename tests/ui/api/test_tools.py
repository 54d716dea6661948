"""The tools for other assistants, called by MCP's own client: in process, on stdio and over HTTP."""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from serving import QUESTION, SEEDS, UNANSWERABLE, places, places_of

from index.library import Library
from rag import Answer
from rag.generators import ExtractiveGenerator
from ui.api.answering import Answering
from ui.seat import Seat
from ui.tools import tool_server


def call(server: Any, act: Callable[[Client], Awaitable[Any]]) -> Any:
    """Connect to a server, and return what `act` returns."""

    async def connected() -> Any:
        async with Client(server) as client:
            return await act(client)

    return asyncio.run(connected())


def call_tool(server: Any, name: str, **arguments: object) -> Any:
    return call(server, lambda client: client.call_tool(name, arguments))


@pytest.fixture
def tools(library: Library) -> Any:
    return tool_server(library, Answering(library, Seat(ExtractiveGenerator())))


def test_there_are_three_tools_that_change_nothing(tools: Any) -> None:
    listed = call(tools, lambda client: client.list_tools()).tools

    assert [tool.name for tool in listed] == ["ask", "search", "read_passage"]
    assert all(tool.description and tool.output_schema for tool in listed)
    assert all(tool.annotations.read_only_hint and not tool.annotations.open_world_hint for tool in listed)


def test_ask_returns_the_citations_of_answer(tools: Any, expected: Answer) -> None:
    result = call_tool(tools, "ask", question=QUESTION)

    assert places(result.structured_content) == places_of(expected)
    assert result.content[0].text.startswith(f"{expected.text}\n\n---\n\n**Sources**\n\n[1] ")
    assert not result.is_error


def test_ask_says_that_the_documents_do_not_answer(tools: Any) -> None:
    result = call_tool(tools, "ask", question=UNANSWERABLE)

    assert result.content[0].text.startswith("The documents do not answer this.")
    assert result.structured_content["claims"] == []


def test_what_search_finds_can_be_read_whole(tools: Any, library: Library) -> None:
    found = call_tool(tools, "search", query="return of refugees", limit=2)
    first, _ = found.structured_content["passages"]
    read = call_tool(tools, "read_passage", passage_id=first["id"])
    [passage] = library.passages([first["id"]])

    assert read.structured_content["text"] == first["text"] == passage.text
    assert read.content[0].text == (
        f"Passage {passage.id}: {passage.document.title}, Call for return of refugees ({passage.document.source})\n"
        f"{passage.text}"
    )
    assert read.content[0].text in found.content[0].text


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("ask", {"question": "?"}, "the question is empty: type one"),
        ("read_passage", {"passage_id": 999_999}, "no passage has the number 999999"),
        ("search", {"query": "a", "limit": 51}, "less than or equal to 50"),
    ],
)
def test_a_mistake_is_told_to_the_assistant(tools: Any, name: str, arguments: dict[str, object], message: str) -> None:
    result = call_tool(tools, name, **arguments)

    assert result.is_error
    assert message in result.content[0].text


def test_the_logging_of_the_process_stays_as_it_is(library: Library) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    tool_server(library, Answering(library, Seat(ExtractiveGenerator())))

    assert (root.handlers, root.level) == before


def test_pincite_mcp_speaks_the_protocol_and_nothing_else_on_its_output(tmp_path: Path, expected: Answer) -> None:
    """With a library and paths, what is added is reported; that must not go where the protocol is spoken."""
    command = ["-c", "from ui.cli import main; main()", "mcp", str(SEEDS), "--library", str(tmp_path / "library")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(SEEDS.parent)}
    server = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=SEEDS.parent)
    result = call_tool(server, "ask", question=QUESTION)

    assert places(result.structured_content) == places_of(expected)
