"""What the README shows under "For programs" works as it stands there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from serving import QUESTION, places, places_of, served

from index.library import Library
from rag import Answer
from rag.generators import ExtractiveGenerator

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## For programs\n")[2].partition("\n## ")[0]
PORT = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def address(library: Library) -> Iterator[str]:
    with served(library, ExtractiveGenerator()) as address:
        yield address


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


def run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_curl_command_answers_the_question(address: str, expected: Answer) -> None:
    [command] = blocks("sh")
    answered = json.loads(run(["sh", "-c", command.replace(PORT, address).replace("curl ", "curl -s ")]))

    assert answered["question"] == QUESTION
    assert places(answered) == places_of(expected)


def test_the_example_for_openai_s_client_prints_the_answer_and_a_quote(address: str, expected: Answer) -> None:
    [code] = blocks("py")
    printed = run([sys.executable, "-c", code.replace(PORT, address)])

    assert printed.startswith(expected.text)
    assert printed.splitlines()[-1] == expected.citations[0].quote


def test_the_paths_that_it_names_are_there(address: str) -> None:
    named = set(re.findall(r"/v1/[a-z]+(?:/(?:\d+|completions))?", SECTION)) | {"/docs", "/openapi.json"}

    assert {"/v1/answer", "/v1/documents", "/v1/search", "/v1/passages/11"} <= named
    assert {httpx2.get(f"{address}{path}").status_code for path in named} == {200, 405}


def test_the_settings_for_an_assistant_start_the_tools() -> None:
    [settings] = blocks("json")

    assert json.loads(settings)["mcpServers"]["pincite"]["args"][0] == "mcp"
