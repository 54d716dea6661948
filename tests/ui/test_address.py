"""Where a server listens, and that nobody gets in who may not: the whole server, Gradio's page included."""

import asyncio
import html
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from index.library import Library
from rag.generators import ExtractiveGenerator
from rag.settings import load_settings
from ui.access import Access, AccessError, AccessFile
from ui.actions import Actions
from ui.address import Address, PortError, check_login, listen, protect
from ui.api.answering import Answering
from ui.api.app import programs_app
from ui.chooser import Chooser
from ui.seat import Seat
from ui.serve import mount_page

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "What did Asif say about refugees?"
PASSWORD = "the ferry leaves at nine"
NETWORK = Address("0.0.0.0")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_taken_port_is_passed_over() -> None:
    with listen(17860) as first, listen(first.getsockname()[1]) as second:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert second.getsockname()[1] > first.getsockname()[1]


def test_where_no_port_is_free_the_error_says_what_to_do() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 65535))
        taken.listen()
        with pytest.raises(PortError, match=r"no port from 65535 to 65535 is free: .* --port another number"):
            listen(65535)


@pytest.mark.parametrize(
    ("address", "is_needed"),
    [
        (Address(), False),
        (Address("localhost"), False),
        (Address("127.0.0.2"), False),
        (Address("::1"), False),
        (Address(login=True), True),
        (Address(names=("library.example",)), True),
        (Address("0.0.0.0"), True),
        (Address("192.168.1.5"), True),
        (Address("::"), True),
        (Address("library.example"), True),
    ],
)
def test_a_login_is_needed_wherever_somebody_else_may_reach_the_server(address: Address, is_needed: bool) -> None:
    assert address.needs_login is is_needed


def test_the_address_to_open_can_be_opened() -> None:
    assert Address().url(7860) == Address("0.0.0.0").url(7860) == "http://127.0.0.1:7860"
    assert Address("::1").url(7860) == "http://[::1]:7860"
    assert Address("192.168.1.5").url(7860) == "http://192.168.1.5:7860"


