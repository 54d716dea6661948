"""The one place where text becomes HTML. Everything that was retrieved, asked or named passes through here.

Knows nothing of answers. What it returns holds no tag but its own, whatever the text: `escape` for attributes and
element content, `isolated` for a stretch whose writing direction must not spill over into its surroundings.
"""

import html
import unicodedata


def escape(text: str) -> str:
    """Return `text` as HTML character data, safe in content and in a quoted attribute.

    A lone surrogate, which UTF-8 cannot carry to the browser, becomes "?".
    """
    return html.escape(text.encode("utf-8", "replace").decode("utf-8"), quote=True)


def isolated(text: str, way: str = "auto") -> str:
    """Return `text` in an element of its own direction: no bidirectional control in it reorders what stands around.

    `way` is "auto", "ltr" or "rtl", as of `direction`.
    """
    return f"<bdi>{escape(text)}</bdi>" if way == "auto" else f'<bdi dir="{escape(way)}">{escape(text)}</bdi>'


def direction(text: str) -> str:
    """Return "rtl" where the first letter with a direction is written from right to left, else "ltr" (UAX #9, P2-P3).

    It is what `dir="auto"` finds, but for a block whose text is isolated: there the browser does not look at it.
    """
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def chip(label: str, document_id: int, start: int, end: int, description: str) -> str:
    """Return the button that opens characters `start` to `end` of a document; `description` is read out and hovers."""
    place = f'data-document="{document_id:d}" data-start="{start:d}" data-end="{end:d}"'
    named = f'aria-label="{escape(description)}" title="{escape(description)}"'
    return f'<button type="button" class="chip" {place} {named}>{escape(label)}</button>'


def error_line(message: str) -> str:
    """Return one line that tells what went wrong; a screen reader announces it."""
    return f'<p class="error {sentence_class(message)}" role="alert" dir="auto">{escape(message)}</p>'


def sentence_class(message: str) -> str:
    """Return the class of a message that may be shown with a capital: "", where it begins with the name of a file."""
    first = message.split(" ", 1)[0]
    return "sentence" if first.isalpha() else ""


def counted(number: int, noun: str) -> str:
    """Return "1 sentence", "2 sentences"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
