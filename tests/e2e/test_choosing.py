"""Who writes, as a person sees and changes it: choosing, downloading, waiting. Real server, real models, real Chromium.

The models are tiny and their weights random; the hub is on this machine.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import Server
from hub import Hub, serving
from playwright.sync_api import Locator, Page, expect

from rag.generators.random_gguf import Vocabulary, write_random_gguf

QUESTION = "What did Asif say about refugees?"
PATIENCE = 60_000
"""Milliseconds: the first question waits for the embedder to load."""
PIECE = 2**20

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def hub(tiny_gguf: Path) -> Iterator[Hub]:
    with serving(Hub("owner/Tiny-GGUF", "got.gguf", tiny_gguf.read_bytes().ljust(5 * PIECE, b"\xa5"))) as running:
        yield running


@pytest.fixture(scope="module")
def serve(
    start: Callable[..., Server],
    hub: Hub,
    tiny_gguf: Path,
    tiny_vocabulary: Vocabulary,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Server]:
    """Start a server in a home of its own."""

    def serve() -> Server:
        home = furnish(tmp_path_factory.mktemp("home"), hub, tiny_gguf, tiny_vocabulary)
        hub.asked.clear()
        return start(home=home, HF_ENDPOINT=hub.endpoint, PINCITE_CATALOGUE=str(home / "catalogue.toml"))

    return serve


def furnish(home: Path, hub: Hub, tiny_gguf: Path, tiny_vocabulary: Vocabulary) -> Path:
    """Put two models of LM Studio there, one of a family that llama.cpp does not know, and a catalogue of the hub."""
    models = home / ".lmstudio/models/owner/A"
    models.mkdir(parents=True)
    shutil.copy(tiny_gguf, models / "tiny.gguf")
    write_random_gguf(models / "strange.gguf", tiny_vocabulary, name="Strange", architecture="strange")
    (home / "catalogue.toml").write_text(
        f"""[[model]]
        name = "got"
        title = "Tiny, F32"
        repository = "{hub.repository}"
        file = "{hub.file}"
        size = {len(hub.content)}
        memory = {len(hub.content)}
        parameters = 100_000
        licence = "Apache-2.0"
        purpose = "for tests" """,
        encoding="utf-8",
    )
    return home


@pytest.fixture
def served(serve: Callable[[], Server]) -> Server:
    """A server on which models are chosen."""
    return serve()


@pytest.fixture(scope="module")
def quoting(serve: Callable[[], Server]) -> Server:
    """A server on which nobody chooses: it answers by quotes only."""
    return serve()


def ask(page: Page, question: str = QUESTION) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def footer(page: Page) -> Locator:
    return page.locator("#current .answer-footer")


def open_menu(page: Page) -> Locator:
    page.locator(".generator summary").click()
    expect(page.locator(".writers")).to_be_visible()
    return page.locator(".menu")


def header(page: Page) -> Locator:
    return page.locator(".generator summary")


def test_a_model_is_chosen_in_the_page_and_its_name_is_under_its_answer(served: Server, open_page: OpenPage) -> None:
    page, other = open_page(served), open_page(served)
    ask(other)
    expect(footer(other)).to_contain_text("quotes only", timeout=PATIENCE)
    menu = open_menu(page)
    expect(menu.locator('.writer[aria-pressed="true"]')).to_contain_text("quotes only")

    menu.locator(".writer", has_text="Strange").click()
    expect(menu.locator(".error")).to_contain_text("strange.gguf cannot be loaded")
    expect(header(page)).to_have_text("quotes only")

    menu.locator(".writer", has_text="Tiny Random").click()
    expect(menu.locator(".note")).to_have_text("Tiny Random writes now, and from the next start on.")
    expect(menu.locator(".error")).to_have_count(0)
    expect(menu.locator('.writer[aria-pressed="true"]')).to_contain_text("Tiny Random")
    expect(header(page)).to_have_text("Tiny Random")
    expect(page.locator(".banner")).to_have_count(0)
    ask(page)
    expect(footer(page)).to_contain_text("Tiny Random · first token", timeout=PATIENCE)
    expect(footer(page)).to_contain_text("tokens/s")

    expect(header(other)).to_have_text("quotes only")
    ask(other, "What did Asif say about India?")
    expect(header(other)).to_have_text("Tiny Random")
    expect(footer(other)).to_contain_text("Tiny Random · first token", timeout=PATIENCE)
    expect(other.locator("#earlier .answer-footer")).to_contain_text("quotes only")
    other.reload()
    expect(header(other)).to_have_text("Tiny Random")


def test_the_menu_works_by_keyboard_and_closes_on_escape_and_on_a_click_elsewhere(
    served: Server, open_page: OpenPage
) -> None:
    page = open_page(served)
    header(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".writers")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".writer", has_text="quotes only")).to_be_focused()
    while not page.evaluate("document.activeElement.innerText.includes('Tiny Random')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(header(page)).to_have_text("Tiny Random")
    expect(page.locator(".writer", has_text="Tiny Random")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".menu")).to_be_hidden()
    expect(header(page)).to_be_focused()
    open_menu(page)
    page.locator(".brand").click()
    expect(page.locator(".menu")).to_be_hidden()


def test_the_banner_leads_to_the_models_and_stays_away_once_dismissed(quoting: Server, open_page: OpenPage) -> None:
    page = open_page(quoting)
    banner = page.locator(".banner")
    expect(banner).to_contain_text("Answers are quotations only, word for word: no language model is in use.")
    banner.get_by_role("button", name="Get a model…").click()
    expect(page.locator(".download")).to_have_text([f"Download 5 MB from {hub_of(page)}"])
    page.keyboard.press("Escape")
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).to_be_hidden()
    ask(page)
    expect(footer(page)).to_contain_text("quotes only", timeout=PATIENCE)
    expect(banner).to_be_hidden()
    page.reload()
    expect(page.locator("#banner .banner")).to_have_count(1)
    expect(banner).to_be_hidden()


def hub_of(page: Page) -> str:
    """The hub's host as an offer tells it."""
    return page.locator(".offers .facts", has_text="from ").inner_text().removeprefix("from ").split("/")[0]


