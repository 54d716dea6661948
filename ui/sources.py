"""Turns a document into safe HTML for the source panel, with the cited sentence highlighted. Pure.

The document keeps its headings and paragraphs; a long paragraph that was split into several passages is shown as
one again. All text goes through `ui.markup`.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from index.types import Document, Kind, Passage, Span
from ui.markup import escape


def render_source(document: Document, passages: Sequence[Passage], cited: Span | None = None) -> str:
    """Return the document's whole text; characters `cited` stand in a `<mark>` that the page scrolls to.

    `passages` are all of the document's, in order.
    """
    blocks = "".join(_block(document.text, block, cited) for block in _paragraphs(document.text, passages))
    info = document.info
    return (
        f'<header class="source-header"><h2 id="source-title" tabindex="-1" dir="auto">{escape(info.title)}</h2>'
        f'<p class="source-path" dir="auto">{escape(shortened(info.source))}</p>'
        '<button type="button" class="close" aria-label="Close the source">Close</button></header>'
        f'<div class="source-document" tabindex="0" role="region" aria-labelledby="source-title">{blocks}</div>'
    )


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


def _block(text: str, block: tuple[Kind, Span], cited: Span | None) -> str:
    kind, span = block
    tag = "h3" if kind is Kind.HEADING else "p"
    return f'<{tag} class="{kind.value}" dir="auto">{_highlighted(text, span, cited)}</{tag}>'


def _highlighted(text: str, span: Span, cited: Span | None) -> str:
    if cited is None or cited.end <= span.start or span.end <= cited.start:
        return escape(span.of(text))
    start, end = max(cited.start, span.start), min(cited.end, span.end)
    return f"{escape(text[span.start : start])}<mark>{escape(text[start:end])}</mark>{escape(text[end : span.end])}"
