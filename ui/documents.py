"""The library's list of documents as safe HTML, and what became of uploaded files in words. Pure."""

from collections.abc import Sequence

from index.types import DocumentInfo, FileReport, Outcome
from ui.markup import counted, escape


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


def outcome_words(report: FileReport, name: str, with_password: bool) -> str:
    """Return what became of a file, as it reads after its name."""
    match report.outcome:
        case Outcome.ADDED if not report.passages:
            return "is here under another name as well"
        case Outcome.ADDED:
            return f"added, {counted(report.passages, 'passage')}"
        case Outcome.UPDATED:
            return f"updated, {counted(report.passages, 'passage')}"
        case Outcome.MOVED:
            return f"moved from {report.moved_from}"
        case Outcome.UNCHANGED:
            return "is already here"
        case Outcome.DELETED:
            return "deleted"
        case Outcome.FAILED if report.needs_password:
            return "is encrypted, and that password does not open it" if with_password else "needs its password"
        case Outcome.FAILED:
            return report.reason.removeprefix(f"{name} ")
