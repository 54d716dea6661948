"""An answer as one message of a chat, in Markdown with its sources below, and such a message back to what was said."""

import re

from rag.types import Answer, Citation, EvidenceSentence, Turn

RULE = "\n\n---\n\n"
"""Between what is said and what it rests on."""

_LOADS = re.compile(r"(?<=!)\[|<(?=[a-zA-Z/!?])")
"""What would make a client that shows Markdown load a picture, or take a document's text for markup."""
_MARKERS = re.compile(r" ?\[\d+\]")


def said(answer: Answer) -> str:
    """Return the answer so far with [1] markers; it only grows. An abstention's reason, at the end."""
    return harmless(answer.text)


def rests_on(answer: Answer) -> str:
    """Return what stands below a finished answer: its sources with their quotes, or the nearest passages; or ""."""
    if answer.citations:
        coverage = [answer.coverage] if answer.coverage else []
        return RULE + "\n\n".join([*coverage, "**Sources**", *(_source(citation) for citation in answer.citations)])
    if answer.evidence:
        return RULE + "\n\n".join(["**Nearest passages**", *(_nearest(sentence) for sentence in answer.evidence)])
    return ""


def turn_of(role: str, text: str) -> Turn:
    """Return an earlier message as part of a conversation: of our own answers, what was said without its markers."""
    if role == "assistant":
        text = _MARKERS.sub("", text.partition(RULE)[0]).replace("!\\[", "![").replace("\\<", "<")
    return Turn(role, text)


def harmless(text: str) -> str:
    """Return a document's text so that Markdown shows it and loads nothing."""
    return _LOADS.sub(lambda match: f"\\{match[0]}", text)


def _source(citation: Citation) -> str:
    return f"[{citation.number}] {_place(citation)}\n> {_quoted(citation.quote)}"


def _nearest(sentence: EvidenceSentence) -> str:
    return f"{_place(sentence)}\n> {_quoted(sentence.text)}"


def _place(cited: Citation | EvidenceSentence) -> str:
    page = f"page {cited.page}" if cited.page else ""
    place = ", ".join(part for part in (cited.document.title, cited.heading, page) if part)
    return harmless(f"{place} ({cited.document.source})")


def _quoted(text: str) -> str:
    return harmless(" ".join(text.split()))
