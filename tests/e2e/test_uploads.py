"""Adding files and folders on the page: each file's outcome, a password, cancelling, and the page in use meanwhile."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import PATIENCE, ask_and_wait
from driving import Server
from files import Put, pdf
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

SECRET = "The vault opens on the first Friday of March."


@pytest.fixture
def page(server: Server, open_page: OpenPage) -> Page:
    return open_page(server)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of good, broken, empty, encrypted and hidden files, two of them with the same name."""
    folder = tmp_path / "papers"
    (folder / "old" / ".cache").mkdir(parents=True)
    (folder / "bees.md").write_text("# Bees\n\nA colony of bees holds one queen.\n", encoding="utf-8")
    (folder / "old" / "bees.md").write_text("# Wasps\n\nA wasp nest is made of paper.\n", encoding="utf-8")
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "empty.txt").touch()
    (folder / "vault.pdf").write_bytes(pdf([[Put(60, 400, SECRET)]], password="sesame"))
    (folder / "old" / ".cache" / "junk.txt").write_text("Junk.", encoding="utf-8")
    return folder


def choose_folder(page: Page, folder: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add folder").click()
    chooser.value.set_files(folder)


def summary(page: Page, text: str) -> None:
    expect(page.locator(".adding-summary")).to_have_text(text, timeout=PATIENCE)


def line(page: Page, name: str) -> str:
    """Return what stands beside a file's name."""
    row = page.locator(".outcomes li").filter(has=page.get_by_text(name, exact=True))
    return row.locator(".words").inner_text()


def test_a_folder_is_added_file_by_file_and_the_bad_ones_say_why(page: Page, folder: Path) -> None:
    choose_folder(page, folder)
    summary(page, "2 added, 3 failed")
    assert line(page, "papers/bees.md") == line(page, "papers/old/bees.md") == "added, 1 passage"
    assert line(page, "papers/empty.txt") == "holds no text"
    assert line(page, "papers/vault.pdf") == "needs its password"
    assert page.locator(".outcomes li").count() == 5, "hidden files are left out"
    assert {row.get_attribute("class") for row in page.locator(".outcomes li").all()[:3]} == {"failed"}
    expect(page.locator(".documents .open")).to_contain_text(["Bees", "Wasps"])
    choose_folder(page, folder)
    summary(page, "2 already here, 3 failed")


def test_an_encrypted_file_asks_for_its_password_beside_its_line_and_is_then_read(page: Page, folder: Path) -> None:
    page.locator("#shelf-column input[type=file]").set_input_files(folder / "vault.pdf")
    field = page.get_by_label("Password of vault.pdf")
    field.fill("mellon", timeout=PATIENCE)
    field.press("Enter")
    expect(page.locator(".outcomes .words")).to_have_text("is encrypted, and that password does not open it")
    expect(field).to_have_value("")
    field.fill("sesame")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator(".outcomes .words")).to_have_text("added, 1 passage")
    expect(field).to_be_hidden()
    ask_and_wait(page, "When does the vault open?")
    expect(page.locator("#current .claims")).to_contain_text(SECRET)
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source mark")).to_have_text(SECRET)
    expect(page.locator("#source-page .page-note")).to_contain_text("the file is encrypted")


def test_what_is_dropped_on_the_page_is_added(page: Page, folder: Path) -> None:
    (folder / "old" / "hornets.txt").write_text("A hornet is the largest of the wasps.", encoding="utf-8")
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(folder / "old")], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 700, "y": 300, "data": data})
    expect(page.locator(".outcomes .file")).to_have_text(["old/bees.md", "old/hornets.txt"], timeout=PATIENCE)
    expect(page.locator(".adding-summary")).to_have_text(re.compile("added"), timeout=PATIENCE)
    assert line(page, "old/hornets.txt") == "added, 1 passage"


def test_the_page_answers_while_files_are_added_and_the_rest_can_be_cancelled(page: Page, tmp_path: Path) -> None:
    files = [tmp_path / f"{number:03}.txt" for number in range(400)]
    for number, file in enumerate(files):
        file.write_text(f"Locker {number} holds {number + 7} keys.\n", encoding="utf-8")
    documents = page.locator(".documents li")
    expect(documents).not_to_have_count(0)
    before = documents.count()
    page.locator("#shelf-column input[type=file]").set_input_files(files)
    ask_and_wait(page, "What did Asif say about refugees?")
    expect(page.locator("#current .claims")).to_contain_text("return of refugees")
    expect(page.locator(".adding p")).to_have_text(re.compile(r"^\d+ of 400 done$"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".adding-summary")).to_have_text(re.compile(r"^\d+ added, \d+ cancelled$"))
    added, cancelled = map(int, re.findall(r"\d+", page.locator(".adding-summary").inner_text()))
    assert added + cancelled == 400
    assert 0 < added < 400
    expect(documents).to_have_count(before + added)
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
