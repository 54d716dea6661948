"""A real server, and a real Chromium that looks at it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import SEEDS, Server, command_line, environment_of, free_port
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

# Without these Chromium itself, not the page, would speak to its maker.
QUIET = "--disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run"
CHROMIUM_OPTIONS = [*QUIET.split(), "--no-sandbox", "--disable-gpu"]

expect.set_options(timeout=20_000)


Start = Callable[..., Server]


@contextmanager
def starting(folders: pytest.TempPathFactory) -> Iterator[Start]:
    """Yield what starts a server: `start()` the command line on `documents`, `start(script, …)` a script of the tests.

    It has an empty home, or `home`, and the environment's variables that are given.
    """
    os.environ["NO_PROXY"] = "127.0.0.1"
    servers: list[Server] = []

    def start(*script: object, home: Path | None = None, documents: Path = SEEDS, **environment: str) -> Server:
        folder, port = folders.mktemp("server"), free_port()
        library = folder / "library"
        serve = command_line("serve", documents, "--library", library, "--no-browser", "--port", port)
        command = [sys.executable, *map(str, script), str(library), str(port)] if script else serve
        own = environment_of(home or folder, **environment)
        servers.append(Server(command, f"http://127.0.0.1:{port}", library, own))
        servers[-1].wait_until_up()
        return servers[-1]

    yield start
    for server in servers:
        server.interrupt()


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a server, which ends with the test module."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def start_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a server that many test modules use: it takes longer to start than they take."""
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def chat(start_for_all: Start) -> Server:
    """The chat on the seed article."""
    return start_for_all()


@pytest.fixture(scope="module")
def server(chat: Server) -> Iterator[Server]:
    """The chat on the seed article, whose library each test module finds as new. It has nothing to complain of."""
    yield chat
    chat.renew()
    assert chat.output().splitlines() == ["1 added", f"Pincite is at {chat.url} (Ctrl-C stops it)"]


@pytest.fixture(scope="session")
def note(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the endless generator notes that it was closed."""
    return tmp_path_factory.mktemp("endless") / "note.txt"


@pytest.fixture(scope="session")
def endless_chat(start_for_all: Start, note: Path) -> Server:
    """A chat on the seed article whose answers end only when they are stopped."""
    return start_for_all(Path(__file__).with_name("slow_server.py"), note)


@pytest.fixture(scope="module")
def endless(endless_chat: Server) -> Iterator[Server]:
    """A server whose answers end only when they are stopped; its library is as new."""
    yield endless_chat
    endless_chat.renew()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window.

    Not for the whole session: as long as it is there an event loop runs, and tests elsewhere can run none of their own.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "no Chromium is installed: make test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a server's page in a session of its own. At the end: no script failed, and no request left the machine.

    What the Content-Security-Policy refuses counts as a failure, too.
    """
    contexts, requests, failures = [], [], []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            failures.append(message.text)

    def open_page(server: Server, width: int = 1280, height: int = 800, **options: object) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", hear)
        page.goto(server.url)
        page.get_by_label("Your question").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert failures == []
    assert [url for url in requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []
    assert requests
