"""The chat page on Gradio Blocks: what stands where, and which act calls which of `ui.actions`.

Knows nothing of how an answer comes about, and little of how it looks: HTML comes from the render modules, the
style sheet from `ui.theme`, the few lines of JavaScript from `ui.script`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from rag.types import Answer
from ui import script
from ui.actions import Actions, Shown
from ui.render import render_generator, render_hint

SIMULTANEOUS = 8
"""Answers written at once, and uploads added at once; others wait in the queue. They share the processor and, with a
model, its lock: more at once would make each slower. What is not queued does not wait for them."""

PROMISE = "Answers from your own documents. Every sentence shows its source."
BRAND = f'<div class="brand"><h1>Pincite<sup aria-hidden="true">[1]</sup></h1><p>{PROMISE}</p></div>'


class Parts(NamedTuple):
    """The components that events touch."""

    new: gr.Button
    toggle: gr.Button
    upload: gr.UploadButton
    adding: gr.HTML
    documents: gr.HTML
    welcome: gr.HTML
    samples: gr.HTML
    earlier: gr.HTML
    current: gr.HTML
    question: gr.Textbox
    asked: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    source: gr.HTML
    answers: gr.State


def build_page(actions: Actions) -> gr.Blocks:
    """Return the page. Loads no model; one page serves all sessions."""
    page = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
    with page:
        parts = _lay_out(actions.generator_name, actions.remote, actions.sent_to)
        _connect_library(page, parts, actions)
        _connect_chat(page, parts, actions)
        _connect_sources(parts, actions)
    page.queue(default_concurrency_limit=SIMULTANEOUS)
    return page


def _html(value: str = "", elem_id: str = "", js: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id or None, js_on_load=js, apply_default_css=False)


def _lay_out(generator_name: str, remote: str, sent_to: str) -> Parts:
    with gr.Row(elem_id="header"):
        _html(BRAND, "brand")
        _html(render_generator(generator_name, remote), "generator")
        toggle = gr.Button("Documents", elem_id="documents-toggle", elem_classes="plain")
        new = gr.Button("New chat", elem_id="new", elem_classes="plain")
    with gr.Row(elem_id="page"):
        with gr.Column(elem_id="documents-column"):
            upload = gr.UploadButton("Add documents", elem_id="add", elem_classes="plain", file_count="multiple")
            adding = _html(elem_id="adding")
            documents = _html(elem_id="documents", js=script.DOCUMENTS)
        with gr.Column(elem_id="chat-column"):
            with gr.Column(elem_id="conversation"):
                welcome = _html(elem_id="welcome")
                samples = _html(elem_id="samples", js=script.SAMPLES)
                earlier = _html(elem_id="earlier", js=script.OPEN_SOURCES)
                current = _html(elem_id="current", js=script.CONVERSATION)
            with gr.Column(elem_id="composer"):
                question, ask, stop = _lay_out_question()
                asked = gr.Textbox(visible=False)
                _html(render_hint(sent_to))
        with gr.Column(elem_id="source-column"):
            source = _html(elem_id="source", js=script.SOURCE)
    return Parts(
        new=new, toggle=toggle, upload=upload, adding=adding, documents=documents, welcome=welcome, samples=samples,
        earlier=earlier, current=current, question=question, asked=asked, ask=ask, stop=stop, source=source,
        answers=gr.State(()),
    )  # fmt: skip


def _lay_out_question() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    with gr.Row(elem_id="ask-row"):
        question = gr.Textbox(
            label="Your question",
            show_label=False,
            container=False,
            placeholder="Ask about your documents",
            lines=1,
            max_lines=6,
            autofocus=True,
            elem_id="question",
        )
        ask = gr.Button("Ask", elem_id="ask", variant="primary")
        stop = gr.Button("Stop", elem_id="stop", variant="stop", visible=False)
    return question, ask, stop


def _connect_library(page: gr.Blocks, parts: Parts, actions: Actions) -> None:
    def add(paths: list[str] | None) -> Iterator[tuple[str, str]]:
        for progress in actions.add([Path(path) for path in paths or []]):
            yield progress, actions.list_documents()

    def remove(event: gr.EventData) -> tuple[str, str]:
        return actions.remove(_number(event, "document")), actions.list_documents()

    def refresh(answers: tuple[Answer, ...]) -> tuple[str, str]:
        return ("", "") if answers else (actions.welcome(), actions.samples())

    listed = [parts.adding, parts.documents]
    greeting: dict[str, Any] = {"fn": refresh, "inputs": parts.answers, "outputs": [parts.welcome, parts.samples]}
    _on(page.load, fn=actions.list_documents, outputs=parts.documents)
    _on(page.load, fn=actions.welcome, outputs=parts.welcome)
    _on(page.load, fn=actions.samples, outputs=parts.samples)
    _on(_on(parts.upload.upload, fn=add, inputs=parts.upload, outputs=listed, queue=True).then, **greeting)
    _on(_on(parts.documents.removal, fn=remove, outputs=listed).then, **greeting)
    parts.toggle.click(fn=None, js=script.TOGGLE_DOCUMENTS)


def _connect_chat(page: gr.Blocks, parts: Parts, actions: Actions) -> None:
    def ask(question: str, answers: tuple[Answer, ...], request: gr.Request) -> Iterator[list[Any]]:
        for shown in actions.ask(question, answers, _session(request)):
            yield _updates(shown, question)

    def take_sample(event: gr.EventData) -> str:
        return str(event._data.get("question", ""))

    def stop(request: gr.Request) -> None:
        actions.stop(_session(request))

    def start_again(request: gr.Request) -> tuple[str, str, str, str, str, tuple[Answer, ...]]:
        actions.stop(_session(request))
        return actions.welcome(), actions.samples(), "", "", "", ()

    asking: dict[str, Any] = {
        "fn": ask,
        "inputs": [parts.asked, parts.answers],
        "outputs": [
            parts.welcome, parts.samples, parts.earlier, parts.current,
            parts.question, parts.ask, parts.stop, parts.answers,
        ],
        "queue": True,
    }  # fmt: skip
    taken: dict[str, Any] = {
        "fn": None,
        "js": script.TAKE_QUESTION,
        "inputs": parts.question,
        "outputs": [parts.asked, parts.question],
    }
    _on(_on(gr.on, triggers=[parts.question.submit, parts.ask.click], **taken).then, **asking)
    _on(_on(_on(parts.samples.sample, fn=take_sample, outputs=parts.question).then, **taken).then, **asking)
    _on(parts.stop.click, fn=stop)
    page.unload(stop)
    _on(
        parts.new.click,
        fn=start_again,
        outputs=[parts.welcome, parts.samples, parts.earlier, parts.current, parts.source, parts.answers],
    )


def _updates(shown: Shown, question: str) -> list[Any]:
    """Return one value for each output of asking. What a person types meanwhile stays in the box."""
    box = question if shown.failed else gr.skip()
    buttons = [gr.update(visible=not shown.writing), gr.update(visible=shown.writing)]
    return ["", "", shown.earlier, shown.current, box, *buttons, shown.answers]


def _connect_sources(parts: Parts, actions: Actions) -> None:
    def cite(event: gr.EventData) -> str:
        return actions.show_source(*(_number(event, name) for name in ("document", "start", "end")))

    for component in (parts.earlier, parts.current, parts.documents):
        _on(component.cite, fn=cite, outputs=parts.source, trigger_mode="always_last")


def _on(listener: Any, *, queue: bool = False, **event: Any) -> Any:
    """Register an event that is no public API and covers nothing with a spinner: the page shows its own progress.

    Only what streams goes through Gradio's queue. It drops an event that comes just when another one ends
    (`script.TAKE_QUESTION`); what is not queued is a plain request and cannot be lost.
    """
    return listener(**event, queue=queue, api_visibility="private", show_progress="hidden")


def _number(event: gr.EventData, name: str) -> int:
    """Return a number that came with an event; 0, which names no document, for anything else a browser may send."""
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def _session(request: gr.Request) -> str:
    return request.session_hash or ""
