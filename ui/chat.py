"""The chat page on Gradio Blocks: what stands where, and which act calls which of `ui.actions`.

Knows nothing of how an answer comes about, and little of how it looks: HTML comes from the render modules, the
style sheet from `ui.theme`, the few lines of JavaScript from `ui.script`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr

from rag.types import Answer
from ui import script
from ui.actions import Actions, Shown
from ui.chooser import Chooser
from ui.choosing import FOLLOW_SECONDS, ModelParts, connect_models, lay_out_banner, lay_out_hint, lay_out_menu
from ui.uploading import UPLOADS_HTML, UPLOADS_SCRIPT
from ui.wiring import html, number, on, place, text

ASKERS = 32
"""Questions at work at once. A model takes one after the other and tells each how many go first; Gradio's own queue,
in which those beyond so many stand, tells nothing. Each occupies one of the 40 threads that all requests share."""

PROMISE = "Answers from your own documents. Every sentence shows its source."
BRAND = f'<div class="brand"><h1>Pincite<sup aria-hidden="true">[1]</sup></h1><p>{PROMISE}</p></div>'


class Parts(NamedTuple):
    """The components that events touch."""

    new: gr.Button
    toggle: gr.Button
    uploads: gr.HTML
    trouble: gr.HTML
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
    page: gr.HTML
    answers: gr.State
    models: ModelParts


def build_page(actions: Actions, chooser: Chooser) -> gr.Blocks:
    """Return the page. Loads no model; one page serves all sessions."""
    page = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
    with page:
        parts = _lay_out(chooser)
        _connect_library(page, parts, actions)
        _connect_chat(page, parts, actions, connect_models(page, parts.models, chooser))
        _connect_sources(parts, actions)
    page.queue()
    return page


def _lay_out(chooser: Chooser) -> Parts:
    with gr.Row(elem_id="header"):
        html(BRAND, "brand")
        menu = lay_out_menu(chooser)
        toggle = gr.Button("Documents", elem_id="documents-toggle", elem_classes="plain")
        new = gr.Button("New chat", elem_id="new", elem_classes="plain")
    with gr.Row(elem_id="page"):
        with gr.Column(elem_id="documents-column"):
            uploads = html(UPLOADS_HTML, "uploads", UPLOADS_SCRIPT)
            trouble = html(elem_id="documents-trouble")
            documents = html(elem_id="documents", js=script.DOCUMENTS)
        with gr.Column(elem_id="chat-column"):
            with gr.Column(elem_id="conversation"):
                welcome = html(elem_id="welcome")
                samples = html(elem_id="samples", js=script.SAMPLES)
                earlier = html(elem_id="earlier", js=script.OPEN_SOURCES)
                current = html(elem_id="current", js=script.CONVERSATION)
            with gr.Column(elem_id="composer"):
                banner = lay_out_banner()
                question, ask, stop = _lay_out_question()
                asked = gr.Textbox(visible=False)
                hint = lay_out_hint(chooser)
        with gr.Column(elem_id="source-column"):
            source = html(elem_id="source", js=script.SOURCE)
            page = html(elem_id="source-page", js=script.PAGE)
    return Parts(
        new=new, toggle=toggle, uploads=uploads, trouble=trouble, documents=documents, welcome=welcome, samples=samples,
        earlier=earlier, current=current, question=question, asked=asked, ask=ask, stop=stop, source=source, page=page,
        answers=gr.State(()), models=ModelParts(menu, banner, hint, gr.Timer(FOLLOW_SECONDS, active=False)),
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
    def remove(event: gr.EventData) -> tuple[str, str]:
        return actions.remove(number(event, "document")), actions.list_documents()

    def refresh(answers: tuple[Answer, ...]) -> tuple[str, str]:
        return ("", "") if answers else (actions.welcome(), actions.samples())

    listed = [parts.trouble, parts.documents]
    greeting: dict[str, Any] = {"fn": refresh, "inputs": parts.answers, "outputs": [parts.welcome, parts.samples]}
    on(page.load, fn=actions.list_documents, outputs=parts.documents)
    on(page.load, fn=actions.welcome, outputs=parts.welcome)
    on(page.load, fn=actions.samples, outputs=parts.samples)
    on(parts.uploads.added, fn=actions.list_documents, outputs=parts.documents)
    on(on(parts.uploads.settled, fn=actions.list_documents, outputs=parts.documents).then, **greeting)
    on(on(parts.documents.removal, fn=remove, outputs=listed).then, **greeting)
    parts.toggle.click(fn=None, js=script.TOGGLE_DOCUMENTS)


def _connect_chat(page: gr.Blocks, parts: Parts, actions: Actions, show_models: dict[str, Any]) -> None:
    def ask(question: str, answers: tuple[Answer, ...], request: gr.Request) -> Iterator[list[Any]]:
        for shown in actions.ask(question, answers, _session(request)):
            yield _updates(shown, question)

    def take_sample(event: gr.EventData) -> str:
        return text(event, "question")

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
        "concurrency_limit": ASKERS,
        "concurrency_id": "ask",
    }  # fmt: skip
    taken: dict[str, Any] = {
        "fn": None,
        "js": script.TAKE_QUESTION,
        "inputs": parts.question,
        "outputs": [parts.asked, parts.question],
    }
    typed = on(gr.on, triggers=[parts.question.submit, parts.ask.click], **taken)
    clicked = on(on(parts.samples.sample, fn=take_sample, outputs=parts.question).then, **taken)
    for question_taken in (typed, clicked):
        on(question_taken.then, **asking)
        on(question_taken.then, **show_models)
    on(parts.stop.click, fn=stop)
    page.unload(stop)
    on(
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
    def cite(event: gr.EventData) -> tuple[str, str]:
        return actions.show_source(place(event))

    def turn(event: gr.EventData) -> str:
        return actions.show_page(place(event), number(event, "page"))

    for component in (parts.earlier, parts.current, parts.documents):
        on(component.cite, fn=cite, outputs=[parts.source, parts.page], trigger_mode="always_last")
    on(parts.page.turn, fn=turn, outputs=parts.page, trigger_mode="always_last")


def _session(request: gr.Request) -> str:
    return request.session_hash or ""
