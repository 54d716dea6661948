"""What is kept, as a person uses it: conversations, collections, asking again. Real server, real Chromium."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import PATIENCE, ask, ask_and_wait
from driving import Server
from playwright.sync_api import Locator, Page, expect

SENTENCE = "They should arrange for the return of refugees and ensure that illegals do not come from there"
QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"
TIMETABLE = "The ferry to Lindholm leaves at 07:40 every morning.\n"

OpenPage = Callable[..., Page]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder of a person's own, so that a test may change it."""
    folder = tmp_path / "timetables"
    folder.mkdir()
    (folder / "ferry.txt").write_text(TIMETABLE, encoding="utf-8")
    return folder


def listed(page: Page) -> Locator:
    return page.locator(".conversations .reopen")


def open_settings(page: Page) -> Locator:
    """Unfold the settings, and wait until they show what holds now."""
    page.locator(".settings summary").click()
    expect(page.locator(".unfolded")).to_be_visible()
    return page.locator(".unfolded")


def tools(page: Page, name: str) -> Locator:
    return page.locator("#current .tools").get_by_text(name, exact=True)


def test_a_conversation_opens_again_after_the_server_was_killed_and_says_what_has_changed(
    start: Callable[..., Server], open_page: OpenPage, documents: Path
) -> None:
    server = start(documents=documents)
    page = open_page(server)
    ask_and_wait(page, "When does the ferry to Lindholm leave?")
    ask_and_wait(page, UNANSWERABLE)
    expect(listed(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"#[0-9a-f]{12}$"))
    settings = open_settings(page)
    settings.get_by_label("Language").select_option("fr")
    expect(settings.get_by_role("status")).to_have_text("Saved. It holds from the next question on.")

    server.kill()
    (documents / "ferry.txt").write_text(f"Summer timetable.\n\n{TIMETABLE}", encoding="utf-8")
    server.begin()
    server.wait_until_up()
    page.reload()
    expect(page.locator(".question")).to_have_text(["When does the ferry to Lindholm leave?", UNANSWERABLE])
    expect(page.locator(".notice")).to_have_text("ferry has changed since.")
    page.locator("#earlier .claim .chip").first.click()
    expect(page.locator("#source mark")).to_have_text(TIMETABLE.strip())
    expect(page.locator("#source .source-document")).to_contain_text("Summer timetable.")
    expect(open_settings(page).get_by_label("Language")).to_have_value("fr")

    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".welcome")).to_be_visible()
    listed(page).click()
    expect(page.locator(".question")).to_have_count(2)
    expect(listed(page)).to_have_attribute("aria-current", "true")
    ask_and_wait(page, "At what time does it leave?")
    expect(page.locator(".question")).to_have_count(3)
    expect(listed(page)).to_have_count(1)


def test_conversations_are_searched_renamed_saved_and_deleted(server: Server, open_page: OpenPage) -> None:
    page = open_page(server)
    ask_and_wait(page, QUESTION)
    page.get_by_role("button", name="New chat").click()
    ask_and_wait(page, UNANSWERABLE)
    expect(listed(page)).to_have_text([UNANSWERABLE, QUESTION])

    page.get_by_label("Search conversations").fill("REFUGEES asif")
    expect(listed(page)).to_have_text([QUESTION])
    row = page.locator(".conversations li")
    row.get_by_label("More about").click()
    for form, holds in (("Web page", SENTENCE), ("Markdown", SENTENCE), ("JSON", '"claims"')):
        with page.expect_download() as saved:
            row.get_by_role("link", name=form).click()
        assert saved.value.suggested_filename.startswith("What did Asif say about refugees.")
        assert holds in Path(saved.value.path()).read_text(encoding="utf-8")
    row.get_by_label("Title").fill("On refugees")
    row.get_by_role("button", name="Rename").click()
    expect(listed(page)).to_have_text([UNANSWERABLE, "On refugees"])

    row = page.locator(".conversations li", has_text="On refugees")
    row.get_by_label("More about").click()
    expect(row.locator(".confirm-delete")).to_be_hidden()
    row.get_by_text("Delete…").click()
    row.locator(".confirm-delete").click()
    expect(listed(page)).to_have_text([UNANSWERABLE])


