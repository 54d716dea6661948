"""Makes the pictures of the documentation by driving the real page in Chromium: `python -m bench.screenshots`.

Writes docs/chat.png: the refugees question answered from the seed article, with its source open; docs/models.png: the
menu of models, with none on the machine yet; docs/dark.png: a question that the article does not answer, in the dark;
and docs/phone.png: an answer on a phone.
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
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
MILLISECONDS = 120_000
"""The first question waits for the embedder to load."""


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url, sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = opened(browser, url, viewport=DESKTOP)
        menu_of_models(page, ROOT / "docs" / "models.png")
        answer_with_its_source(page, ROOT / "docs" / "chat.png")
        refusal(opened(browser, url, viewport=DESKTOP, color_scheme="dark"), ROOT / "docs" / "dark.png")
        answer(opened(browser, url, viewport=PHONE, device_scale_factor=2), ROOT / "docs" / "phone.png")
        browser.close()


def opened(browser: Browser, url: str, **options: Any) -> Page:
    """Return the page in a window of its own."""
    page = browser.new_page(**options)
    page.set_default_timeout(MILLISECONDS)
    page.goto(url)
    page.locator(".sample").first.wait_for()
    return page


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the end of the answer."""
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.locator("#current .tools").wait_for()


def answer(page: Page, path: Path) -> None:
    """Ask and take the picture, without the line that leads to the models."""
    page.get_by_role("button", name="Dismiss").click()
    ask(page, QUESTION)
    take(page, path)


def refusal(page: Page, path: Path) -> None:
    """Ask what is not there, and take the picture."""
    page.get_by_role("button", name="Dismiss").click()
    ask(page, UNANSWERABLE)
    take(page, path)


def take(page: Page, path: Path) -> None:
    """Take a picture when nothing moves any more."""
    page.mouse.move(0, 0)
    sleep(0.5)
    page.screenshot(path=path)
    print(path.relative_to(ROOT))


def answer_with_its_source(page: Page, path: Path) -> None:
    """Ask, open the first source, and take the picture."""
    ask(page, QUESTION)
    page.locator("#current .claim", has_text="return of refugees").get_by_role("button").first.click()
    page.locator("#source mark").wait_for()
    take(page, path)


def menu_of_models(page: Page, path: Path) -> None:
    """Open the menu, take the picture, and dismiss the line that leads to it."""
    page.get_by_role("button", name="Get a model…").click()
    page.locator(".offers").wait_for()
    take(page, path)
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
