"""Makes the pictures of the documentation by driving the real page in Chromium: `python -m bench.screenshots`.

Writes docs/chat.png: the refugees question answered from the seed article, with its source open; and docs/models.png:
the menu of models, with none on the machine yet.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import sleep

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
QUESTION = "What did Asif say about refugees?"
SIZE = {"width": 1280, "height": 800}
MILLISECONDS = 120_000
"""The first question waits for the embedder to load."""


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url, sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]  # a TypedDict of the same keys
        page.set_default_timeout(MILLISECONDS)
        page.goto(url)
        menu_of_models(page, ROOT / "docs" / "models.png")
        answer_with_its_source(page, ROOT / "docs" / "chat.png")
        browser.close()


def answer_with_its_source(page: Page, path: Path) -> None:
    """Ask, open the first source, and take the picture."""
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Enter")
    page.locator("#current .answer-footer").wait_for()
    page.locator("#current .claim", has_text="return of refugees").get_by_role("button").first.click()
    page.locator("#source mark").wait_for()
    page.mouse.move(0, 0)
    sleep(0.5)
    page.screenshot(path=path)
    print(path.relative_to(ROOT))


def menu_of_models(page: Page, path: Path) -> None:
    """Open the menu, take the picture, and dismiss the line that leads to it."""
    page.get_by_role("button", name="Get a model…").click()
    page.locator(".offers").wait_for()
    sleep(0.5)
    page.screenshot(path=path)
    print(path.relative_to(ROOT))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Dismiss").click()


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve a copy of the seeds in a home folder of its own, so that no path of this machine gets into a picture."""
    documents = home / "Documents"
    shutil.copytree(ROOT / "seeds", documents)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--library", str(home / "library"), "--no-browser", "--port", str(port)]
    command = [sys.executable, "-c", "from ui.cli import main; main()", "serve", str(documents), *options]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "HOME": str(home), "NO_PROXY": "127.0.0.1"})
    try:
        yield wait_for(f"http://127.0.0.1:{port}", server)
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> str:
    """Return `url` when it answers."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return url
        except OSError:
            sleep(0.2)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
