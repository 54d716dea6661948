"""Turns a drawn page of a PDF into safe HTML: its picture, and boxes over the sentences that an answer cites. Pure.

Boxes are shares of the page, so that they stay on their words at any size. Each tells the place of its sentence, so
that the page's script can lead from it to the claims that rest on it.
"""

import json
from base64 import b64encode
from collections.abc import Iterator

from index.parse.pdf_boxes import PageBox
from index.parse.pdf_page import DrawnPage
from index.types import Document, Span
from ui.markup import escape
from ui.place import Place


def render_page_wanted(place: Place, number: int) -> str:
    """Return what stands in a page's place until it is drawn; the page's script asks for it."""
    return f'<div class="page-view" {_data(place)} data-wanted="{number:d}">{_note(f"Drawing page {number}…")}</div>'


def render_page(page: DrawnPage, place: Place, document: Document, cited_page: int) -> str:
    """Return a page with the boxes of `place`'s spans; the clicked sentence begins on page `cited_page`."""
    is_found = bool(page.boxes[0])
    quote = _words(place.clicked, document)
    note = _note("The sentence was not found in the picture of its page. The text shows it.")
    boxes = "".join(_boxes(page, place, document))
    missing = note if quote and not is_found and page.number == cited_page else ""
    return (
        f'<div class="page-view" {_data(place)}>{_bar(page, cited_page if quote else page.number)}{missing}'
        f'<div class="page-pane" tabindex="0" role="region" aria-label="Page {page.number:d} of {page.pages:d}">'
        f'<div class="sheet" style="aspect-ratio: {page.width:d} / {page.height:d}">'
        f'<img alt="{escape(_described(page, document.info.title, quote if is_found else ""))}" '
        f'src="data:image/webp;base64,{b64encode(page.picture).decode("ascii")}">{boxes}</div></div></div>'
    )


def render_no_page(reason: str) -> str:
    """Return why there is no picture of a page; the document's text is shown below."""
    return _note(f"The page cannot be shown, only its text: {reason}")


def _described(page: DrawnPage, title: str, quote: str) -> str:
    return f"Page {page.number} of {title}" + (f", with these words highlighted: {quote}" if quote else "")


def _data(place: Place) -> str:
    cited = json.dumps([[span.start, span.end] for span in place.cited])
    start, end = place.clicked.start, place.clicked.end
    return f'data-document="{place.document:d}" data-start="{start:d}" data-end="{end:d}" data-cited="{cited}"'


def _bar(page: DrawnPage, cited_page: int) -> str:
    back = f'<button type="button" class="turn back" data-turn="{cited_page:d}">Back to page {cited_page:d}</button>'
    return (
        f'<div class="page-bar">{_turn("previous", "Previous page", "‹", page.number - 1, page.pages)}'
        f'<span class="page-number">Page {page.number:d} of {page.pages:d}</span>'
        f"{_turn('next', 'Next page', '›', page.number + 1, page.pages)}{back if cited_page != page.number else ''}"
        '<button type="button" class="enlarge" aria-pressed="false">Enlarge</button></div>'
    )


def _turn(name: str, label: str, sign: str, number: int, pages: int) -> str:
    enabled = "" if 1 <= number <= pages else " disabled"
    data = f'data-turn="{number:d}" aria-label="{label}"{enabled}'
    return f'<button type="button" class="turn {name}" {data}>{sign}</button>'


def _boxes(page: DrawnPage, place: Place, document: Document) -> Iterator[str]:
    """Yield the boxes in the order of the text."""
    for span, boxes in sorted(zip(place.spans, page.boxes, strict=True)):
        classes = "box clicked" if span == place.clicked else "box"
        for box in boxes:
            yield _box(box, classes, span, _words(span, document))


def _box(box: PageBox, classes: str, span: Span, words: str) -> str:
    place = f"left:{box.left:.4%};top:{box.top:.4%};width:{box.right - box.left:.4%};height:{box.bottom - box.top:.4%}"
    data = f'data-start="{span.start:d}" data-end="{span.end:d}" data-words="{escape(words)}"'
    return f'<span class="{classes}" style="{place}" {data}></span>'


def _words(span: Span, document: Document) -> str:
    return " ".join(span.of(document.text).split())


def _note(line: str) -> str:
    return f'<p class="page-note" role="status" dir="auto">{escape(line)}</p>'
