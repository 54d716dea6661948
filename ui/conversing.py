"""The conversations on the page: the components that list them, and which act calls which of `ui.talks`."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from index.errors import NotInLibrary
from ui import script
from ui.actions import Actions
from ui.conversations import render_conversations
from ui.owner import owner_of
from ui.render import render_said, render_talk
from ui.talks import Talk, Talks
from ui.wiring import html, on, session_of, text

SEARCH = (
    '<label class="search"><span class="visually-hidden">{label}</span>'
    '<input type="search" placeholder="{label}" autocomplete="off" dir="auto"></label>'
)


class ConversationParts(NamedTuple):
    """The components that list conversations."""

    search: gr.HTML
    list: gr.HTML


class ChatParts(NamedTuple):
    """The components that show one conversation."""

    welcome: gr.HTML
    samples: gr.HTML
    earlier: gr.HTML
    current: gr.HTML
    source: gr.HTML
    page: gr.HTML
    ask: gr.Button
    stop: gr.Button
    talk: gr.State


def lay_out_conversations() -> ConversationParts:
    """Place the list of conversations and its search."""
    search = html(f"<h2>Conversations</h2>{SEARCH.format(label='Search conversations')}", js=script.SEARCH)
    return ConversationParts(search, html(elem_id="conversations", js=script.CONVERSATIONS))


def connect_conversations(
    page: gr.Blocks, parts: ConversationParts, chat: ChatParts, new: gr.Button, address: gr.Textbox, actions: Actions
) -> dict[str, Any]:
    """Connect the components; return the event that brings the list up to date, for others to append.

    `address` takes the conversation that the page's address names.
    """

    def talks(request: gr.Request) -> Talks:
        return actions.talks(owner_of(request.request))

    def show(talk: Talk, request: gr.Request) -> str:
        return render_conversations(talks(request).all(), talk.id)

    def search(event: gr.EventData, talk: Talk, request: gr.Request) -> str:
        words = text(event, "words")
        return render_conversations(talks(request).all(words), talk.id, words)

    def begin(id_: str, request: gr.Request) -> list[Any]:
        return _shown(actions, talks(request).found(id_))

    def reopen(event: gr.EventData, request: gr.Request) -> list[Any]:
        actions.leave(session_of(request))
        return _shown(actions, talks(request).found(text(event, "id")))

    def start_again(request: gr.Request) -> list[Any]:
        actions.leave(session_of(request))
        return _shown(actions, Talk())

    def rename(event: gr.EventData, talk: Talk, request: gr.Request) -> str:
        with suppress(NotInLibrary):  # Deleted on another page: the list will not show it.
            talks(request).rename(text(event, "id"), text(event, "title"))
        return show(talk, request)

    def delete(event: gr.EventData, talk: Talk, request: gr.Request) -> str:
        with suppress(NotInLibrary):
            talks(request).delete(text(event, "id"))
        return show(talk, request)

    def greet(talk: Talk) -> str:
        return "" if talk.said else actions.samples()

    listing: dict[str, Any] = {"fn": show, "inputs": chat.talk, "outputs": parts.list}
    shown = list(chat)
    for changed in (
        on(page.load, fn=begin, js=script.ADDRESS, inputs=address, outputs=shown),
        on(new.click, fn=start_again, outputs=shown),
        on(parts.list.reopen, fn=reopen, outputs=shown, trigger_mode="always_last"),
    ):
        on(changed.then, **listing)
        on(changed.then, fn=greet, inputs=chat.talk, outputs=chat.samples)
    on(parts.search.search, fn=search, inputs=chat.talk, outputs=parts.list, trigger_mode="always_last")
    on(parts.list.renaming, fn=rename, inputs=chat.talk, outputs=parts.list)
    on(parts.list.deletion, fn=delete, inputs=chat.talk, outputs=parts.list)
    return listing


def _shown(actions: Actions, talk: Talk) -> list[Any]:
    """Return one value for each of `ChatParts`: a conversation, or the welcome where there is none."""
    if not talk.said:
        return [actions.welcome(), "", "", "", "", "", *_IDLE, talk]
    *earlier, last = talk.said
    return ["", "", render_talk(replace(talk, said=tuple(earlier))), render_said(last, talk.id), "", "", *_IDLE, talk]


_IDLE = (gr.update(visible=True), gr.update(visible=False))
"""The buttons that ask and stop, where nothing is being written."""
