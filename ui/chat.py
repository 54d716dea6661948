"""The chat page on Gradio Blocks: what stands where, and which act calls which of `ui.actions`.

Knows nothing of how an answer comes about, and little of how it looks: HTML comes from the render modules, the
style sheet from `ui.theme`, the few lines of JavaScript from `ui.script`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import gradio as gr

from index.errors import NotInLibrary
from ui import script
from ui.actions import Actions, Shown
from ui.chooser import Chooser
from ui.choosing import FOLLOW_SECONDS, ModelParts, connect_models, lay_out_banner, lay_out_hint, lay_out_menu
from ui.conversing import SEARCH, ChatParts, ConversationParts, connect_conversations, lay_out_conversations
from ui.owner import owner_of, render_account
from ui.setting import connect_settings, lay_out_settings
from ui.talks import Talk
from ui.uploading import UPLOADS_HTML, UPLOADS_SCRIPT
from ui.wiring import html, number, on, place, session_of, text

ASKERS = 32
"""Questions at work at once. A model takes one after the other and tells each how many go first; Gradio's own queue,
in which those beyond so many stand, tells nothing. Each occupies one of the 40 threads that all requests share."""

MOST_DIGITS = 19
"""Of a number that SQLite takes."""

SCOPE_LINE = '<div id="scope-line" role="group" aria-label="Limits of what is asked" aria-live="polite"></div>'
PROMISE = "Answers from your own documents. Every sentence shows its source."
BRAND = f'<div class="brand"><h1>Pincite<sup aria-hidden="true">[1]</sup></h1><p>{PROMISE}</p></div>'


class Parts(NamedTuple):
    """The components that events touch."""

    new: gr.Button
    toggle: gr.Button
    account: gr.HTML
    uploads: gr.HTML
    trouble: gr.HTML
    filter: gr.HTML
    documents: gr.HTML
    welcome: gr.HTML
    samples: gr.HTML
    earlier: gr.HTML
    current: gr.HTML
    question: gr.Textbox
    asked: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    instead: gr.Textbox
    narrowed: gr.Textbox
    address: gr.Textbox
    source: gr.HTML
    page: gr.HTML
    talk: gr.State
    settings: gr.HTML
    models: ModelParts
    conversations: ConversationParts

    @property
    def chat(self) -> ChatParts:
        """Those that show one conversation."""
        shown = (self.welcome, self.samples, self.earlier, self.current, self.source, self.page)
        return ChatParts(*shown, self.ask, self.stop, self.talk)


def build_page(actions: Actions, chooser: Chooser) -> gr.Blocks:
    """Return the page. Loads no model; one page serves all sessions."""
    page = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
    with page:
        parts = _lay_out(actions, chooser)
        _connect_library(page, parts, actions)
        listing = connect_conversations(page, parts.conversations, parts.chat, parts.new, parts.address, actions)
        _connect_chat(page, parts, actions, [connect_models(page, parts.models, chooser), listing])
        _connect_sources(parts, actions)
        _connect_feedback(parts, actions)
        connect_settings(parts.settings, actions)
    return page


def _lay_out(actions: Actions, chooser: Chooser) -> Parts:
    with gr.Row(elem_id="header"):
        html(BRAND, "brand")
        menu = lay_out_menu(chooser)
        settings = lay_out_settings(actions)
        toggle = gr.Button("Menu", elem_id="shelf-toggle", elem_classes="plain")
        new = gr.Button("New chat", elem_id="new", elem_classes="plain")
    with gr.Row(elem_id="page"):
        with gr.Column(elem_id="shelf-column"):
            account = html(elem_id="account", js=script.ACCOUNT)
            conversations = lay_out_conversations()
            found = html(f"<h2>Documents</h2>{SEARCH.format(label='Search documents')}", "filter", script.SEARCH)
            uploads = html(UPLOADS_HTML, "uploads", UPLOADS_SCRIPT)
            trouble = html(elem_id="documents-trouble")
            documents = html(elem_id="documents", js=script.DOCUMENTS)
        with gr.Column(elem_id="chat-column"):
            with gr.Column(elem_id="conversation"):
                welcome = html(elem_id="welcome")
                samples = html(elem_id="samples", js=script.SAMPLES)
                earlier = html(elem_id="earlier", js=script.TURNS)
                current = html(elem_id="current", js=script.CONVERSATION)
            with gr.Column(elem_id="composer"):
                banner = lay_out_banner()
                html(SCOPE_LINE)
                question, ask, stop = _lay_out_question()
                asked, instead, narrowed, address = (gr.Textbox(visible=False) for _ in range(4))
                hint = lay_out_hint(chooser)
        with gr.Column(elem_id="source-column"):
            source = html(elem_id="source", js=script.SOURCE)
            page = html(elem_id="source-page", js=script.PAGE)
    return Parts(
        new=new, toggle=toggle, account=account, uploads=uploads, trouble=trouble, documents=documents,
        welcome=welcome, samples=samples, earlier=earlier, current=current, question=question, asked=asked,
        instead=instead, narrowed=narrowed, address=address, ask=ask, stop=stop, source=source, page=page, filter=found,
        conversations=conversations, talk=gr.State(Talk()), settings=settings,
        models=ModelParts(menu, banner, hint, gr.Timer(FOLLOW_SECONDS, active=False)),
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

    def search(event: gr.EventData) -> str:
        return actions.list_documents(text(event, "words"))

    def change(event: gr.EventData) -> tuple[str, str]:
        return actions.change_collection(text(event, "name"), text(event, "title")), actions.list_documents()

    def refresh(talk: Talk) -> tuple[str, str]:
        return ("", "") if talk.said else (actions.welcome(), actions.samples())

    def greet(request: gr.Request) -> str:
        actions.opened.set()
        return render_account(owner_of(request.request))

    listed = [parts.trouble, parts.documents]
    listing: dict[str, Any] = {"fn": lambda: actions.list_documents(), "outputs": parts.documents}
    greeting: dict[str, Any] = {"fn": refresh, "inputs": parts.talk, "outputs": [parts.welcome, parts.samples]}
    on(page.load, fn=greet, outputs=parts.account)
    on(page.load, **listing)
    on(parts.uploads.added, **listing)
    on(on(parts.uploads.settled, **listing).then, **greeting)
    on(on(parts.documents.removal, fn=remove, outputs=listed).then, **greeting)
    on(on(parts.documents.collection, fn=change, outputs=listed).then, **greeting)
    on(parts.filter.search, fn=search, outputs=parts.documents, trigger_mode="always_last")
    parts.toggle.click(fn=None, js=script.TOGGLE_SHELF)


def _connect_chat(page: gr.Blocks, parts: Parts, actions: Actions, afterwards: Sequence[dict[str, Any]]) -> None:
    """Connect asking, in all ways that lead to it, and stopping; the events `afterwards` follow each answer."""

    def ask(
        question: str, instead: str, narrowed: str, address: str, talk: Talk, request: gr.Request
    ) -> Iterator[list[Any]]:
        session, owner = session_of(request), owner_of(request.request)
        talk = talk if talk.said else actions.talks(owner).found(address)  # The server may be another one by now.
        for shown in actions.ask(question, talk, session, narrowed, _turn(instead), owner):
            yield _updates(shown, question, instead)

    def take_sample(event: gr.EventData) -> str:
        return text(event, "question")

    def take_again(event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        actions.stop(session_of(request))
        return text(event, "question"), str(number(event, "turn"))

    def stop(request: gr.Request) -> None:
        actions.stop(session_of(request))

    asking: dict[str, Any] = {
        "fn": ask,
        "inputs": [parts.asked, parts.instead, parts.narrowed, parts.address, parts.talk],
        "outputs": [
            parts.welcome, parts.samples, parts.earlier, parts.current,
            parts.question, parts.ask, parts.stop, parts.talk,
        ],
        "queue": True,
        "concurrency_limit": ASKERS,
        "concurrency_id": "ask",
    }  # fmt: skip
    taken: dict[str, Any] = {
        "fn": None,
        "js": script.TAKE_QUESTION,
        "inputs": parts.question,
        "outputs": [parts.asked, parts.question, parts.instead, parts.narrowed, parts.address],
    }
    again: dict[str, Any] = {
        "fn": None,
        "js": script.TAKE_AGAIN,
        "inputs": [parts.asked, parts.instead],
        "outputs": [parts.asked, parts.instead, parts.narrowed, parts.address],
    }
    typed = on(gr.on, triggers=[parts.question.submit, parts.ask.click], **taken)
    clicked = on(on(parts.samples.sample, fn=take_sample, outputs=parts.question).then, **taken)
    repeated = [
        on(on(component.again, fn=take_again, outputs=[parts.asked, parts.instead]).then, **again)
        for component in (parts.earlier, parts.current)
    ]
    for question_taken in (typed, clicked, *repeated):
        answered = on(question_taken.then, **asking)
        for event in afterwards:
            on(question_taken.then, **event)
            on(answered.then, **event)
    on(parts.stop.click, fn=stop)
    page.unload(stop)


def _turn(instead: str) -> int:
    """Return the turn in whose place a question is asked, 0 for none."""
    return int(instead) if instead.isascii() and instead.isdigit() and len(instead) < MOST_DIGITS else 0


def _updates(shown: Shown, question: str, instead: str) -> list[Any]:
    """Return one value for each output of asking. What a person types meanwhile stays in the box."""
    box = question if shown.failed and not instead else gr.skip()
    buttons = [gr.update(visible=not shown.writing), gr.update(visible=shown.writing)]
    return ["", "", shown.earlier, shown.current, box, *buttons, shown.talk]


def _connect_sources(parts: Parts, actions: Actions) -> None:
    def cite(event: gr.EventData) -> tuple[str, str]:
        return actions.show_source(place(event))

    def turn(event: gr.EventData) -> str:
        return actions.show_page(place(event), number(event, "page"))

    for component in (parts.earlier, parts.current, parts.documents):
        on(component.cite, fn=cite, outputs=[parts.source, parts.page], trigger_mode="always_last")
    on(parts.page.turn, fn=turn, outputs=parts.page, trigger_mode="always_last")


def _connect_feedback(parts: Parts, actions: Actions) -> None:
    def judge(event: gr.EventData, request: gr.Request) -> None:
        with suppress(NotInLibrary):  # The answer was deleted or asked again on another page.
            talks = actions.talks(owner_of(request.request))
            talks.judge(number(event, "turn"), number(event, "citation"), text(event, "verdict"))

    for component in (parts.earlier, parts.current):
        on(component.judge, fn=judge, trigger_mode="multiple")
