"""The chat, as a person uses it: real server, real library, real Chromium."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import pytest
from asking import PATIENCE, ask, ask_and_wait
from driving import Server
from playwright.sync_api import Page, expect

SENTENCE = "They should arrange for the return of refugees and ensure that illegals do not come from there"
QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"

HOSTILE = """The zebra code is 4711 <script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">.

</p></div><style>body { display: none }</style> ${window.hacked = 1} {{constructor.constructor('window.hacked = 1')()}}

\u202eThis line tries to turn the page around. [link](javascript:alert(1)) <b onmouseover=alert(1)>not bold</b>
"""

FERRY = "تغادر العبّارة إلى ليندهولم من الرصيف الشمالي في الساعة 07:40 كل صباح."
ARABIC = f"""العبّارة إلى ليندهولم

تقع جزيرة ليندهولم على بعد ميلين من الساحل ويسكنها نحو تسعين شخصا. {FERRY} تسافر الكلاب مجانا على متنها.
"""

OpenPage = Callable[..., Page]


@pytest.fixture
def page(server: Server, open_page: OpenPage) -> Page:
    return open_page(server)


def is_in_view(page: Page, selector: str) -> bool:
    """Whether an element's middle is really what stands there on the screen."""
    return page.locator(selector).first.evaluate(
        """(element) => {
          const box = element.getClientRects()[0];
          const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          return element === seen || element.contains(seen);
        }"""
    )


def test_the_refugees_question_is_answered_with_its_sentence_highlighted_in_its_document(page: Page) -> None:
    ask_and_wait(page, QUESTION)
    quotation = page.locator("#current blockquote.quotation", has_text=SENTENCE)
    expect(quotation).to_have_count(1)
    expect(page.locator("#source mark")).to_have_count(0)
    quotation.get_by_role("button").click()
    expect(page.locator("#source mark")).to_have_count(1)
    assert page.locator("#source mark").inner_text() == f"“{SENTENCE},” he stated."
    expect(page.locator("#source h3.heading")).to_have_count(3)
    expect(page.locator("#source .source-document")).to_contain_text("He also questioned the silence")
    page.wait_for_function("document.activeElement.id === 'source-title'")
    assert is_in_view(page, "#source mark")


def test_a_chip_works_by_keyboard_and_escape_leads_back_to_it(page: Page) -> None:
    ask_and_wait(page, QUESTION)
    chip = page.locator("#current .claim .chip").first
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#source mark")).to_have_count(0)
    expect(chip).to_be_focused()


def test_a_chip_lights_up_below_the_mouse_and_tells_its_sentence(page: Page) -> None:
    ask_and_wait(page, QUESTION)
    chip = page.locator("#current .claim", has_text=SENTENCE).locator(".chip")
    assert SENTENCE in str(chip.get_attribute("title"))
    shade = "(own) => getComputedStyle(own).backgroundColor"
    before = chip.evaluate(shade)
    chip.hover()
    assert chip.evaluate(shade) != before


def test_sample_questions_that_come_late_do_not_stand_above_an_answer(page: Page) -> None:
    page.locator("#samples .samples").evaluate("(own) => { window.late = own.parentElement.innerHTML; }")
    expect(page.locator("#samples .samples")).to_be_visible()
    ask_and_wait(page, QUESTION)
    page.locator("#samples").evaluate("(own) => own.insertAdjacentHTML('beforeend', window.late)")
    expect(page.locator("#samples .samples")).to_have_count(1)
    expect(page.locator("#samples .samples")).to_be_hidden()


def test_a_sample_question_is_asked_by_a_click(page: Page) -> None:
    page.locator(".sample", has_text=QUESTION).click(timeout=PATIENCE)
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)
    expect(page.locator(".sample")).to_have_count(0)


def test_what_is_not_in_the_documents_is_said_to_be_so_with_the_nearest_passages(page: Page) -> None:
    ask_and_wait(page, UNANSWERABLE)
    abstention = page.locator("#current .abstention")
    expect(abstention).to_contain_text("Not in your documents")
    expect(page.locator("#current .claim")).to_have_count(0)
    abstention.get_by_role("button").first.click()
    expect(page.locator("#source mark")).to_be_visible()


