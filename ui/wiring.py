"""Gradio's components and events, as this page uses them: plain HTML, private events, no spinner."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from index.types import Span
from ui.place import Place

MOST_CITED = 500
"""Sentences of one document that one answer cites: far more than any does."""


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


def session_of(request: gr.Request) -> str:
    """Return what names an open page."""
    return request.session_hash or ""


def place(event: gr.EventData) -> Place:
    """Return the place in a document that came with an event."""
    clicked = Span(number(event, "start"), number(event, "end"))
    return Place(number(event, "document"), clicked, tuple(_spans(_data(event).get("cited"))))


def _spans(value: Any) -> Iterator[Span]:
    """Yield the spans among whatever a browser may send."""
    for pair in value[:MOST_CITED] if isinstance(value, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(end, int) and 0 <= end < 2**53 for end in pair):
            yield Span(*pair)


def _data(event: gr.EventData) -> dict[str, Any]:
    return event._data if isinstance(event._data, dict) else {}
