"""How answers are wanted, on the page: what is shown, what can be chosen, and no text becomes markup."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import ScriptedGenerator, WordEmbedder
from html_reading import TEXTS, Reader
from hypothesis import given

from index.library import Library
from rag.generators import ExtractiveGenerator
from rag.keys import KEYS
from rag.settings import InForce, config_path, load_settings
from ui.actions import Actions
from ui.seat import Seat
from ui.settings_panel import render_settings

FOUND = {key.name: InForce(key, key.default, "default", 4) for key in KEYS}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("PASSAGES", "STRICTNESS", "LANGUAGE"):
        monkeypatch.delenv(f"PINCITE_{name}", raising=False)
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        yield library


@pytest.fixture
def actions(library: Library) -> Actions:
    return Actions(library, Seat(ExtractiveGenerator()))


def marked(html: str, mark: str) -> list[str]:
    """The values of the options or buttons that are marked so."""
    return [part.split('"')[0] for part in html.split('value="')[1:] if f" {mark}" in part.split(">")[0]]


def test_a_choice_is_shown_kept_and_taken_back(actions: Actions, library: Library) -> None:
    usual = actions.settings()
    assert (marked(usual, "checked"), marked(usual, "selected")) == (["auto"], ["5", "auto"])

    assert "Saved. It holds from the next question on." in Reader(actions.change_setting("passages", "3")).text
    actions.change_setting("language", "ur")
    changed = actions.change_setting("strictness", "strict")
    assert (marked(changed, "checked"), marked(changed, "selected")) == (["strict"], ["3", "ur"])
    assert load_settings({}, library.choices().all()).manner.passages == 3

    again = actions.reset_settings()
    assert "All as usual again" in Reader(again).text
    assert (marked(again, "selected"), library.choices().all()) == (["5", "auto"], {})


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("passages", "11", "the setting passages is '11': it must be a whole number from 1 to 10"),
        ("strictness", "", "the setting strictness is '': it must be one of auto, strict, grounded"),
        ("library", "/", "'library' cannot be chosen here, but passages, strictness, language"),
        ("<b>", "1", "'<b>' cannot be chosen here"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_one_line_and_not_kept(
    actions: Actions, library: Library, name: str, value: str, line: str
) -> None:
    html = actions.change_setting(name, value)

    assert line in Reader(html).text
    assert marked(html, "selected") == ["5", "auto"]
    assert library.choices().all() == {}


def test_what_the_environment_says_is_shown_and_cannot_be_changed(
    actions: Actions, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.choices().keep("passages", "3")
    monkeypatch.setenv("PINCITE_PASSAGES", "7")
    html = actions.settings()

    assert marked(html, "selected") == ["7", "auto"]
    assert '<select id="setting-passages" name="passages" aria-describedby="about-passages" disabled>' in html
    assert "Set by PINCITE_PASSAGES where the server was started" in Reader(html).text
    assert html.count(" disabled") == 1


def test_a_file_of_settings_that_cannot_be_read_is_told_in_their_place(actions: Actions) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text("passages = 99", encoding="utf-8")
    text = Reader(actions.settings()).text

    assert f"{config_path()}: the setting passages is 99: it must be a whole number from 1 to 10" in text
    assert "Strictness" not in text


def test_without_a_model_it_says_what_changes_nothing_yet(library: Library) -> None:
    note = "strictness and language change nothing yet"

    assert note in Reader(render_settings(FOUND, ExtractiveGenerator.name)).text
    assert note not in Reader(render_settings(FOUND, "Qwen3 4B")).text
    assert "Qwen3 4B" in Reader(Actions(library, Seat(ScriptedGenerator([], name="Qwen3 4B"))).settings()).text


@given(TEXTS)
def test_no_name_of_a_model_becomes_markup(name: str) -> None:
    seen, plain = (Reader(render_settings(FOUND, f"{text}.")) for text in (name, "a"))

    assert name in seen.text
    assert seen.tags == plain.tags