def test_earlier_turns_stay_until_a_new_chat(page: Page) -> None:
    ask_and_wait(page, QUESTION)
    ask_and_wait(page, UNANSWERABLE)
    expect(page.locator("#earlier .question")).to_have_text([QUESTION])
    page.locator("#earlier .claim", has_text=SENTENCE).get_by_role("button").click()
    expect(page.locator("#source mark")).to_contain_text(SENTENCE)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".sample", has_text=QUESTION)).to_be_visible()


def test_a_question_asked_while_another_is_answered_waits_for_its_turn(page: Page) -> None:
    ask(page, QUESTION)
    # No person types the next question before the page has taken this one; a test on a busy machine would.
    expect(page.get_by_label("Your question")).to_have_value("")
    ask(page, UNANSWERABLE)
    expect(page.locator("#current .abstention")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#earlier .claims")).to_contain_text(SENTENCE)
    expect(page.get_by_label("Your question")).to_have_value("")


def test_an_empty_question_and_one_too_long_give_one_line_and_stay_in_the_box(page: Page) -> None:
    ask(page, "")
    expect(page.locator("#current .error")).to_contain_text("the question is empty")
    ask(page, "why " * 25_000)
    expect(page.locator("#current .error")).to_contain_text("the question is 99,999 characters long")
    assert len(page.get_by_label("Your question").input_value()) == 100_000
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    ask_and_wait(page, QUESTION)
    expect(page.locator(".error")).to_have_count(0)


def test_a_broken_file_shows_its_reason_and_the_good_one_goes_in_and_out_again(page: Page, tmp_path: Path) -> None:
    good, broken = tmp_path / "bees.md", tmp_path / "noise.txt"
    good.write_text("# Bees\n\nA colony of bees holds one queen.\n", encoding="utf-8")
    broken.write_bytes(bytes(range(256)) * 20)
    page.locator("#shelf-column input[type=file]").set_input_files([broken, good])
    expect(page.locator(".outcomes .added")).to_contain_text("bees.md: added, 1 passage", timeout=PATIENCE)
    expect(page.locator(".outcomes .failed")).to_contain_text("noise.txt")
    assert len(page.locator(".outcomes .failed").inner_text()) > len("noise.txt: ")
    row = page.locator(".documents li", has_text="Bees")
    expect(row).to_have_count(1)
    ask_and_wait(page, "How many queens does a colony of bees hold?")
    expect(page.locator("#current .claims")).to_contain_text("A colony of bees holds one queen.")
    expect(row.locator(".confirm")).to_be_hidden()
    row.locator("summary").click()
    row.locator(".confirm").click()
    expect(row).to_have_count(0)
    expect(page.locator(".documents li")).to_have_count(1)
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source .error")).to_be_visible()


def test_a_document_full_of_markup_is_shown_as_text_and_does_nothing(page: Page, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile <img src=x onerror=alert(1)>.txt"
    hostile.write_text(HOSTILE, encoding="utf-8")
    page.locator("#shelf-column input[type=file]").set_input_files(hostile)
    expect(page.locator(".outcomes .added")).to_have_count(1, timeout=PATIENCE)
    ask_and_wait(page, "What is the zebra code?")
    expect(page.locator("#current .claims")).to_contain_text(
        "The zebra code is 4711 <script>window.hacked = 1</script>"
    )
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source mark")).to_contain_text("<img src=x onerror=")
    expect(page.locator("#source .source-document")).to_contain_text("{{constructor.constructor(")
    ask_and_wait(page, "<img src=x onerror='window.hacked = 1'> zebra code?")
    assert page.evaluate("window.hacked") is None
    inside = "#page :is(script, img, style, b, a:not(.original, .save, .exports a)):not(svg *)"
    assert page.locator(inside).evaluate_all("(found) => found.map((element) => element.outerHTML)") == []
    page.locator(".documents summary").last.click()
    page.locator(".documents .confirm").last.click()
    expect(page.locator(".documents li")).to_have_count(1)


def test_arabic_runs_from_right_to_left_and_the_page_around_it_stays_as_it_is(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(server, width=390, height=844)
    (tmp_path / "ferry.txt").write_text(ARABIC, encoding="utf-8")
    page.locator("#shelf-column input[type=file]").set_input_files(tmp_path / "ferry.txt")
    expect(page.locator(".outcomes .added")).to_have_count(1, timeout=PATIENCE)
    ask_and_wait(page, "متى تغادر العبّارة إلى ليندهولم؟")
    expect(page.locator("#current .claim").first).to_contain_text(FERRY)
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source mark")).to_have_text(FERRY)
    arabic = (
        "#current .question",
        "#current .claim",
        "#source mark",
        "#source-title",
        ".reopen",
        "[data-collection='uploads'] .open",
    )
    assert {own: direction(page, own) for own in arabic} == dict.fromkeys(arabic, "rtl")
    around = ("html", "body", "#page", "#composer", "#current .tools", "#source .source-header")
    assert {own: direction(page, own) for own in around} == dict.fromkeys(around, "ltr")
    chips = page.locator("#current .claim .chips").first.bounding_box()
    line = page.locator("#current .claim").first.bounding_box()
    assert chips["x"] < line["x"] + line["width"] / 2, "the chip stands where the sentence ends: on the left"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu", exact=True).click()
    page.locator(".documents .remove summary").last.click()
    page.locator(".documents .confirm").last.click()
    expect(page.locator(".documents li")).to_have_count(1)


def direction(page: Page, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("(own) => getComputedStyle(own).direction"))


def test_stop_ends_the_answer_and_the_generator(endless: Server, note: Path, open_page: OpenPage) -> None:
    page = open_page(endless)
    ask(page, QUESTION)
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)
    expect(page.locator("#current .working")).to_be_visible()
    page.get_by_label("Your question").fill("typed meanwhile")
    note.unlink(missing_ok=True)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#current .stopped")).to_have_text("Stopped before the end.")
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("typed meanwhile")
    wait_for(note.exists)


def test_a_closed_page_ends_its_generator(endless: Server, note: Path, open_page: OpenPage) -> None:
    note.unlink(missing_ok=True)
    page = open_page(endless)
    ask(page, QUESTION)
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)
    page.close()
    wait_for(note.exists)


def test_two_people_at_once_get_each_their_own_answer(server: Server, open_page: OpenPage) -> None:
    pages = [open_page(server), open_page(server)]
    for page, question in zip(pages, (QUESTION, UNANSWERABLE), strict=True):
        ask(page, question)
    expect(pages[0].locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)
    expect(pages[1].locator("#current .abstention")).to_be_visible(timeout=PATIENCE)
    expect(pages[0].locator(".question")).to_have_text([QUESTION])
    expect(pages[1].locator(".question")).to_have_text([UNANSWERABLE])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_overflows_and_the_drawers_open_and_close(
    server: Server, open_page: OpenPage, scheme: str
) -> None:
    page = open_page(server, width=390, height=844, color_scheme=scheme)
    ask_and_wait(page, QUESTION)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    assert is_in_view(page, "#source mark")
    page.get_by_role("button", name="Close the source").click()
    expect(page.locator("#source mark")).to_have_count(0)
    expect(page.locator(".documents")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator(".documents")).to_be_visible()
    is_dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 23, 21)"
    assert is_dark is (scheme == "dark")


