"""Turns a document into safe HTML for the source panel, with the cited sentences highlighted. Pure.

The document keeps its headings and paragraphs; a long paragraph that was split into several passages is shown as
one again. All text goes through `ui.markup`.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from index.types import Document, Kind, Passage, Span
from ui.markup import escape
from ui.place import Place


def render_source(document: Document, passages: Sequence[Passage], place: Place) -> str:
    """Return the document's whole text; the clicked sentence stands in a `<mark>` that the page scrolls to.

    `passages` are all of the document's, in order.
    """
    blocks = "".join(_block(document.text, block, place) for block in _paragraphs(document.text, passages))
    info = document.info
    return (
        f'<header class="source-header" data-shown="{info.id:d}">'
        f'<h2 id="source-title" tabindex="-1" dir="auto">{escape(info.title)}</h2>'
        f'<p class="source-path" dir="auto">{escape(shortened(info.source))}</p>'
        f'<p class="source-tools">{_SWITCH if info.format == "pdf" else ""}<a class="original" target="_blank"'
        f' rel="noopener" href="originals/{info.id:d}">Save the original</a></p>'
        '<button type="button" class="close" aria-label="Close the source">Close</button></header>'
        f'<div class="source-document" tabindex="0" role="region" aria-labelledby="source-title">{blocks}</div>'
    )


_SWITCH = (
    '<span class="switch" role="group" aria-label="Show the document as">'
    '<button type="button" class="as-page" aria-pressed="true">Page</button>'
    '<button type="button" class="as-text" aria-pressed="false">Text</button></span>'
)
"""Between the picture of a page and the document's text."""


def shortened(path: str) -> str:
    """Return a path with the person's home folder as "~"."""
    home = f"{Path.home()}{os.sep}"
    return f"~{os.sep}{path.removeprefix(home)}" if path.startswith(home) else path


def _paragraphs(text: str, passages: Sequence[Passage]) -> list[tuple[Kind, Span]]:
    """Return the document's blocks; passages of one paragraph, with no line break between them, are joined."""
    blocks: list[tuple[Kind, Span]] = []
    for passage in passages:
        if blocks and _continues(text, blocks[-1], passage):
            blocks[-1] = (passage.kind, Span(blocks[-1][1].start, passage.end))
        else:
            blocks.append((passage.kind, Span(passage.start, passage.end)))
    return blocks


def _continues(text: str, block: tuple[Kind, Span], passage: Passage) -> bool:
    kind, span = block
    return kind is passage.kind is Kind.PARAGRAPH and "\n" not in text[span.end : passage.start]


def _block(text: str, block: tuple[Kind, Span], place: Place) -> str:
    kind, span = block
    tag = "h3" if kind is Kind.HEADING else "p"
    return f'<{tag} class="{kind.value}" dir="auto">{_highlighted(text, span, place)}</{tag}>'


def _highlighted(text: str, block: Span, place: Place) -> str:
    pieces, position = [], block.start
    for span in sorted(place.spans):
        start, end = max(span.start, position), min(span.end, block.end)
        if start < end:
            words = escape(text[start:end])
            tag, kind = ("mark", "") if span == place.clicked else ("span", ' class="cited"')
            marked = f'<{tag}{kind} data-start="{span.start:d}" data-end="{span.end:d}">{words}</{tag}>'
            pieces += [escape(text[position:start]), marked]
            position = end
    return "".join([*pieces, escape(text[position : block.end])])
