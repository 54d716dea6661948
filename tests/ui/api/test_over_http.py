"""The application behind a real socket: MCP over HTTP, many askers at once, and callers who hang up."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from serving import QUESTION, places, places_of, served
from test_tools import call_tool
from waiting import until

from bench.askers import ask_all, write_documents
from index.library import Library
from rag import Answer
from rag.generators import ExtractiveGenerator
from rag.generators.llama import LlamaGenerator


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with served(library, ExtractiveGenerator()) as address:
        yield address


def test_the_tools_answer_over_http_as_answer_does(address: str, expected: Answer) -> None:
    result = call_tool(f"{address}/mcp", "ask", question=QUESTION)

    assert places(result.structured_content) == places_of(expected)


def test_eight_who_ask_at_once_get_each_their_own_answer(tmp_path: Path) -> None:
    asked = write_documents(tmp_path, 8)
    with Library.open(tmp_path / "library") as library:
        library.add([Path(one.source) for one in asked])
        with served(library, ExtractiveGenerator()) as address:
            outcomes = ask_all(address, asked, rounds=2)

    assert [outcome.error for outcome in outcomes] == [""] * 16
    assert [outcome.mixed for outcome in outcomes] == [False] * 16


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_who_hangs_up_leaves_the_row_before_the_model(library: Library, tiny_gguf: Path, stream: bool) -> None:
    model = LlamaGenerator(tiny_gguf, max_tokens=40, threads=1)
    model.warm()
    body = json.dumps({"question": QUESTION, "stream": stream}).encode()
    head = f"POST /v1/answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    with closing(model), served(library, model) as address, model._turns.turn():
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as caller:
            caller.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
            until(lambda: len(model._turns._row) == 2)
        until(lambda: len(model._turns._row) == 1)