def test_settings_hold_from_the_next_question_on_and_are_still_there_after_a_reload(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(server)
    ask_and_wait(page, QUESTION)
    page.locator(".settings summary").focus()
    page.keyboard.press("Enter")
    reach(page, "#setting-passages")
    page.keyboard.press("Home")
    settings = page.locator(".unfolded")
    expect(settings.get_by_role("status")).to_have_text("Saved. It holds from the next question on.")
    expect(settings.get_by_label("Passages")).to_be_focused()
    settings.get_by_role("radio", name="Strict").check()
    expect(settings.get_by_role("radio", name="Strict")).to_have_attribute("checked", "")
    page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect(page.locator(".settings summary")).to_be_focused()
    ask_and_wait(page, "What did Asif say about India?")

    page.reload()
    settings = open_settings(page)
    expect(settings.get_by_label("Passages")).to_have_value("1")
    expect(settings.get_by_role("radio", name="Strict")).to_be_checked()
    settings.get_by_role("button", name="Back to the usual settings").click()
    expect(settings.get_by_label("Passages")).to_have_value("5")
    expect(settings.get_by_role("radio", name="Automatic")).to_be_checked()
    settings.get_by_role("button", name="Choose…").click()
    expect(settings).to_be_hidden()
    expect(page.locator(".writers")).to_be_visible()
    page.keyboard.press("Escape")
    ask_and_wait(page, "What did Asif say about Hamas?")
    assert passages_read(page, tmp_path / "talk.json") == [5, 1, 5]


def passages_read(page: Page, path: Path) -> list[int]:
    """How many passages each answer of the conversation read anew, as its JSON tells."""
    row = page.locator(".conversations li").first
    row.get_by_label("More about").click()
    with page.expect_download() as saved:
        row.get_by_role("link", name="JSON").click()
    saved.value.save_as(path)
    answers = json.loads(path.read_text(encoding="utf-8"))["answers"]
    return [len(answer["read"]) for answer in answers]


def test_the_saved_page_shows_quotes_and_sources_and_asks_for_nothing(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(server)
    ask_and_wait(page, QUESTION)
    with page.expect_download() as saved:
        tools(page, "Save as page").click()
    path = tmp_path / "shared.html"
    saved.value.save_as(path)
    shared = page.context.new_page()
    asked: list[str] = []
    shared.on("request", lambda request: asked.append(request.url))
    shared.goto(path.as_uri())
    expect(shared.locator("blockquote")).to_contain_text([SENTENCE])
    shared.get_by_role("link", name="[2]").click()
    expect(shared.locator("li:target")).to_contain_text(SENTENCE)
    assert asked == [path.as_uri()]
    shared.close()


def test_an_answer_is_copied_with_its_citations(server: Server, open_page: OpenPage) -> None:
    page = open_page(server, permissions=["clipboard-read", "clipboard-write"])
    ask_and_wait(page, QUESTION)
    tools(page, "Copy").click()
    expect(tools(page, "Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"> “{SENTENCE},” he stated. \\[2\\]" in copied
    assert "Sources:" in copied


def test_a_question_is_asked_again_and_edited_in_its_place_by_keyboard(server: Server, open_page: OpenPage) -> None:
    page = open_page(server)
    ask_and_wait(page, QUESTION)
    ask_and_wait(page, "What did he say about India?")
    expect(page.locator("#current .claims")).to_contain_text("India")
    ask_and_wait(page, UNANSWERABLE)
    tools(page, "Ask again").click()
    expect(page.locator("#current .question")).to_have_text(UNANSWERABLE)
    expect(page.locator("#current .tools")).to_be_visible()
    expect(page.locator(".question")).to_have_count(3)

    page.get_by_label("Your question").fill("typed meanwhile")
    edit = page.locator("#earlier .turn").nth(1)
    edit.get_by_role("button", name="Edit").focus()
    page.keyboard.press("Enter")
    expect(edit.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(edit.locator("textarea")).to_be_hidden()
    expect(edit.get_by_role("button", name="Edit")).to_be_focused()
    page.keyboard.press("Enter")
    edit.locator("textarea").fill("What did Asif say about Hamas?")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text([QUESTION, "What did Asif say about Hamas?"])
    expect(page.locator("#current .tools")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Your question")).to_have_value("typed meanwhile")
    page.reload()
    expect(page.locator(".question")).to_have_text([QUESTION, "What did Asif say about Hamas?"])


def test_only_ticked_collections_are_asked(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(server)
    expect(page.locator(".collection")).to_have_count(1)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    bees = tmp_path / "bees.md"
    bees.write_text("# Bees\n\nA colony of bees holds one queen.\n", encoding="utf-8")
    page.locator("#shelf-column input[type=file]").first.set_input_files(bees)
    expect(page.get_by_role("checkbox", name="uploads")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("checkbox", name="uploads").uncheck()
    expect(page.locator("#scope-line")).to_have_text("Asking only: “seeds”")
    ask_and_wait(page, "How many queens does a colony of bees hold?")
    expect(page.locator("#current .abstention")).to_contain_text("In none of the passages:")
    expect(page.locator("#current .asked-of")).to_have_text("Asked of: “seeds”")

    page.get_by_role("checkbox", name="uploads").check()
    page.get_by_role("checkbox", name="seeds").uncheck()
    tools(page, "Ask again").click()
    expect(page.locator("#current .claims")).to_contain_text("A colony of bees holds one queen.")
    page.get_by_role("checkbox", name="uploads").uncheck()
    ask(page, QUESTION)
    expect(page.locator("#current .error")).to_contain_text("no collection is ticked")
    page.get_by_role("checkbox", name="seeds").check()
    page.get_by_text("Ask only of some", exact=True).click()
    page.get_by_label("Type").select_option("markdown")
    ask_and_wait(page, QUESTION)
    expect(page.locator("#current .abstention")).to_contain_text("None of the documents is among those to answer from")
    expect(page.locator("#scope-line")).to_have_text("Asking only: “seeds”markdown")
    page.get_by_role("button", name="markdown, remove this limit").click()
    expect(page.get_by_label("Type")).to_have_value("")
    expect(page.locator("#scope-line")).to_have_text("Asking only: “seeds”")
    page.get_by_role("button", name="“seeds”, remove this limit").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    expect(page.locator("#scope-line")).to_be_hidden()

    wasps = tmp_path / "wasps.md"
    wasps.write_text("# Wasps\n\nA colony of wasps builds with paper.\n", encoding="utf-8")
    page.get_by_role("checkbox", name="uploads").uncheck()
    expect(page.get_by_label("Into the collection")).to_have_attribute("placeholder", "seeds")
    page.get_by_role("checkbox", name="uploads").check()
    expect(page.get_by_label("Into the collection")).to_have_attribute("placeholder", "uploads, or the folder’s name")
    page.get_by_label("Into the collection").fill("Nests")
    page.locator("#shelf-column input[type=file]").first.set_input_files(wasps)
    nests = page.locator('[data-collection="Nests"]')
    expect(nests.locator(".open")).to_have_text(["Wasps"], timeout=PATIENCE)
    page.get_by_label("Into the collection").fill("")
    only = page.get_by_role("button", name="Ask only this: Wasps")
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.locator("#composer > * > *", has_text="Asking only: “Wasps”")).to_be_visible()
    ask_and_wait(page, "How many queens does a colony of bees hold?")
    expect(page.locator("#current .asked-of")).to_have_text("Asked of: “Wasps”")
    expect(page.locator("#current .abstention")).to_be_visible()
    page.get_by_role("button", name="“Wasps”, remove this limit").click()
    expect(only).to_have_attribute("aria-pressed", "false")
    tools(page, "Ask again").click()
    expect(page.locator("#current .claims")).to_contain_text("A colony of bees holds one queen.")
    only.click()
    nests.locator(".remove summary").click()
    nests.locator(".confirm").click()
    expect(page.locator("#scope-line")).to_be_hidden()

    row = page.locator('[data-collection="uploads"]')
    row.get_by_label("More about uploads").click()
    row.get_by_label("Name").fill("hive")
    row.get_by_role("button", name="Rename").click()
    row = page.locator('[data-collection="hive"]')
    expect(row.locator(".documents li")).to_have_count(1)
    row.get_by_label("More about hive").click()
    row.get_by_text("Remove…").click()
    row.get_by_role("button", name="Remove hive").click()
    expect(page.locator(".documents li")).to_have_count(1)


def test_from_a_sentence_of_the_source_back_to_what_rests_on_it(server: Server, open_page: OpenPage) -> None:
    page = open_page(server)
    ask_and_wait(page, QUESTION)
    page.locator("#current .claim .chip").first.click()
    other = page.locator("#source .cited", has_text=SENTENCE)
    expect(other).to_have_attribute("title", "Show what rests on this")
    other.focus()
    page.keyboard.press("Enter")
    claim = page.locator("#current .claim", has_text=SENTENCE)
    expect(claim).to_have_class(re.compile("resting"))
    expect(claim.locator(".chip")).to_be_focused()


def test_two_pages_keep_two_conversations(server: Server, open_page: OpenPage) -> None:
    pages = [open_page(server), open_page(server)]
    for page, question in zip(pages, (QUESTION, UNANSWERABLE), strict=True):
        ask(page, question)
    for page, question in zip(pages, (QUESTION, UNANSWERABLE), strict=True):
        expect(page.locator("#current .tools")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".question")).to_have_text([question])
    addresses = {page.url for page in pages}
    assert len(addresses) == 2
    for page, question in zip(pages, (QUESTION, UNANSWERABLE), strict=True):
        page.reload()
        expect(page.locator(".question")).to_have_text([question])


def test_a_new_chat_in_the_middle_of_an_answer_stays_empty(
    start: Callable[..., Server], open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(start(Path(__file__).with_name("slow_server.py"), tmp_path / "note.txt"))
    ask(page, QUESTION)
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE, timeout=PATIENCE)
    settings = open_settings(page)
    settings.get_by_label("Passages").select_option("2")
    expect(settings.get_by_role("status")).to_have_text("Saved. It holds from the next question on.")
    page.keyboard.press("Escape")
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    page.wait_for_timeout(1_500)
    expect(page.locator(".turn")).to_have_count(0)
    expect(listed(page)).to_have_text([QUESTION])
    listed(page).click()
    expect(page.locator("#current .stopped")).to_be_visible()
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_conversations_open_from_the_drawer(server: Server, open_page: OpenPage, scheme: str) -> None:
    page = open_page(server, width=390, height=844, color_scheme=scheme)
    ask_and_wait(page, QUESTION)
    box = open_settings(page).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    page.get_by_role("button", name="Back to the usual settings").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Back to the usual settings")).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New chat").click()
    expect(listed(page).first).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    listed(page).first.click()
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE)
    expect(listed(page).first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#current .claim .chip").first.click()
    page.locator("#source mark").click()
    expect(page.locator("#source mark")).to_have_count(0)
    expect(page.locator("#current .claim.resting")).to_have_count(1)


def test_the_whole_way_by_keyboard_alone(server: Server, open_page: OpenPage) -> None:
    page = open_page(server)
    page.get_by_label("Your question").focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#current .tools")).to_be_visible(timeout=PATIENCE)
    reach(page, "#current .claim .chip")
    page.keyboard.press("Enter")
    expect(page.locator("#source mark")).to_be_visible()
    page.keyboard.press("Escape")
    reach(page, "#new")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
    reach(page, ".reopen")
    page.keyboard.press("Space")
    expect(page.locator("#current .claims")).to_contain_text(SENTENCE)


def reach(page: Page, selector: str) -> None:
    """Press Tab until something of this kind has the focus."""
    for _ in range(60):
        if page.evaluate(f"document.activeElement.matches('{selector}')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")