def test_where_nobody_could_log_in_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="nobody can log in yet: pincite user add NAME"):
        check_login(NETWORK, AccessFile(tmp_path / "access.json"))
    check_login(Address(), AccessFile(tmp_path / "access.json"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[object, Path]]:
    """The application with page, programs' routes and tools, unprotected; and its library's folder."""
    folder = tmp_path_factory.mktemp("library")
    with Library.open(folder) as library:
        library.add([SEEDS])
        seat = Seat(ExtractiveGenerator())
        app = programs_app(library, Answering(library, seat))
        settings = replace(load_settings(), model=None, server=None, library=folder)

        async def mount() -> None:  # without a loop that runs, Gradio makes one and never closes it
            mount_page(app, Actions(library, seat), Chooser(seat, settings))

        asyncio.run(mount())
        with TestClient(app):
            yield app, folder


@pytest.fixture(scope="module")
def local(whole: tuple[object, Path], tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A client of the server as it is for this machine alone."""
    protected = protect(whole[0], Address(), AccessFile(tmp_path_factory.mktemp("none") / "access.json"))
    return TestClient(protected, base_url="http://127.0.0.1:7860", follow_redirects=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> AccessFile:
    file = AccessFile(tmp_path_factory.mktemp("settings") / "access.json")
    file.save(Access().with_user("ada", PASSWORD))
    return file


@pytest.fixture
def remote(whole: tuple[object, Path], file: AccessFile) -> TestClient:
    """A client of the server as it is on a network, who has not logged in, and fails as if for the first time."""
    return TestClient(protect(whole[0], NETWORK, file), base_url="http://192.168.1.5:7860", follow_redirects=False)


def log_in(client: TestClient, name: str = "ada", password: str = PASSWORD, **headers: str) -> object:
    return client.post("/login", data={"name": name, "password": password}, headers=headers)


PATHS = ["/", "/config", "/theme.css", "/v1/documents", "/docs", "/openapi.json", "/mcp", "/gradio_api/queue/data"]


@pytest.mark.parametrize(
    "path", [*PATHS, "/uploads?name=a.txt", "/originals/1", "/gradio_api/file=/etc/passwd", "/login/", "//v1/x"]
)
def test_nothing_is_given_without_a_login(remote: TestClient, path: str) -> None:
    for method in ("GET", "POST"):
        reply = remote.request(method, path)
        assert reply.status_code in (401, 404)
        assert reply.json()["error"]["type"] in ("authentication_error", "not_found_error")


def test_a_person_is_led_to_the_form_and_by_it_to_the_page(remote: TestClient) -> None:
    led = remote.get("/", headers={"Accept": "text/html"})
    form = remote.get(led.headers["location"])
    logged_in = log_in(remote)
    cookie = logged_in.headers["set-cookie"]

    assert (led.status_code, led.headers["location"], form.status_code) == (303, "/login", 200)
    assert 'type="password"' in form.text
    assert (logged_in.status_code, logged_in.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "gradio_config" in remote.get("/").text
    assert remote.post("/v1/answer", json={"question": QUESTION}).status_code == 200


def test_the_cookie_is_kept_to_tls_where_there_is_tls(whole: tuple[object, Path], file: AccessFile) -> None:
    client = TestClient(protect(whole[0], NETWORK, file), base_url="https://192.168.1.5", follow_redirects=False)

    assert "Secure" in log_in(client).headers["set-cookie"].split("; ")


def test_who_logs_out_is_out(remote: TestClient) -> None:
    log_in(remote)
    key = remote.cookies["pincite_session"]
    assert remote.get("/v1/documents").status_code == 200
    assert remote.get("/logout").status_code == 200
    assert remote.get("/v1/documents").status_code == 200, "a link cannot log anybody out"
    assert remote.post("/logout").headers["location"] == "/login"
    again = remote.get("/v1/documents", headers={"Cookie": f"pincite_session={key}"})
    assert again.status_code == 401


def test_a_wrong_password_is_refused_and_the_next_attempt_must_wait(remote: TestClient) -> None:
    wrong = log_in(remote, password="the ferry leaves at ten")
    hurried = log_in(remote)

    assert wrong.status_code == 401
    assert "do not belong together" in wrong.text
    assert "set-cookie" not in wrong.headers
    assert (hurried.status_code, hurried.headers["retry-after"]) == (429, "1")
    assert "set-cookie" not in hurried.headers


def test_a_name_on_the_form_becomes_no_markup(remote: TestClient) -> None:
    assert "<script>" not in log_in(remote, name="<script>alert(1)</script>").text


def test_a_program_gets_in_with_a_token_until_it_is_removed(remote: TestClient, file: AccessFile) -> None:
    before = file.load()
    access, token = before.with_token("reader")
    file.save(access)
    sent = {"Authorization": f"Bearer {token}"}
    answered = remote.post("/v1/answer", json={"question": QUESTION}, headers=sent)
    wrong = remote.get("/v1/documents", headers={"Authorization": f"Bearer {token}x"})
    file.save(before)

    assert answered.json()["citations"]
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")
    assert remote.get("/v1/documents", headers=sent).status_code == 401


def test_a_file_of_users_that_breaks_lets_nobody_in(whole: tuple[object, Path], tmp_path: Path) -> None:
    file = AccessFile(tmp_path / "access.json")
    file.save(Access().with_token("reader")[0])
    client = TestClient(protect(whole[0], NETWORK, file), base_url="http://192.168.1.5:7860")
    file.path.write_text("{", encoding="utf-8")

    assert client.get("/v1/documents").status_code == 500


POSTED = ["/uploads?name=a.txt", "/v1/answer", "/v1/search", "/v1/chat/completions", "/mcp", "/gradio_api/run/predict",
          "/gradio_api/queue/join", "/gradio_api/component_server"]  # fmt: skip


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example:7860"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_another_site_can_post_nowhere(local: TestClient, path: str, headers: dict[str, str]) -> None:
    reply = local.post(path, json={"question": QUESTION, "query": "a"}, headers=headers)

    assert reply.status_code == 403
    assert "asif" not in reply.text.lower()


def test_another_site_cannot_log_anybody_in(remote: TestClient) -> None:
    assert log_in(remote, Origin="http://elsewhere.example").status_code == 403


ESCAPES = [
    "/etc/passwd", "../../../../etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%2f..%2f..%2fetc%2fpasswd",
    "%252e%252e%252fetc%252fpasswd", "/proc/self/environ", "....//....//etc/passwd", "\\..\\..\\etc\\passwd",
    "/etc/passwd%00.txt", "file:///etc/passwd", "pyproject.toml", "README.md", "seeds/000_15bae5066eb9f954.txt",
]  # fmt: skip
PLACES = ["/gradio_api/file=", "/gradio_api/file/", "/static/", "/assets/", "/svelte/", "/gradio_api/custom_component/"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("escape", ESCAPES)
def test_no_path_leads_out_of_what_the_page_may_show(local: TestClient, place: str, escape: str) -> None:
    reply = local.get(f"{place}{escape}")

    assert reply.status_code in (400, 403, 404)
    assert "root:" not in reply.text
    assert "Asif" not in reply.text


def test_the_library_and_the_users_cannot_be_fetched_as_files(
    local: TestClient, whole: tuple[object, Path], file: AccessFile
) -> None:
    for path in (whole[1] / "library.db", file.path, SEEDS / "000_15bae5066eb9f954.txt"):
        assert path.is_file()
        assert local.get(f"/gradio_api/file={path}").status_code == 404


def test_the_server_fetches_nothing_for_anybody(local: TestClient) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as elsewhere:
        elsewhere.settimeout(0.2)
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        for way in ("file=", "file=/", "proxy="):
            assert local.get(f"/gradio_api/{way}{address}").status_code == 404
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_an_upload_that_says_it_is_too_large_is_refused_before_it_comes(local: TestClient) -> None:
    reply = local.post("/uploads?name=a.txt", content=b"", headers={"Content-Length": str(200 * 2**20 + 1)})

    assert reply.status_code == 413


def test_the_page_s_inline_scripts_are_all_named_in_its_policy(local: TestClient) -> None:
    page = local.get("/")
    inline = re.findall(r"<script(?![^>]* src=)[^>]*>", page.text)
    policy = html.unescape(page.headers["content-security-policy"])

    assert len(re.findall(r"'sha256-", policy)) == len(inline) >= 2
    assert "'unsafe-inline'" not in re.search(r"script-src [^;]*", policy)[0]
