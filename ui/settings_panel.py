"""Turns how answers are wanted, and who says so, into safe HTML. Pure: every word goes through `ui.markup`.

Class names are the ones of `page.css`.
"""

from collections.abc import Iterable, Mapping

from rag.keys import LANGUAGE_CODES, STRICTNESSES
from rag.manner import LANGUAGES, MOST_PASSAGES
from rag.settings import InForce
from ui.markup import error_line, escape, isolated
from ui.menu import QUOTES_ONLY

SAVED = "Saved. It holds from the next question on."
AS_USUAL = "All as usual again, from the next question on."
_ICON = (
    '<svg aria-hidden="true" viewBox="0 0 16 16" width="16" height="16"><path d="M1 4h7M12 4h3M1 12h3M8 12h7"/>'
    '<circle cx="10" cy="4" r="2"/><circle cx="6" cy="12" r="2"/></svg>'
)
_ABOUT = "Kept in this library, and the same for everybody who uses it. Only the model holds for the whole machine."
_STRICTNESS = {
    "auto": ("Automatic", "A small model only quotes; a larger one writes in its own words."),
    "strict": ("Strict", "Only quotations, with a few fixed words between them."),
    "grounded": ("Grounded", "The model’s own words; each sentence cites what it rests on."),
}
_PASSAGES = "The most that are read anew for an answer. More of them find more, and take a model longer to read."
_LANGUAGE = "The one a model is told to write in. Quotations stay as they are; Pincite’s own lines are in English."
_NO_MODEL = "Without a language model every answer is quotations: strictness and language change nothing yet."


def render_settings(found: Mapping[str, InForce], writer: str, status: str = "") -> str:
    """Return the settings of answers, unfolding from a button; `writer` is the name of who writes.

    `found` holds those that are chosen on the page; `status` is HTML that says what became of the last choice.
    """
    fields = (
        _model(writer),
        _strictness(found["strictness"]),
        _selection(found["passages"], "Passages", _passages(found["passages"]), _PASSAGES),
        _selection(found["language"], "Language", _languages(found["language"]), _LANGUAGE),
        '<section><button type="button" class="usual cancel">Back to the usual settings</button></section>',
    )
    return _panel("".join(fields), status)


def render_broken_settings(trouble: str) -> str:
    """Return the same with nothing but the reason why the settings cannot be shown."""
    return _panel("", error_line(trouble))


def saved(line: str) -> str:
    """Return what became of a choice as a status."""
    return f'<p class="note">{escape(line)}</p>'


def _panel(fields: str, status: str) -> str:
    return (
        f'<details class="settings"><summary>{_ICON}<span>Settings</span></summary>'
        f'<div class="unfolded" role="group" aria-label="Settings"><section class="in-use"><h2>Settings</h2>'
        f'<p class="facts">{_ABOUT}</p></section><div class="menu-status" role="status" tabindex="-1">{status}</div>'
        f"{fields}</div></details>"
    )


def _model(writer: str) -> str:
    note = f'<p class="warning">{_NO_MODEL}</p>' if writer == QUOTES_ONLY else ""
    return (
        f'<section><h2>Model</h2><div class="chosen-model"><p class="name">{isolated(writer)}</p>'
        f'<button type="button" class="open-menu">Choose…</button></div>{note}</section>'
    )


def _strictness(setting: InForce) -> str:
    choices = "".join(_choice(value, setting) for value in STRICTNESSES)
    return f"<section><fieldset><legend>Strictness</legend>{choices}</fieldset>{_fixed(setting)}</section>"


def _choice(value: str, setting: InForce) -> str:
    name, meaning = _STRICTNESS[value]
    state = f"{' checked' if value == setting.value else ''}{_disabled(setting)}"
    return (
        f'<label class="choice"><input type="radio" name="strictness" value="{value}"{state}>'
        f'<span><span class="name">{name}</span><span class="facts">{meaning}</span></span></label>'
    )


def _selection(setting: InForce, title: str, options: str, meaning: str) -> str:
    name = setting.key.name
    return (
        f'<section><div class="selection"><label for="setting-{name}">{title}</label>'
        f'<select id="setting-{name}" name="{name}" aria-describedby="about-{name}"{_disabled(setting)}>{options}'
        f'</select></div><p class="facts" id="about-{name}">{meaning}</p>{_fixed(setting)}</section>'
    )


def _passages(setting: InForce) -> str:
    usual = setting.key.default
    return _options(setting, ((number, f"{number} (usual)" if number == usual else f"{number}") for number in _NUMBERS))


_NUMBERS = range(1, MOST_PASSAGES + 1)


def _languages(setting: InForce) -> str:
    names = {code: language.own_name for code, language in LANGUAGES.items()}
    return _options(setting, ((code, names.get(code, "As the question")) for code in LANGUAGE_CODES))


def _options(setting: InForce, values: Iterable[tuple[object, str]]) -> str:
    return "".join(
        f'<option value="{escape(str(value))}"{" selected" if value == setting.value else ""}>{escape(name)}</option>'
        for value, name in values
    )


def _disabled(setting: InForce) -> str:
    return " disabled" if setting.is_fixed else ""


def _fixed(setting: InForce) -> str:
    """Return why a setting cannot be changed here, "" where it can."""
    if not setting.is_fixed:
        return ""
    return f'<p class="warning">Set by {escape(setting.origin)} where the server was started, and only there.</p>'
