"""Printing to a terminal. Whatever comes from a document, a file name or a model is made harmless first.

Knows answers and reports, but no library and no settings.
"""

import sys
import textwrap
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from index.types import DocumentInfo, FileReport, Progress, Status
from ui.markup import counted
from ui.reports import count_line, lines_about, lines_of_failures, shortened, summary_rows

if TYPE_CHECKING:
    from index.verify import Problem
    from rag.types import Answer

WIDTH = 100
"""Columns an answer is wrapped to."""

_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """Return `text` with control characters, direction overrides and lone surrogates spelt out as <U+001B>.

    Newlines and tabs stay. Without this a document could move the cursor, retitle the window or reorder a line.
    """
    return "".join(f"<U+{ord(character):04X}>" if _is_unsafe(character) else character for character in text)


def _is_unsafe(character: str) -> bool:
    if character in "\n\t":
        return False
    return character in _BIDIRECTIONAL or unicodedata.category(character) in ("Cc", "Cs")


def say(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Print `text` on standard output or standard error, made harmless."""
    click.echo(visible(text) + end, err=error, nl=False)


def one_line(text: str) -> str:
    """Return `text` with white space collapsed to single spaces."""
    return " ".join(text.split())


def print_answer(answers: Iterable["Answer"]) -> "Answer":
    """Print a growing answer, as it grows where standard output is a terminal; return the last one.

    `answers` is what `rag.answer_stream` yields: at least one item, each beginning with the text of the one before.
    """
    from rag.types import source_lines

    live = sys.stdout.isatty()
    written = ""
    with _waiting(live) as tell:
        for answer in answers:
            tell(answer)
            if live and answer.claims:
                written = _write_growth(written, answer)
    _write_growth(written, answer)
    say("\n".join(["", *source_lines(answer)]))
    for withheld in answer.withheld:
        say(f"Not shown, {withheld.reason}: {one_line(withheld.text)}", error=True)
    if sys.stderr.isatty():
        _print_speed(answer)
    return answer


def _print_speed(answer: "Answer") -> None:
    """Print who wrote how fast, and what was not read, on standard error: it is about the answer, not of it."""
    from ui.progress import left_out_line, speed

    say("\n" + " · ".join([one_line(answer.generator), *speed(answer)]), error=True)
    if left_out := left_out_line(answer):
        say(left_out, error=True)


def _write_growth(written: str, answer: "Answer") -> str:
    """Print what `answer` adds to what is `written`. Greedy wrapping keeps the lines that stand as they are."""
    wrapped = textwrap.fill(answer.text, WIDTH)
    say(wrapped.removeprefix(written), end="")
    return wrapped


@contextmanager
def _waiting(live: bool) -> Iterator[Callable[["Answer"], None]]:
    """Show what an answer waits for, as told to the function it yields, until it says something or the block ends."""
    if not live or not sys.stderr.isatty():
        yield lambda answer: None
        return
    from rich.console import Console
    from rich.text import Text

    from ui.progress import working_line

    with Console(stderr=True).status("Searching the documents…") as status:

        def tell(answer: "Answer") -> None:
            if answer.claims:
                status.stop()
            else:
                status.update(Text(visible(working_line(answer))))

        yield tell


@contextmanager
def transfer_bar() -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error, if that is a terminal, that follows the bytes that are here of all there are."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """Show a bar on standard error, if that is a terminal, that follows the `Progress` it is given."""
    if not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    name = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), name)
    started = time.monotonic()

    def described(progress: Progress) -> str:
        rate = progress.passages / max(1.0, time.monotonic() - started)
        return f"{progress.passages} passages, {rate:.0f} a second  {visible(progress.current)}"

    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda progress: bar.update(
            task, completed=progress.files_done, total=progress.files, description=described(progress)
        )


def print_reports(reports: Sequence[FileReport], seconds: float) -> None:
    """Print what became of files in so many seconds, and a line for each that was moved, deleted, much alike or failed.

    In a terminal the numbers are a table, with reasons, passages and time, and a long list of lines is cut.
    """
    live = sys.stdout.isatty()
    if live:
        print_table(("files", "", ""), summary_rows(reports, seconds))
    else:
        say(count_line(reports))
    for lines in lines_about(reports):
        for line in shortened(lines) if live else lines:
            say(one_line(line))
    failures = lines_of_failures(reports)
    for line in shortened(failures) if sys.stderr.isatty() else failures:
        say(one_line(line), error=True)


def print_problems(problems: Sequence["Problem"], documents: int) -> None:
    """Print what is wrong with a library of so many documents, one line each, or that nothing is."""
    if not problems:
        say(f"nothing is wrong with the library of {counted(documents, 'document')}")
    for problem in problems:
        say(f"{one_line(str(problem))}{' (--repair makes it again)' if problem.is_derived else ''}", error=True)


def print_status(status: Status, documents: Sequence[DocumentInfo]) -> None:
    """Print where the library is, what it holds, and one line for each document."""
    say(f"library    {status.directory}")
    say(f"embedder   {status.embedder}")
    held = f"{counted(status.documents, 'document')}, {counted(status.passages, 'passage')}"
    say(f"holds      {held}, {status.bytes_on_disk / 2**20:.1f} MiB")
    if documents and sys.stdout.isatty():
        print_table(("id", "title", "passages", "added", "source"), [_row(document) for document in documents])
        return
    for document in documents:
        say("\t".join(_row(document)))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of cells under the names of their columns, as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    Console().print(table)


def _row(document: DocumentInfo) -> tuple[str, ...]:
    cells = (str(document.id), document.title, str(document.passages), document.added_at[:10], document.source)
    return tuple(one_line(cell) for cell in cells)