def test_nothing_of_gradios_own_furniture_is_to_be_seen(page: Page) -> None:
    expect(page.get_by_text(re.compile("gradio|use via api", re.IGNORECASE))).to_have_count(0)
    settings = re.compile("settings", re.IGNORECASE)
    expect(page.locator("details.settings summary")).to_be_visible()
    expect(page.get_by_text(settings)).to_have_count(page.locator("details.settings").get_by_text(settings).count())
    expect(page).to_have_title("Pincite")
    fonts = page.evaluate("[...document.fonts].map((font) => font.family)")
    assert fonts == [], "system fonts only"


def test_another_host_name_is_refused(server: Server) -> None:
    request = urllib.request.Request(server.url, headers={"Host": "rebound.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_ctrl_c_ends_the_server_with_one_line(start: Callable[..., Server], open_page: OpenPage) -> None:
    server = start()
    open_page(server)
    with closing(HTTPConnection(server.url.removeprefix("http://"))) as uploading:
        uploading.putrequest("POST", "/uploads?name=half.txt")
        uploading.putheader("Origin", server.url)
        uploading.putheader("Content-Length", "1000")
        uploading.endheaders(b"The first words")
        assert server.interrupt() == 0
    lines = server.output().splitlines()
    assert lines[-2:] == [f"Pincite is at {server.url} (Ctrl-C stops it)", "Pincite has stopped."]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end
        sleep(0.05)
