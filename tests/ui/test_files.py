"""Originals are saved, by number alone, and only with the content that was added."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from html_reading import HOSTILE
from starlette.testclient import TestClient

from index.library import Library
from rag.generators import ExtractiveGenerator
from ui.actions import Actions
from ui.files import file_routes, saved_as
from ui.guard import LocalOnly
from ui.seat import Seat

PAGE = b"<!doctype html><title>Ferry</title><p>The ferry leaves at dawn.</p><script>alert(1)</script>"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as library:
        yield library


@pytest.fixture
def client(library: Library) -> TestClient:
    app = FastAPI(openapi_url=None)
    app.add_middleware(LocalOnly)
    app.include_router(file_routes(Actions(library, Seat(ExtractiveGenerator()))))
    return TestClient(app, base_url="http://127.0.0.1:7860")


def test_an_original_is_saved_and_never_shown(library: Library, client: TestClient) -> None:
    library.add_upload("ferry.html", PAGE)
    reply = client.get("/originals/1")

    assert (reply.status_code, reply.content) == (200, PAGE)
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''ferry.html"
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_was_changed_or_moved_since_is_not_given_out(
    library: Library, client: TestClient, tmp_path: Path
) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text("The ferry leaves at dawn.", encoding="utf-8")
    library.add([path])
    assert client.get("/originals/1").text == "The ferry leaves at dawn."
    path.write_text("A secret that was never added.", encoding="utf-8")
    changed = client.get("/originals/1")
    assert changed.status_code == 404
    assert changed.text.endswith("ferry.txt was moved or has changed: add it again\n")
    path.unlink()
    assert client.get("/originals/1").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["0", "-1", "2", "99999999999999999999", "1/../../library.db", "..%2flibrary.db", "%2e%2e/library.db", "library.db",
     "1%00", "1.0", "/etc/passwd", "١"],
)  # fmt: skip
def test_nothing_but_a_document_s_own_file_can_be_had(library: Library, client: TestClient, path: str) -> None:
    library.add_upload("ferry.txt", b"The ferry leaves at dawn.")
    reply = client.get(f"/originals/{path}")
    assert reply.status_code in (404, 422) or reply.content == b"The ferry leaves at dawn."
    assert b"SQLite" not in reply.content


def test_a_stranger_gets_no_original(library: Library, client: TestClient) -> None:
    library.add_upload("ferry.html", PAGE)
    assert client.get("/originals/1", headers={"host": "rebound.example"}).status_code == 403
    assert client.get("/originals/1", headers={"origin": "http://elsewhere.example"}).status_code == 403


@pytest.mark.parametrize("name", [*HOSTILE, "Zürich 你好.pdf", 'a"; filename="b.exe', "a\r\nSet-Cookie: b", "\ud800"])
def test_any_name_is_one_header_of_plain_letters(name: str) -> None:
    header = saved_as(name)["Content-Disposition"]
    prefix, _, encoded = header.partition("''")

    assert prefix == "attachment; filename*=UTF-8"
    assert encoded.isascii()
    assert not set(encoded) & set(" \"';\r\n<>/")
    assert unquote(encoded) == name.encode("utf-8", "replace").decode()
