"""A server that asks for a login, in a real browser: the way in, the page behind it, and what a script cannot do."""

import subprocess
from collections.abc import Iterator

import pytest
from driving import SEEDS, Server, command_line, environment_of, free_port
from playwright.sync_api import Browser, Page, expect

PASSWORD = "the ferry leaves at nine"
QUESTION = "What did Asif say about refugees?"
PATIENCE = 60_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two users, ada and bob. What it prints tells neither passwords nor tokens."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    environment = environment_of(home)
    for name in ("ada", "bob"):
        added = command_line("user", "add", name)
        subprocess.run(added, env=environment, cwd=SEEDS.parent, input=f"{PASSWORD}\n", text=True, check=True)
    command = command_line("serve", SEEDS, "--library", home / "library", "--no-browser", "--port", port, "--login")
    server = Server(command, f"http://127.0.0.1:{port}", home / "library", environment)
    server.wait_until_up("/login")
    yield server
    server.interrupt()
    assert server.output().splitlines()[:2] == ["1 added", f"Pincite is at {server.url} (Ctrl-C stops it)"]
    assert PASSWORD not in server.output()


def test_a_person_logs_in_asks_and_logs_out(server: Server, chromium: Browser) -> None:
    refused: list[str] = []
    page = chromium.new_context().new_page()
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    page.goto(server.url)
    expect(page).to_have_url(f"{server.url}/login")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("a wrong one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("This name and password do not belong together.")
    page.wait_for_timeout(1_100)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Enter")
    expect(page.locator("#current .answer-footer")).to_be_visible(timeout=PATIENCE)
    assert refused == []

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"window.hacked = 1\">')")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None, "no handler in markup is run, wherever it came from"
    assert len(refused) >= 1

    assert page.evaluate("document.cookie") == "", "no script reads the session"
    expect(page.locator(".account")).to_contain_text("Logged in as ada")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{server.url}/login")
    page.goto(server.url)
    expect(page).to_have_url(f"{server.url}/login")
    page.context.close()


def test_people_see_their_own_conversations_and_nobody_else_s(server: Server, chromium: Browser) -> None:
    ada, bob = (logged_in(server, chromium, name) for name in ("ada", "bob"))
    ada.get_by_label("Your question").fill(QUESTION)
    ada.get_by_label("Your question").press("Enter")
    expect(ada.locator("#current .tools")).to_be_visible(timeout=PATIENCE)
    expect(ada.locator(".reopen").first).to_have_text(QUESTION)

    exported = f"{server.url}/{ada.locator('.exports a').first.get_attribute('href')}"
    assert ada.request.get(exported).status == 200
    assert bob.request.get(exported).status == 404
    bob.goto(ada.url)
    expect(bob.locator("#conversations")).to_have_text("What you ask is kept here.")
    expect(bob.locator(".turn")).to_have_count(0)
    for page in (ada, bob):
        page.context.close()


def test_a_session_that_has_ended_leads_to_the_login_and_says_so(server: Server, chromium: Browser) -> None:
    page = logged_in(server, chromium, "ada")
    expect(page.locator(".account")).to_be_visible()
    expect(page.locator(".sample")).to_have_count(3, timeout=PATIENCE)
    page.context.add_cookies([{"name": "pincite_session", "value": "of another day", "url": server.url}])
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Enter")
    expect(page).to_have_url(f"{server.url}/login?over")
    expect(page.get_by_role("alert")).to_have_text("Your session has ended: log in again.")
    page.goto(server.url)
    expect(page).to_have_url(f"{server.url}/login?over")
    page.context.close()


def logged_in(server: Server, chromium: Browser, name: str) -> Page:
    """Open the page of a person, each in a browser of their own."""
    page = chromium.new_context().new_page()
    page.goto(server.url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.get_by_label("Your question").wait_for()
    return page
