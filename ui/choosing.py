"""Who writes the answers, on the page: the components that show it, and which act calls which of `ui.chooser`."""

from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr

from ui import script
from ui.chooser import Chooser
from ui.menu import render_banner, render_hint, render_menu
from ui.wiring import html, on, text

FOLLOW_SECONDS = 0.5
"""How often a page looks how far a download or the loading of a model has come, while there is one."""


class ModelParts(NamedTuple):
    """The components that show who writes the answers."""

    menu: gr.HTML
    banner: gr.HTML
    hint: gr.HTML
    clock: gr.Timer


def lay_out_menu(chooser: Chooser) -> gr.HTML:
    """Place what unfolds from the header."""
    return html(render_menu(chooser.menu), "generator", script.MENU)


def lay_out_banner() -> gr.HTML:
    """Place the line above the question's box."""
    return html(elem_id="banner", js=script.BANNER)


def lay_out_hint(chooser: Chooser) -> gr.HTML:
    """Place the line below the question's box."""
    return html(render_hint(chooser.menu.sent_to))


def connect_models(page: gr.Blocks, parts: ModelParts, chooser: Chooser) -> dict[str, Any]:
    """Connect the components; return the event that brings them up to date, for others to append."""

    def show() -> tuple[str, str, str, gr.Timer]:
        menu = chooser.menu
        return render_menu(menu), render_banner(menu), render_hint(menu.sent_to), gr.Timer(active=menu.is_busy)

    def acting(act: Callable[[str], None], name: str) -> Callable[[gr.EventData], Any]:
        def run(event: gr.EventData) -> Any:
            act(text(event, name))
            return show()

        return run

    def look() -> Any:
        chooser.look()
        return show()

    def cancel() -> Any:
        chooser.cancel()
        return show()

    showing: dict[str, Any] = {"fn": show, "outputs": list(parts)}
    on(page.load, **showing)
    on(parts.clock.tick, **showing)
    on(parts.menu.look, fn=look, outputs=list(parts))
    on(parts.menu.writer, fn=acting(chooser.choose, "key"), outputs=list(parts))
    on(parts.menu.download, fn=acting(chooser.download, "name"), outputs=list(parts))
    on(parts.menu.cancel, fn=cancel, outputs=list(parts))
    return showing
