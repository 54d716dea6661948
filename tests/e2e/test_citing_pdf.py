"""Citing a PDF: the picture of its page, with the cited sentences under boxes that lie on their words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
from asking import PATIENCE, ask_and_wait
from driving import Server
from files import Put, column, pdf
from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]

FERRY = [
    "The island of Lindholm lies two miles off the coast and has",
    "about ninety inhabitants, a school and a shop. The ferry to",
    "Lindholm leaves the north quay at 07:40 on every weekday of",
    "the year. Dogs travel free on the ferry to Lindholm.",
]
DEPARTURE = "The ferry to Lindholm leaves the north quay at 07:40 on every weekday of the year."
SECOND = [Put(50, 750, "Winter", size=18), *column(50, 700, ["In January the museum of clocks is closed for repairs."])]
QUESTION = "When does the ferry to Lindholm leave, and do dogs travel free on it?"


def guide() -> bytes:
    """A guide of two pages; the sentence of the departure takes three lines of the first one."""
    first = [Put(50, 750, "The harbour", size=18), *column(50, 700, FERRY)]
    return pdf([first, SECOND], title="A guide to the harbour")


@pytest.fixture(scope="module")
def server(start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "guide.pdf").write_bytes(guide())
    (folder / "rebuilt.pdf").write_bytes(pdf([column(50, 700, ["The museum of clocks was built in 1911."])]))
    return start(documents=folder)


@pytest.fixture
def page(server: Server, open_page: OpenPage) -> Page:
    return open_page(server)


def cite(page: Page) -> None:
    """Ask, and click the chip of the sentence that tells the departure."""
    ask_and_wait(page, QUESTION)
    page.locator("#current .claim", has_text="07:40").get_by_role("button").first.click()
    expect(page.locator("#source-page .sheet img")).to_be_visible(timeout=PATIENCE)


@dataclass(frozen=True)
class Edges:
    """A rectangle in shares of the page, from its left and top edge."""

    left: float
    top: float
    right: float
    bottom: float


def drawn(box: Locator) -> Edges:
    """Return where a box is on the screen, in shares of the picture below it."""
    edges = box.evaluate(
        """(box) => {
          const [own, sheet] = [box, box.closest('.sheet').querySelector('img')].map((e) => e.getBoundingClientRect());
          return [(own.left - sheet.left) / sheet.width, (own.top - sheet.top) / sheet.height,
                  (own.right - sheet.left) / sheet.width, (own.bottom - sheet.top) / sheet.height];
        }"""
    )
    return Edges(*edges)


def in_text_layer(words: str) -> Edges:
    """Return where words stand on the guide's first page, as PDFium finds them in its text layer."""
    page = pypdfium2.PdfDocument(guide())[0]
    layer = page.get_textpage()
    first, count = layer.search(words).get_next()
    boxes = [layer.get_charbox(first + at) for at in range(count)]
    width, height = page.get_size()
    left, bottom = min(box[0] for box in boxes) / width, min(box[1] for box in boxes) / height
    return Edges(left, 1 - max(box[3] for box in boxes) / height, max(box[2] for box in boxes) / width, 1 - bottom)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_boxes_lie_on_the_cited_words_at_any_size(
    server: Server, open_page: OpenPage, width: int, height: int
) -> None:
    page = open_page(server, width=width, height=height)
    cite(page)
    boxes = page.locator("#source-page .box.clicked")
    expect(boxes).to_have_count(3)
    lines = ["The ferry to", "Lindholm leaves the north quay at 07:40 on every weekday of", "the year."]
    page.get_by_role("button", name="Enlarge").click()
    for box, words in zip(boxes.all(), lines, strict=True):
        seen, expected = drawn(box), in_text_layer(words)
        assert seen.left == pytest.approx(expected.left, abs=0.005)
        assert seen.right == pytest.approx(expected.right, abs=0.005)
        assert seen.top <= expected.top + 0.002
        assert seen.bottom >= expected.bottom - 0.002
        assert seen.bottom - seen.top < 2 * (expected.bottom - expected.top)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_clicked_sentence_stands_out_and_is_in_view_and_read_out(page: Page) -> None:
    cite(page)
    clicked = page.locator("#source-page .box.clicked").first
    expect(clicked).to_be_in_viewport(ratio=1)
    others = page.locator("#source-page .box:not(.clicked)")
    expect(others).to_have_count(1)
    shades = {box.evaluate("(box) => getComputedStyle(box).backgroundColor") for box in (clicked, *others.all())}
    assert len(shades) == 2
    expect(page.locator("#source-page img")).to_have_attribute(
        "alt", f"Page 1 of A guide to the harbour, with these words highlighted: {DEPARTURE}"
    )
    expect(page.locator("#source mark")).to_be_hidden()


