"""Answers are judged on the page by keyboard, and what was said is there again. Real server, real Chromium."""

from collections.abc import Callable

from asking import ask_and_wait
from driving import Server
from playwright.sync_api import Page, expect

QUESTION = "What did Asif say about refugees?"


def test_an_answer_and_a_source_are_judged_by_keyboard_and_stay_so(
    start: Callable[..., Server], open_page: Callable[..., Page]
) -> None:
    server = start()
    page = open_page(server)
    ask_and_wait(page, QUESTION)
    helpful = page.get_by_role("button", name="Helpful", exact=True)
    not_helpful = page.get_by_role("button", name="Not helpful")
    wrong = page.get_by_role("button", name="Source 2 does not support what cites it")

    page.locator("#current .change").focus()
    page.keyboard.press("Tab")
    expect(helpful).to_be_focused()
    page.keyboard.press("Enter")
    expect(helpful).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(not_helpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(wrong).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(wrong).to_be_focused()
    with page.expect_response(lambda response: "/gradio_api/" in response.url and response.request.method == "POST"):
        page.keyboard.press("Enter")

    server.kill()
    server.begin()
    server.wait_until_up()
    page.reload()
    expect(not_helpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_have_attribute("aria-pressed", "false")
    expect(wrong).to_have_attribute("aria-pressed", "true")
    with page.expect_response(lambda response: "/gradio_api/" in response.url and response.request.method == "POST"):
        wrong.click()
    page.reload()
    expect(not_helpful).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".wrong-sources")).not_to_have_attribute("open", "")
