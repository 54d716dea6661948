"""Only this server's own pages are answered, and programs that call it by its name."""

import hashlib
from base64 import b64encode

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.guard import Guard, Reach, is_foreign, is_ours
from ui.policy import NOTHING

NETWORK = Reach(frozenset({"localhost", "library.example"}), takes_addresses=True)


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("127.0.0.1:7860", None, True),
        ("localhost:7860", None, True),
        ("[::1]:7860", None, True),
        ("127.0.0.1:7860", "http://127.0.0.1:7860", True),
        ("rebound.example:7860", None, False),
        ("127.0.0.1.example:7860", None, False),
        ("127.0.0.1@rebound.example", None, False),
        ("rebound.example@127.0.0.1", None, False),
        ("192.168.1.5:7860", None, False),
        ("[", None, False),
        ("", None, False),
        ("127.0.0.1:7860", "http://elsewhere.example", False),
        ("127.0.0.1:7860", "http://127.0.0.1:9999", False),
        ("127.0.0.1:7860", "null", False),
        ("127.0.0.1:7860", "", False),
    ],
)
def test_host_and_origin_must_be_this_server(host: str, origin: str | None, allowed: bool) -> None:
    headers = {"host": host} if origin is None else {"host": host, "origin": origin}
    assert is_ours(Headers(headers), Reach()) is allowed


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("192.168.1.5:7860", True),
        ("[fd00::5]:7860", True),
        ("library.example", True),
        ("LIBRARY.example:7860", True),
        ("rebound.example", False),
        ("192.168.1.5.rebound.example", False),
    ],
)
def test_on_a_network_numbers_and_its_own_names_are_taken_and_no_other(host: str, allowed: bool) -> None:
    assert is_ours(Headers({"host": host}), NETWORK) is allowed


def test_a_page_behind_a_proxy_with_tls_is_the_server_s_own() -> None:
    assert is_ours(Headers({"host": "library.example", "origin": "https://library.example"}), NETWORK)


@pytest.mark.parametrize(
    ("site", "mode", "destination", "method", "foreign"),
    [
        ("same-origin", "cors", "empty", "POST", False),
        ("none", "navigate", "document", "GET", False),
        ("cross-site", "navigate", "document", "GET", False),
        ("cross-site", "navigate", "document", "POST", True),
        ("cross-site", "navigate", "iframe", "GET", True),
        ("cross-site", "no-cors", "image", "GET", True),
        ("same-site", "no-cors", "script", "GET", True),
    ],
)
def test_another_site_s_page_may_link_here_and_nothing_else(
    site: str, mode: str, destination: str, method: str, foreign: bool
) -> None:
    sent = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination}
    assert is_foreign(Headers(sent), method) is foreign


def client_of(reply: HTMLResponse | PlainTextResponse, path: str) -> TestClient:
    def page(request: Request) -> HTMLResponse | PlainTextResponse:
        return reply

    return TestClient(Guard(Starlette(routes=[Route(path, page)]), Reach()), base_url="http://127.0.0.1:7860")


def test_the_page_s_own_scripts_may_run_and_no_other() -> None:
    script = "window.own = '</b>';"
    page = f'<html><script data-x="1">{script}</script><script src="/a.js"></script><p onclick="other()"></html>'
    reply = client_of(HTMLResponse(page), "/").get("/")
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert reply.text == page
    [allowed] = [part for part in reply.headers["content-security-policy"].split("; ") if part.startswith("script-src")]
    assert allowed == f"script-src 'self' 'unsafe-eval' 'sha256-{digest}'"


def test_what_is_no_page_may_do_nothing_if_it_is_opened() -> None:
    reply = client_of(HTMLResponse("<script>alert(1)</script>"), "/gradio_api/file=x.html").get(
        "/gradio_api/file=x.html"
    )

    assert reply.headers["content-security-policy"] == NOTHING
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["referrer-policy"] == "same-origin"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_stranger_gets_nothing() -> None:
    reply = client_of(PlainTextResponse("private"), "/").get("/", headers={"host": "rebound.example"})

    assert reply.status_code == 403
    assert "private" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"
