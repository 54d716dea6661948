"""Gradio's components and events, as this page uses them: plain HTML, private events, no spinner."""

from typing import Any

import gradio as gr


def html(value: str = "", elem_id: str = "", js: str | None = None) -> gr.HTML:
    """Return a place for HTML without any style of Gradio's own; `js` runs once, when it is there."""
    return gr.HTML(value, elem_id=elem_id or None, js_on_load=js, apply_default_css=False)


def on(listener: Any, *, queue: bool = False, **event: Any) -> Any:
    """Register an event that is no public API and covers nothing with a spinner: the page shows its own progress.

    Only what streams goes through Gradio's queue. It drops an event that comes just when another one ends
    (`script.TAKE_QUESTION`); what is not queued is a plain request and cannot be lost.
    """
    return listener(**event, queue=queue, api_visibility="private", show_progress="hidden")


def number(event: gr.EventData, name: str) -> int:
    """Return a number that came with an event; 0, which names no document, for anything else a browser may send."""
    value = _data(event).get(name)
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def text(event: gr.EventData, name: str) -> str:
    """Return a text that came with an event; "" for anything else a browser may send."""
    value = _data(event).get(name)
    return value if isinstance(value, str) else ""


def _data(event: gr.EventData) -> dict[str, Any]:
    return event._data if isinstance(event._data, dict) else {}