def test_from_a_sentence_on_the_page_back_to_what_rests_on_it(page: Page) -> None:
    cite(page)
    dogs = page.get_by_role("button", name="Show what rests on this: Dogs travel free on the ferry to Lindholm.")
    departure = page.get_by_role("button", name=f"Show what rests on this: {DEPARTURE}")
    expect(departure).to_have_count(1)
    departure.focus()
    page.keyboard.press("Tab")
    expect(dogs).to_be_focused()
    assert dogs.evaluate("(box) => getComputedStyle(box).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    claim = page.locator("#current .claim", has_text="Dogs travel free")
    expect(claim).to_have_class(re.compile("resting"))
    expect(claim.locator(".chip").first).to_be_focused()

    lines = page.locator("#source-page .box.clicked")
    lines.last.hover()
    expect(page.locator("#source-page .box.lit")).to_have_count(3)
    lines.last.click()
    expect(page.locator("#current .claim", has_text="07:40")).to_have_class(re.compile("resting"))


def test_a_document_opened_from_the_list_shows_what_the_conversation_cites_in_it(page: Page) -> None:
    cite(page)
    page.keyboard.press("Escape")
    page.locator(".documents .open", has_text="A guide to the harbour").click()
    dogs = page.get_by_role("button", name="Show what rests on this: Dogs travel free on the ferry to Lindholm.")
    dogs.click(timeout=PATIENCE)
    expect(page.locator("#current .claim", has_text="Dogs travel free")).to_have_class(re.compile("resting"))


def test_pages_turn_by_keyboard_and_lead_back_to_the_sentence(page: Page) -> None:
    cite(page)
    expect(page.locator(".page-number")).to_have_text("Page 1 of 2")
    expect(page.get_by_role("button", name="Previous page")).to_be_disabled()
    page.get_by_role("button", name="Next page").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".page-number")).to_have_text("Page 2 of 2")
    expect(page.locator("#source-page .box")).to_have_count(0)
    page.get_by_role("button", name="Back to page 1").click()
    expect(page.locator("#source-page .box.clicked")).to_have_count(3)


def test_the_text_is_one_click_away_with_the_sentence_marked_and_stays_chosen(page: Page) -> None:
    cite(page)
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator("#source mark")).to_be_visible()
    assert page.locator("#source mark").inner_text() == DEPARTURE
    expect(page.locator("#source-page .sheet")).to_be_hidden()
    page.keyboard.press("Escape")
    page.locator("#current .claim", has_text="07:40").get_by_role("button").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    page.get_by_role("button", name="Page", exact=True).click()
    expect(page.locator("#source-page .box.clicked").first).to_be_in_viewport()


def test_the_original_is_saved_as_it_was_added(page: Page) -> None:
    cite(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the original").click()
    assert download.value.suggested_filename == "guide.pdf"
    assert Path(download.value.path()).read_bytes() == guide()


def test_a_file_that_was_changed_since_shows_its_text_and_says_why(page: Page, server: Server) -> None:
    page.locator(".documents .open", has_text="rebuilt").click()
    expect(page.locator("#source-page .sheet img")).to_be_visible(timeout=PATIENCE)
    [path] = page.locator("#source .source-path").all_inner_texts()
    Path(path).write_bytes(b"something else")
    ask_and_wait(page, "When was the museum of clocks built?")
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source-page .page-note")).to_contain_text(
        "rebuilt.pdf was moved or has changed: add it again"
    )
    expect(page.locator("#source mark")).to_be_visible()
