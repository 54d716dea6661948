"""Only this machine's own page is answered."""

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.guard import POLICY, LocalOnly, is_local


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("127.0.0.1:7860", None, True),
        ("localhost:7860", None, True),
        ("127.0.0.1:7860", "http://127.0.0.1:7860", True),
        ("rebound.example:7860", None, False),
        ("127.0.0.1.example:7860", None, False),
        ("127.0.0.1@rebound.example", None, False),
        ("", None, False),
        ("127.0.0.1:7860", "http://elsewhere.example", False),
        ("127.0.0.1:7860", "http://127.0.0.1:9999", False),
        ("127.0.0.1:7860", "null", False),
    ],
)
def test_host_and_origin_must_be_this_server(host: str, origin: str | None, allowed: bool) -> None:
    headers = {"host": host} if origin is None else {"host": host, "origin": origin}
    assert is_local(Headers(headers)) is allowed


def test_a_stranger_gets_nothing_and_the_page_gets_its_policy() -> None:
    def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("private")

    client = TestClient(LocalOnly(Starlette(routes=[Route("/", page)])), base_url="http://127.0.0.1:7860")
    own = client.get("/")
    assert (own.status_code, own.text) == (200, "private")
    assert own.headers["content-security-policy"] == POLICY
    stranger = client.get("/", headers={"host": "rebound.example"})
    assert stranger.status_code == 403
    assert "private" not in stranger.text
