"""axe-core looks at the page in each of its main states: no serious and no critical violation. Real Chromium."""

from collections.abc import Callable

import pytest
from asking import PATIENCE, ask_and_wait
from axe_playwright_python.sync_playwright import Axe
from driving import Server
from playwright.sync_api import Page, expect

QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])

OpenPage = Callable[..., Page]


def violations(page: Page) -> list[str]:
    """Return the serious and critical violations of what the page shows now, each with where it is."""
    page.wait_for_timeout(300)  # what fades has faded
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@SCHEMES
def test_the_first_run_and_an_abstention_are_accessible(server: Server, open_page: OpenPage, scheme: str) -> None:
    page = open_page(server, color_scheme=scheme)
    expect(page.locator(".sample")).to_have_count(3, timeout=PATIENCE)
    assert violations(page) == []
    ask_and_wait(page, UNANSWERABLE)
    expect(page.locator(".abstention")).to_be_visible()
    assert violations(page) == []


@SCHEMES
def test_an_answer_its_source_and_what_unfolds_are_accessible(server: Server, open_page: OpenPage, scheme: str) -> None:
    page = open_page(server, color_scheme=scheme)
    ask_and_wait(page, QUESTION)
    page.locator(".wrong-sources summary").click()
    page.locator("#current .judge").first.click()
    assert violations(page) == []
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("details.generator summary").click()
    expect(page.locator(".menu")).to_be_visible()
    assert violations(page) == []
    page.locator("details.settings summary").click()
    expect(page.locator(".unfolded")).to_be_visible()
    assert violations(page) == []


@SCHEMES
def test_the_drawers_of_a_phone_are_accessible(server: Server, open_page: OpenPage, scheme: str) -> None:
    page = open_page(server, width=390, height=844, color_scheme=scheme, has_touch=True)
    ask_and_wait(page, QUESTION)
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#shelf-column")).to_be_visible()
    page.locator("#documents .more summary").first.click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu").click()
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    assert violations(page) == []


def test_a_fault_would_be_seen(server: Server, open_page: OpenPage) -> None:
    page = open_page(server)
    page.evaluate("""document.querySelector('#conversation').insertAdjacentHTML(
        'beforeend', '<button></button><p style="color: #999; background: #fff">Hardly to be read</p>')""")
    assert {line.partition(" ")[0] for line in violations(page)} == {"button-name", "color-contrast"}
