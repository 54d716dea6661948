"""A real server, and a real Chromium that looks at it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import SEEDS, Server, command_line, environment_of, free_port
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

# Without these Chromium itself, not the page, would speak to its maker.
QUIET = "--disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run"
CHROMIUM_OPTIONS = [*QUIET.split(), "--no-sandbox", "--disable-gpu"]

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start a server: `start()` for the command line on `documents`, `start(script, …)` for a script of the tests.

    It has an empty home, or `home`, and the environment's variables that are given.
    """
    os.environ["NO_PROXY"] = "127.0.0.1"
    servers: list[Server] = []

    def start(*script: object, home: Path | None = None, documents: Path = SEEDS, **environment: str) -> Server:
        folder, port = tmp_path_factory.mktemp("server"), free_port()
        serve = command_line("serve", documents, "--library", folder / "library", "--no-browser", "--port", port)
        command = [sys.executable, *map(str, script), str(folder / "library"), str(port)] if script else serve
        own = environment_of(home or folder, **environment)
        servers.append(Server(command, f"http://127.0.0.1:{port}", folder / "log.txt", own))
        servers[-1].wait_until_up()
        return servers[-1]

    yield start
    for server in servers:
        server.interrupt()


@pytest.fixture(scope="module")
def server(start: Callable[..., Server]) -> Iterator[Server]:
    """The chat on the seed article, with a library of its own for each test module. It has nothing to complain of."""
    server = start()
    yield server
    assert server.output().splitlines() == ["1 added", f"Pincite is at {server.url} (Ctrl-C stops it)"]


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
