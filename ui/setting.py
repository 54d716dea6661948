"""How answers are wanted, on the page: where that stands, and which act calls which of `ui.actions`."""

import gradio as gr

from ui import script
from ui.actions import Actions
from ui.wiring import html, on, text


def lay_out_settings(actions: Actions) -> gr.HTML:
    """Place what unfolds from the header."""
    return html(actions.settings(), "settings", script.SETTINGS)


def connect_settings(panel: gr.HTML, actions: Actions) -> None:
    """Connect it: opening shows what holds by now, as others may have chosen meanwhile."""

    def change(event: gr.EventData) -> str:
        return actions.change_setting(text(event, "name"), text(event, "value"))

    on(panel.look, fn=lambda: actions.settings(), outputs=panel)
    on(panel.setting, fn=change, outputs=panel)
    on(panel.usual, fn=lambda: actions.reset_settings(), outputs=panel)
