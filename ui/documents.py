"""Turns the library's list of documents, and what became of uploaded files, into safe HTML. Pure."""

from collections.abc import Sequence

from index.types import DocumentInfo, FileReport, Outcome
from ui.markup import counted, escape, isolated


def render_documents(documents: Sequence[DocumentInfo]) -> str:
    """Return the list; each document opens, and is removed in two steps."""
    if not documents:
        return '<p class="empty">No documents yet. Add some to ask about them: PDF, Word, web pages, tables, text.</p>'
    title = f'<h3 id="documents-title">{counted(len(documents), "document")}</h3>'
    return f'{title}<ul class="documents" aria-labelledby="documents-title">{"".join(map(_row, documents))}</ul>'


def _row(document: DocumentInfo) -> str:
    title = escape(document.title)
    opens = f'class="open" data-document="{document.id:d}" dir="auto" title="{title}"'
    return (
        f'<li><button type="button" {opens}>{title}</button>'
        f'<span class="facts">{counted(document.passages, "passage")}</span>{_remove(document, title)}</li>'
    )


def _remove(document: DocumentInfo, title: str) -> str:
    """Return the two steps: unfold, then confirm. `<details>` needs no script and works by keyboard."""
    return (
        f'<details class="remove"><summary aria-label="Remove {title}"><span class="ask">Remove</span>'
        '<span class="keep">Keep</span></summary><p>Remove this document and its passages from the library? '
        "The file itself stays where it is.</p>"
        f'<button type="button" class="confirm" data-remove="{document.id:d}">Remove</button></details>'
    )


def render_adding(reports: Sequence[FileReport], files: int, current: str) -> str:
    """Return how far adding has come: `current` of `files` is being read, `reports` are finished."""
    bar = f'<progress max="{files:d}" value="{len(reports):d}"></progress>'
    line = f"<p>Adding {len(reports) + 1:d} of {files:d}: {isolated(current)}</p>"
    return f'<div class="adding" role="status">{bar}{line}</div>{render_outcomes(reports)}'


def render_outcomes(reports: Sequence[FileReport]) -> str:
    """Return one line per file."""
    return f'<ul class="outcomes" role="status">{"".join(map(_outcome, reports))}</ul>' if reports else ""


def _outcome(report: FileReport) -> str:
    added = f"added, {counted(report.passages, 'passage')}" if report.passages else "is here under another name as well"
    words = {
        Outcome.ADDED: added,
        Outcome.UPDATED: f"updated, {counted(report.passages, 'passage')}",
        Outcome.MOVED: f"moved from {report.moved_from}",
        Outcome.UNCHANGED: "is already here",
        Outcome.DELETED: "deleted",
        Outcome.FAILED: report.reason,
    }
    return f'<li class="{report.outcome.value}">{isolated(report.source)}: {isolated(words[report.outcome])}</li>'
