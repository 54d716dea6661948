"""What a person does on the page, for tests of several modules."""

from playwright.sync_api import Page, expect

PATIENCE = 60_000
"""Milliseconds: the first question waits for the embedder to load."""


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def ask_and_wait(page: Page, question: str) -> None:
    ask(page, question)
    expect(page.locator("#current .question")).to_have_text(question)
    expect(page.locator("#current .answer-footer")).to_be_visible(timeout=PATIENCE)
