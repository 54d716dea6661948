"""`pincite feedback`: what was said of answers on the page, to list and to measure with."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.commands.opening import own_library, settings_of
from ui.commands.shell import PATH, Failure, library_option
from ui.markup import counted
from ui.terminal import one_line, print_table, say

if TYPE_CHECKING:
    from rag.evaluate.feedback import JudgedAnswer


@click.command()
@click.option("--export", "file", metavar="FILE", type=PATH, help="Write a file of questions that pincite eval reads.")
@click.option("--user", metavar="NAME", default="", help="What NAME said, where people log in.")
@library_option
@click.pass_context
def feedback(context: click.Context, file: Path | None, user: str) -> None:
    """List what was said of answers on the page. Piped: one a line, tabs between the columns.

    --export writes their questions as JSON lines, with the documents and sentences of the answers that were helpful.
    """
    from rag.evaluate.feedback import evaluation_lines, judged_answers

    with own_library(settings_of(context)) as library:
        answers = judged_answers(library, user)
        lines = list(evaluation_lines(library, answers)) if file else []
    if file:
        return _write(file, lines)
    rows = [_row(own) for own in answers]
    if rows and sys.stdout.isatty():
        print_table(("date", "verdict", "question"), rows)
    else:
        say("\n".join("\t".join(row) for row in rows) or "no feedback: buttons below each answer on the page give it")


def _row(own: "JudgedAnswer") -> tuple[str, str, str]:
    verdicts = (f"[{number}] {verdict}" if number else str(verdict) for number, verdict in own.judged.verdicts.items())
    return own.judged.said_at[:10], ", ".join(verdicts), one_line(own.answer.question)


def _write(file: Path, lines: list[str]) -> None:
    if not lines:
        raise Failure("there is no feedback to write: buttons below each answer on the page give it")
    try:
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}") from error
    say(f"{file} holds {counted(len(lines), 'question')}: pincite eval {file}")
