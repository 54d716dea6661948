"""Answers to take along: as Markdown, as JSON, and as one HTML file with its quotes and sources that loads nothing.

Of a document its title, place and file name are told, not the folder it lies in; the JSON, which is for the person's
own use, has all that is kept. Pure; knows no library.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path, PureWindowsPath

from rag.types import Answer, Basis, Citation, Claim, State
from ui.markup import escape

STYLE = Path(__file__).with_name("sharing.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MEANING = "Each sentence cites the exact words it rests on. Written by {names} with Pincite."
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!])")
_LINE_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


# Markdown


def conversation_markdown(title: str, answers: Sequence[Answer]) -> str:
    """Return a conversation as Markdown: each question, its answer with [1] markers, and its sources."""
    return (
        "\n\n".join([f"# {_inline(title)}", *(f"## {_inline(own.question)}\n\n{_body(own)}" for own in answers)]) + "\n"
    )


def answer_markdown(answer: Answer) -> str:
    """Return one answer as Markdown, to be pasted: its sentences with [1] markers, and its sources."""
    return _body(answer) + "\n"


def _body(answer: Answer) -> str:
    asked = [f"*Asked of: {_inline(words)}*"] if (words := _asked_of(answer)) else []
    if answer.abstention:
        return "\n\n".join([f"Not in the documents: {_inline(answer.abstention.reason)}", *asked])
    parts = [_claim_line(claim) for claim in answer.claims] or ["(not answered)"]
    if answer.coverage:
        parts.append(f"*{_inline(answer.coverage)}*")
    if answer.state is State.STOPPED and answer.claims:
        parts.append("*Stopped before the end.*")
    parts += asked
    if answer.citations:
        parts.append("\n".join(["Sources:", "", *(_source_line(citation) for citation in answer.citations)]))
    return "\n\n".join(parts)


def _claim_line(claim: Claim) -> str:
    marks = "".join(f"\\[{citation.number}\\]" for citation in claim.citations)
    quoted = "> " if claim.basis is Basis.QUOTATION else ""
    return f"{quoted}{_inline(claim.text)} {marks}"


def _source_line(citation: Citation) -> str:
    return f"{citation.number}. “{_inline(citation.quote)}” — {_inline(', '.join(_place(citation)))}"


def _inline(text: str) -> str:
    """Return a text in one line, in which no character is Markdown."""
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", " ".join(text.split())))


# JSON


def conversation_json(title: str, answers: Sequence[Answer]) -> str:
    """Return a conversation as JSON: every answer with all that is kept of it."""
    return json.dumps({"title": title, "answers": [own.to_dict() for own in answers]}, indent=1) + "\n"


# HTML


def conversation_html(title: str, answers: Sequence[Answer]) -> str:
    """Return a conversation as a page of its own. It runs no script and loads nothing."""
    turns = "".join(_turn(number, answer) for number, answer in enumerate(answers, 1))
    names = " and ".join(dict.fromkeys(answer.generator for answer in answers if answer.generator)) or "nobody"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main>"
        f'<h1 dir="auto">{escape(title)}</h1>{turns}</main>'
        f"<footer>{escape(MEANING.format(names=names))}</footer></body></html>\n"
    )


def _turn(number: int, answer: Answer) -> str:
    if answer.abstention:
        body = f'<p class="note" dir="auto">Not in the documents: {escape(answer.abstention.reason)}</p>'
    else:
        body = "".join(_claim(number, claim) for claim in answer.claims) or '<p class="note">Not answered.</p>'
    if answer.state is State.STOPPED and answer.claims:
        body += '<p class="note">Stopped before the end.</p>'
    if answer.coverage:
        body += f'<p class="note" dir="auto">{escape(answer.coverage)}</p>'
    if words := _asked_of(answer):
        body += f'<p class="note" dir="auto">Asked of: {escape(words)}</p>'
    return f'<section><h2 dir="auto">{escape(answer.question)}</h2>{body}{_sources(number, answer)}</section>'


def _claim(turn: int, claim: Claim) -> str:
    tag = "blockquote" if claim.basis is Basis.QUOTATION else "p"
    marks = "".join(_mark(turn, citation) for citation in claim.citations)
    return f'<{tag} class="claim" dir="auto">{escape(claim.text)} {marks}</{tag}>'


def _mark(turn: int, citation: Citation) -> str:
    return f'<a href="#s{turn}-{citation.number}" title="{escape(citation.quote)}">[{citation.number}]</a>'


def _sources(turn: int, answer: Answer) -> str:
    rows = "".join(
        f'<li id="s{turn}-{own.number}"><b>[{own.number}]</b><q dir="auto">{escape(own.quote)}</q>'
        f'<small dir="auto">{escape(", ".join(_place(own)))}</small></li>'
        for own in answer.citations
    )
    return f"<h3>Sources</h3><ol>{rows}</ol>" if rows else ""


def asked_of(answer: Answer, folder_name: Callable[[str], str]) -> list[str]:
    """Return what of the library was looked at, in words; nothing where that is everything."""
    scope = answer.scope
    seen = [own.document for own in answer.citations] + [own.document for own in answer.evidence]
    titles = {document.id: document.title for document in seen}
    return [
        *(f"“{titles[document]}”" if document in titles else "one document" for document in scope.documents),
        *(f"“{name}”" for name in scope.collections),
        *(f"in {folder_name(folder)}" for folder in scope.folders),
        *scope.formats,
        *([f"since {scope.since}"] if scope.since else []),
        *([f"until {scope.until}"] if scope.until else []),
    ]


def _asked_of(answer: Answer) -> str:
    return ", ".join(asked_of(answer, lambda folder: PureWindowsPath(folder).name))


def _place(citation: Citation) -> list[str]:
    """Return the document's title, heading, page and file name, so far as there are any."""
    document = citation.document
    name = PureWindowsPath(document.source).name
    page = f"page {citation.page}" if citation.page else ""
    parts = (document.title, citation.heading, page, "" if Path(name).stem == document.title else name)
    return [part for part in parts if part]
