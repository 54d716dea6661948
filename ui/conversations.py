"""Turns the list of conversations into safe HTML. Pure."""

from collections.abc import Sequence

from index.conversations import Conversation
from ui.markup import counted, escape

LISTED = 200
"""Conversations that a page lists; search finds the others."""


def render_conversations(conversations: Sequence[Conversation], current: str, search: str = "") -> str:
    """Return the list, the last first; each opens, is renamed, exported, and deleted in two steps."""
    if not conversations:
        line = "No conversation holds these words." if search else "What you ask is kept here."
        return f'<p class="empty">{line}</p>'
    rows = "".join(_row(own, own.id == current) for own in conversations[:LISTED])
    more = len(conversations) - LISTED
    rest = f'<p class="empty">{more:,} older ones: search for them.</p>' if more > 0 else ""
    return f'<ul class="conversations" aria-label="Conversations">{rows}</ul>{rest}'


def _row(conversation: Conversation, is_current: bool) -> str:
    title, id_ = escape(conversation.title), escape(conversation.id)
    current = ' aria-current="true"' if is_current else ""
    facts = f"{counted(conversation.turns, 'question')}, {conversation.changed_at[:10]}"
    return (
        f'<li data-conversation="{id_}"><button type="button" class="reopen" dir="auto"{current}'
        f' title="{escape(facts)}">{title}</button>'
        f'<details class="more"><summary aria-label="More about {title}"><span aria-hidden="true">⋯</span></summary>'
        f'<div class="more-menu">{_rename(title)}{_exports(id_)}{_delete(title)}</div></details></li>'
    )


def _rename(title: str) -> str:
    return (
        '<form class="rename"><label>Title<input name="title" maxlength="80" dir="auto" '
        f'value="{title}"></label><button type="submit">Rename</button></form>'
    )


def _exports(id_: str) -> str:
    links = "".join(
        f'<a href="conversations/{id_}/{form}" download>{label}</a>'
        for form, label in (("html", "Web page"), ("md", "Markdown"), ("json", "JSON"))
    )
    return f'<p class="exports"><span>Save as</span>{links}</p>'


def _delete(title: str) -> str:
    return (
        '<details class="delete"><summary>Delete…</summary><p>Delete this conversation? It cannot be brought back.</p>'
        f'<button type="button" class="confirm-delete" aria-label="Delete {title}">Delete</button></details>'
    )
