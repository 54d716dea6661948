"""A server that is killed while it answers: the next one finds all as it was."""

from collections.abc import Callable
from pathlib import Path

from driving import Server
from playwright.sync_api import Page, expect
from test_chat import PATIENCE, QUESTION, SENTENCE, ask


def test_a_server_that_is_killed_in_the_middle_of_an_answer_starts_again_on_the_same_library(
    start: Callable[..., Server], open_page: Callable[..., Page], tmp_path: Path
) -> None:
    server = start(Path(__file__).with_name("slow_server.py"), tmp_path / "note.txt")
    page = open_page(server)
    ask(page, QUESTION)
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)

    server.kill()
    expect(page.get_by_text("Connection to the server was lost")).to_be_visible()
    page.close()
    server.begin()
    server.wait_until_up()

    again = open_page(server)
    expect(again.locator(".documents li")).to_have_count(1)
    ask(again, QUESTION)
    expect(again.locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)
    assert server.output().splitlines() == [f"Pincite is at {server.url} (Ctrl-C stops it)"]
