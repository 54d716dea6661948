"""Requests that are too large, and routes of Gradio that nobody needs."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.limits import MIB, Limits, is_open, limit_of


@pytest.mark.parametrize(
    ("path", "is_needed"),
    [
        ("/", True),
        ("/v1/answer", True),
        ("/theme.css", True),
        ("/gradio_api/queue/join", True),
        ("/gradio_api/run/predict", True),
        ("/uploads", True),
        ("/originals/1", True),
        ("/gradio_api/heartbeat/abc123", True),
        ("/gradio_api/upload", False),
        ("/gradio_api/upload_progress", False),
        ("/gradio_api/file=/tmp/gradio/x/a.txt", False),
        ("/gradio_api/file=http://elsewhere.example/", False),
        ("/gradio_api/file/etc/passwd", False),
        ("/gradio_api/proxy=https://elsewhere.example/", False),
        ("/gradio_api/vibe-edit", False),
        ("/gradio_api/run-history/buckets", False),
        ("/gradio_api/dev/reload", False),
        ("/gradio_api/deep_link", False),
        ("/gradio_api/stream/a/b", False),
        ("/monitoring", False),
        ("/monitoring/summary", False),
    ],
)
def test_only_what_the_page_needs_of_gradio_is_open(path: str, is_needed: bool) -> None:
    assert is_open(path) is is_needed


def test_an_upload_may_be_large_and_nothing_else() -> None:
    assert (limit_of("/uploads"), limit_of("/gradio_api/run/predict")) == (200 * MIB, 16 * MIB)
    assert limit_of("/v1/answer") == limit_of("/mcp") == limit_of("/login") == MIB


@pytest.fixture
def client() -> TestClient:
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app = Starlette(routes=[Route("/v1/answer", echo, methods=["POST"])])
    return TestClient(Limits(app), base_url="http://127.0.0.1:7860")


def test_a_body_as_long_as_is_allowed_is_taken_and_a_byte_more_is_not(client: TestClient) -> None:
    assert client.post("/v1/answer", content=b"x" * MIB).text == str(MIB)
    refused = client.post("/v1/answer", content=b"x" * (MIB + 1))

    assert refused.status_code == 413
    assert refused.json()["error"]["message"] == f"the request is {MIB + 1} bytes long, at most {MIB} are taken"


def test_a_body_of_unknown_length_is_not_taken(client: TestClient) -> None:
    refused = client.post("/v1/answer", content=iter([b"x"]))

    assert refused.status_code == 411