def test_a_download_shows_how_far_it_is_goes_on_after_a_reload_and_its_model_answers(
    served: Server, open_page: OpenPage, hub: Hub
) -> None:
    hub.holds_after = 2 * PIECE
    page = open_page(served)
    open_menu(page)
    assert hub.asked == [], "nothing is asked of the hub before the click"
    page.locator(".download").click()
    expect(page.locator(".transfer")).to_contain_text("40 % · 2 MB of 5 MB")
    expect(page.locator(".download")).to_have_count(0)
    ask(page)
    expect(footer(page)).to_contain_text("quotes only", timeout=PATIENCE)
    page.reload()
    expect(page.locator(".banner")).to_contain_text("Downloading Tiny, F32… 40 %")

    page.locator(".banner").get_by_role("button", name="Show").click()
    page.locator(".transfer").get_by_role("button", name="Cancel").click()
    hub.holds_after = None
    hub.released.set()
    expect(page.locator(".menu .note")).to_contain_text("The download was cancelled.")
    button = page.locator(".download")
    expect(button).to_contain_text("Download the other")
    button.click()
    expect(header(page)).to_have_text("Tiny Random")
    expect(page.locator(".menu .note")).to_contain_text("Tiny Random writes now")
    expect(page.locator(".offers")).to_have_count(0)
    page.keyboard.press("Escape")
    ask(page)
    expect(footer(page)).to_contain_text("Tiny Random · first token", timeout=PATIENCE)


def test_a_remembered_model_that_no_longer_loads_is_said_to_be_so_and_the_page_quotes(
    start: Callable[..., Server], open_page: OpenPage, tmp_path: Path
) -> None:
    models = tmp_path / ".local/share/pincite/models"
    models.mkdir(parents=True)
    (models / "broken.gguf").write_bytes(b"GGUF")
    server = start(home=tmp_path)
    page = open_page(server)
    expect(page.locator(".banner")).to_contain_text("broken.gguf is cut short or damaged")
    expect(header(page)).to_have_text("quotes only")
    assert "pincite: " in server.output()


def test_everybody_sees_how_many_questions_go_first(
    start: Callable[..., Server], open_page: OpenPage, tiny_gguf: Path, tmp_path: Path
) -> None:
    freed = tmp_path / "freed"
    server = start(Path(__file__).with_name("held_server.py"), tiny_gguf, freed)
    pages = [open_page(server) for _ in range(3)]
    for number, page in enumerate(pages, 1):
        ask(page)
        line = "Waiting: 1 question goes first" if number == 1 else f"Waiting: {number} questions go first"
        expect(page.locator("#current .working")).to_have_text(line, timeout=PATIENCE)
    pages[0].get_by_role("button", name="Stop").click()
    expect(pages[0].locator("#current .stopped")).to_be_visible()
    expect(pages[1].locator("#current .working")).to_have_text("Waiting: 1 question goes first")
    expect(pages[2].locator("#current .working")).to_have_text("Waiting: 2 questions go first")
    freed.touch()
    for page in pages[1:]:
        expect(footer(page)).to_contain_text("Tiny Random · first token", timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_menu_fits_and_scrolls(quoting: Server, open_page: OpenPage, scheme: str) -> None:
    page = open_page(quoting, width=390, height=700, color_scheme=scheme)
    menu = open_menu(page)
    box = menu.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 700
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    menu.locator(".download").scroll_into_view_if_needed()
    expect(menu.locator(".download")).to_be_in_viewport()
