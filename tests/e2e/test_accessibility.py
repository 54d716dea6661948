"""axe-core looks at the page in each of its main states: no serious and no critical violation. Real Chromium.

What axe cannot decide counts as a violation as well, except for contrast, which is then computed here.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from asking import PATIENCE, ask_and_wait
from axe_playwright_python.sync_playwright import Axe
from driving import Server
from files import Put, pdf
from playwright.sync_api import Page, expect
from test_citing_pdf import QUESTION as FERRY
from test_citing_pdf import guide

QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])

OpenPage = Callable[..., Page]


CONTRAST = """([selector]) => {
  const element = document.querySelector(selector);
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const layers = [];
  for (let own = element; own; own = own.parentElement) {
    const style = getComputedStyle(own), [red, green, blue, alpha = 1] = parts(style.backgroundColor);
    if (style.backgroundImage !== 'none' || Number(style.opacity) < 1) return 0;
    layers.push([red, green, blue, alpha]);
    if (alpha === 1) break;
  }
  const over = (below, [red, green, blue, alpha = 1]) =>
    [red, green, blue].map((shade, at) => alpha * shade + (1 - alpha) * below[at]);
  const ground = layers.reverse().reduce(over, [255, 255, 255]);
  const luminance = (color) => {
    const linear = color.map((shade) => shade / 255)
      .map((shade) => shade <= 0.04045 ? shade / 12.92 : ((shade + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const [dark, light] = [luminance(ground), luminance(over(ground, parts(getComputedStyle(element).color)))].sort(
    (one, other) => one - other);
  return (light + 0.05) / (dark + 0.05);
}"""
"""The contrast of an element's text with what is painted below it (WCAG 2.2, 1.4.3); 0 where that is no plain colour.

axe decides it by what lies on the screen at the text's place: not for signs without letters, such as "⋯", nor for
what has been scrolled under the header."""
ENOUGH = 4.5


def violations(page: Page) -> list[str]:
    """Return the serious and critical violations of what the page shows now, each with where it is."""
    page.wait_for_timeout(300)  # what fades has faded
    found = Axe().run(page, options={"resultTypes": ["violations", "incomplete"]}).response
    violated = [(rule, node) for rule in found["violations"] for node in rule["nodes"]]
    undecided = [(rule, node) for rule in found["incomplete"] for node in rule["nodes"]]
    open_ = [(rule, node) for rule, node in undecided if rule["id"] != "color-contrast" or not is_readable(page, node)]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
        for rule, node in (*violated, *open_)
        if rule["impact"] in ("serious", "critical")
    ]


def is_readable(page: Page, node: dict[str, list[str]]) -> bool:
    return float(page.evaluate(CONTRAST, node["target"])) >= ENOUGH


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


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "light"), (390, 844, "dark")])
def test_uploads_limits_and_the_picture_of_a_page_are_accessible(
    server: Server, open_page: OpenPage, tmp_path: Path, width: int, height: int, scheme: str
) -> None:
    page = open_page(server, width=width, height=height, color_scheme=scheme)
    files = {"vault.pdf": pdf([[Put(60, 400, "The vault opens on Friday.")]], password="sesame"), "guide.pdf": guide(),
             "noise.txt": bytes(range(256)) * 20}  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    if width == 390:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.locator("#shelf-column input[type=file]").set_input_files([tmp_path / name for name in files])
    expect(page.locator(".adding-summary")).to_contain_text("2 failed", timeout=PATIENCE)
    expect(page.get_by_label("Password of vault.pdf")).to_be_visible()
    page.get_by_role("button", name="Ask only this: A guide to the harbour").scroll_into_view_if_needed()
    assert violations(page) == []
    page.get_by_role("button", name="Ask only this: A guide to the harbour").click()
    expect(page.locator(".limit")).to_be_visible()
    ask_and_wait(page, FERRY)
    assert violations(page) == []
    page.locator("#current .claim .chip").first.click()
    expect(page.locator("#source-page .leads").first).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []


def test_a_fault_would_be_seen(server: Server, open_page: OpenPage) -> None:
    page = open_page(server)
    page.evaluate("""document.querySelector('#conversation').insertAdjacentHTML(
        'beforeend', `<button></button><p style="color: #999; background: #fff">Hardly to be read</p>
          <p style="background: linear-gradient(#000, #fff)">What axe leaves open</p>
          <p style="background: #fff"><span id="half" style="color: rgb(0 0 0 / 50%)">⋯</span></p>`)""")
    assert [line.partition(" ")[0] for line in violations(page)] == ["button-name", *["color-contrast"] * 3]
    assert page.evaluate(CONTRAST, ["#half"]) == pytest.approx(3.98, abs=0.01), "of #808080 on white, rounded up"
