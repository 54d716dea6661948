"""The library's list of documents as safe HTML, and what became of uploaded files in words. Pure."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence

from index.types import DocumentInfo, FileReport, Outcome
from ui.markup import counted, escape
from ui.sources import shortened

LISTED = 200
"""Documents that a page lists of each collection; search finds the others."""
OPEN = 12
"""Documents up to which a collection is shown unfolded."""


def render_documents(documents: Sequence[DocumentInfo], members: Mapping[str, Sequence[int]], search: str = "") -> str:
    """Return the collections, each with its documents; a document opens, and is removed in two steps.

    `members` are the ids of each collection's documents. Only documents whose titles hold `search` are listed.
    """
    if not documents:
        return '<p class="empty">No documents yet. Add some to ask about them: PDF, Word, web pages, tables, text.</p>'
    held = {own.id: own for own in documents if search.casefold().strip() in own.title.casefold()}
    sections = "".join(
        _collection(name, [held[id_] for id_ in ids if id_ in held], len(members) > 1, bool(search))
        for name, ids in members.items()
        if any(id_ in held for id_ in ids)
    )
    count = f'<p class="count">{counted(len(documents), "document")}</p>' if len(members) > 1 else ""
    nothing = "" if held else '<p class="empty">No document is called so.</p>'
    names = "".join(f'<option value="{escape(name)}"></option>' for name in members)
    folders = folders_of([own.source for own in documents])
    fields = _fields(sorted({own.format for own in documents}), folders) if len(documents) > 1 else ""
    return f'{count}{sections}{nothing}{fields}<datalist id="collection-names">{names}</datalist>'


def folders_of(sources: Sequence[str]) -> list[str]:
    """Return the folders that hold some of the documents and not all, as paths, in order.

    Of a folder and the only one in it that holds any, the inner one stands for both.
    """
    held: Counter[str] = Counter()
    for folder, count in Counter(map(_above, sources)).items():
        while folder:
            held[folder] += count
            folder = _above(folder)
    outer = {_above(folder) for folder, count in held.items() if held[_above(folder)] == count}
    return sorted(folder for folder, count in held.items() if count < len(sources) and folder not in outer)


def _above(path: str) -> str:
    return path.rpartition(os.sep)[0]


def _collection(name: str, documents: Sequence[DocumentInfo], is_one_of_several: bool, is_search: bool) -> str:
    label = f'<span dir="auto">{escape(name)}</span>'
    box = f'<input type="checkbox" name="collection" value="{escape(name)}" checked>'
    tick = f'<label class="tick" title="Ask of it">{box}{label}</label>' if is_one_of_several else ""
    head = f'<div class="collection-head">{tick or f"<p>{label}</p>"}{_collection_menu(name)}</div>'
    more = len(documents) - LISTED
    rest = f'<p class="empty">{more:,} more: search for them.</p>' if more > 0 else ""
    is_open = " open" if is_search or not is_one_of_several or len(documents) <= OPEN else ""
    rows = "".join(_row(own, is_one_of_several or len(documents) > 1) for own in documents[:LISTED])
    return (
        f'<section class="collection" data-collection="{escape(name)}">{head}<details class="held"{is_open}>'
        f"<summary>{counted(len(documents), 'document')}</summary>"
        f'<ul class="documents" aria-label="{escape(name)}">{rows}</ul>{rest}</details></section>'
    )


def _collection_menu(name: str) -> str:
    """Return what unfolds beside a collection's name: another name, and removing it in two steps."""
    title = escape(name)
    return (
        f'<details class="more"><summary aria-label="More about {title}"><span aria-hidden="true">⋯</span></summary>'
        f'<div class="more-menu"><form class="rename"><label>Name<input name="title" maxlength="80" dir="auto" '
        f'value="{title}"></label><button type="submit">Rename</button></form>'
        '<details class="delete"><summary>Remove…</summary><p>Remove this collection, and its documents that are in'
        " no other? The files themselves stay where they are.</p>"
        f'<button type="button" class="confirm-delete" aria-label="Remove {title}">Remove</button></details>'
        "</div></details>"
    )


def _fields(formats: Sequence[str], folders: Sequence[str]) -> str:
    """Return the fields that narrow a question down to a folder, to a type and to days of change."""
    places = _select("Folder", "folder", {folder: shortened(folder) for folder in folders[:LISTED]}) if folders else ""
    return (
        f'<details class="narrow"><summary>Ask only of some</summary>{places}'
        f"{_select('Type', 'type', {kind: kind for kind in formats})}"
        '<label>Changed since<input type="date" name="since"></label>'
        '<label>Changed until<input type="date" name="until"></label></details>'
    )


def _select(label: str, name: str, options: Mapping[str, str]) -> str:
    """Return a field with these options, words by value, and "any"."""
    rows = "".join(f'<option value="{escape(value)}">{escape(words)}</option>' for value, words in options.items())
    return f'<label>{label}<select name="{name}"><option value="">any</option>{rows}</select></label>'


def _row(document: DocumentInfo, is_one_of_several: bool) -> str:
    title = escape(document.title)
    only = (
        f'<button type="button" class="only" data-only="{document.id:d}" data-title="{title}" aria-pressed="false"'
        f' aria-label="Ask only this: {title}">Ask only this</button>'
    )
    opens = f'class="open" data-document="{document.id:d}" dir="auto" title="{title}"'
    return (
        f'<li><button type="button" {opens}>{title}</button>'
        f'<span class="facts">{counted(document.passages, "passage")}</span>{only if is_one_of_several else ""}'
        f"{_remove(document, title)}</li>"
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
