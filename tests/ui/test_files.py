"""Originals are saved, by number alone and only with the content that was added; files that are sent are added."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from fastapi import FastAPI
from files import Put, pdf
from html_reading import HOSTILE
from starlette.testclient import TestClient

from index.embedders import MINILM, Embedder, open_embedder
from index.library import Library
from rag.generators import ExtractiveGenerator
from ui.actions import Actions
from ui.files import clean_name, clean_path, file_routes, saved_as
from ui.guard import Guard, Reach
from ui.seat import Seat

PAGE = b"<!doctype html><title>Ferry</title><p>The ferry leaves at dawn.</p><script>alert(1)</script>"


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder()


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    with Library(tmp_path / "library", lambda: embedder, MINILM) as library:
        yield library


@pytest.fixture
def client(library: Library) -> TestClient:
    app = FastAPI(openapi_url=None)
    app.add_middleware(Guard, reach=Reach())
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
    ["0", "-1", "2", "99999999999999999999", "-99999999999999999999", "1/../../library.db", "..%2flibrary.db",
     "%2e%2e/library.db", "library.db", "1%00", "1.0", "/etc/passwd", "١"],
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


def send(client: TestClient, name: str, data: bytes, password: str = "", collection: str = "") -> dict[str, object]:
    headers = {"x-pincite-password": quote(password)} if password else {}
    reply = client.post("/uploads", params={"name": name, "collection": collection}, content=data, headers=headers)
    assert reply.status_code == 200
    answer: dict[str, object] = reply.json()
    return answer


def test_each_file_is_answered_with_what_became_of_it(library: Library, client: TestClient) -> None:
    added = send(client, "notes/ferry.txt", b"The ferry leaves at dawn.")
    assert added == {"outcome": "added", "words": "added, 1 passage", "needs_password": False}
    assert send(client, "notes/ferry.txt", b"The ferry leaves at dawn.")["words"] == "is already here"
    assert send(client, "notes/ferry.txt", b"The ferry leaves at noon.")["words"] == "updated, 1 passage"
    assert send(client, "other/ferry.txt", b"")["words"] == "holds no text"
    assert [document.source for document in library.documents()] == ["notes/ferry.txt"]
    assert [collection.name for collection in library.collections()] == ["notes"]


def test_a_chosen_collection_takes_a_file_beside_one_of_the_same_name_elsewhere(
    library: Library, client: TestClient
) -> None:
    send(client, "ferry.txt", b"The ferry leaves at dawn.")
    assert send(client, "ferry.txt", b"The ferry leaves at noon.", collection=" sum\nmer ")["outcome"] == "added"
    assert send(client, "old/ferry.txt", b"The ferry left at six.", collection="summer")["outcome"] == "added"
    assert send(client, "old/bus.txt", b"The bus left at six.", collection="uploads")["outcome"] == "added"
    found = {own.name: own.documents for own in library.collections()}
    assert found == {"sum mer": 1, "summer": 1, "uploads": 2}
    assert [document.source for document in library.documents()] == [
        "ferry.txt", "sum mer/ferry.txt", "summer/old/ferry.txt", "old/bus.txt"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kept"), [("  Nests\n2024 ", "Nests 2024"), ("\0", ""), ("x" * 99, "x" * 80), ("../etc", "../etc")]
)
def test_a_collection_s_name_is_one_line(name: str, kept: str) -> None:
    assert clean_name(name) == kept


def test_an_encrypted_file_is_read_once_its_password_comes_with_it(library: Library, client: TestClient) -> None:
    data = pdf([[Put(60, 400, "The vault opens on Friday.")]], password="sésame & co")
    told = [send(client, "vault.pdf", data, password) for password in ("", "wrong", "sésame & co")]
    needed = [(answer["words"], answer["needs_password"]) for answer in told]

    assert needed == [
        ("needs its password", True),
        ("is encrypted, and that password does not open it", True),
        ("added, 1 passage", False),
    ]
    assert library.document(1).text == "The vault opens on Friday."


def test_an_encrypted_office_file_says_what_to_do_and_asks_for_no_password(client: TestClient) -> None:
    encrypted = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    for name in ("pay.docx", "pay.xlsx"):
        answer = send(client, name, encrypted)
        line = "is encrypted: open it with its password in its program and save it without one first"
        assert answer == {"outcome": "failed", "words": line, "needs_password": False}


def test_a_file_that_is_too_large_is_refused_without_being_held(
    library: Library, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.files.MAX_UPLOAD_BYTES", 10)
    reply = client.post("/uploads", params={"name": "a.txt"}, content=b"eleven long")

    assert (reply.status_code, reply.text) == (413, "more than 10 bytes: divide it\n")
    assert library.documents() == ()


def test_another_site_can_send_nothing(library: Library, client: TestClient) -> None:
    reply = client.post("/uploads?name=a.txt", content=b"A.", headers={"origin": "http://elsewhere.example"})

    assert reply.status_code == 403
    assert library.documents() == ()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.txt", "a.txt"),
        ("folder/.hidden/a.txt", "folder/.hidden/a.txt"),
        ("/etc/passwd", "etc/passwd"),
        ("../../etc/./passwd", "etc/passwd"),
        ("a\r\n\0b\u202e.txt", "ab.txt"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("x" * 2000 + ".txt", "x" * 996 + ".txt"),
    ],
)
def test_a_name_leads_nowhere(name: str, kept: str) -> None:
    assert clean_path(name) == kept
