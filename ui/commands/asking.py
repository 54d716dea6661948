"""`pincite ask · chat · serve · mcp`: questions, once, in the terminal, in the browser and from other assistants."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import PinciteError
from index.importing import importing, undisturbed
from ui.commands.answering import Asker, asker_of
from ui.commands.manner import manner_options
from ui.commands.opening import generator_or_quotes, library_of, settings_of
from ui.commands.scoping import scope_options
from ui.commands.shell import PATH, library_option, model_option, ocr_option
from ui.terminal import one_line, print_answer, say

if TYPE_CHECKING:
    from rag.types import Answer, Turn

ABSTAINED = 3
"""The exit code of `ask` where the documents do not answer."""


@click.command()
@click.argument("question")
@click.option("--documents", metavar="PATH", multiple=True, type=PATH, help="Ask these, not the library.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
@scope_options
@manner_options
@ocr_option
@library_option
@model_option
@click.pass_context
def ask(context: click.Context, question: str, documents: tuple[Path, ...], as_json: bool) -> None:
    """Answer QUESTION from the library, or from the documents given. Exit code 3: they do not answer it."""
    with asker_of(context, documents) as asker:
        answer = asker.answer(question, _print_json if as_json else print_answer)
    if answer.abstention:
        context.exit(ABSTAINED)


@click.command()
@click.option("--documents", metavar="PATH", multiple=True, type=PATH, help="Ask these, not the library.")
@scope_options
@manner_options
@ocr_option
@library_option
@model_option
@click.pass_context
def chat(context: click.Context, documents: tuple[Path, ...]) -> None:
    """Talk with the library in the terminal. Ctrl-C stops an answer, Ctrl-D leaves."""
    with asker_of(context, documents) as asker:
        asker.open_without_server()
        _converse(asker)


@click.command()
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=PATH)
@click.option("--port", default=7860, show_default=True, help="The port; the next free one is used if it is taken.")
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Listen here; others must log in."
)
@click.option("--name", "names", metavar="NAME", multiple=True, help="A name by which others call the server.")
@click.option("--login", is_flag=True, help="Ask for a login on this machine, too.")
@ocr_option
@library_option
@model_option
@click.pass_context
def serve(
    context: click.Context,
    paths: tuple[Path, ...],
    port: int,
    no_browser: bool,
    host: str,
    names: tuple[str, ...],
    login: bool,
) -> None:
    """Open the chat in the browser. It is about PATHS or, without any, about the library."""
    with undisturbed(), importing():
        from ui.address import Address
        from ui.serve import serve

    address = Address(host, tuple(name.lower() for name in names), login)

    settings = settings_of(context)
    generator, trouble = generator_or_quotes(context, settings)
    with library_of(context, settings, paths, takes_uploads=True) as library:
        serve(library, generator, settings, port=port, open_browser=not no_browser, trouble=trouble, address=address)


@click.command("mcp")
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=PATH)
@ocr_option
@library_option
@model_option
@click.pass_context
def mcp(context: click.Context, paths: tuple[Path, ...]) -> None:
    """Give other assistants tools to ask, search and read PATHS or the library (Model Context Protocol, on stdio)."""
    settings = settings_of(context)
    with ExitStack() as opened:
        with redirect_stdout(sys.stderr):  # standard output belongs to the protocol
            generator, _ = generator_or_quotes(context, settings)
            library = opened.enter_context(library_of(context, settings, paths))
        from ui.api.answering import Answering
        from ui.seat import Seat
        from ui.tools import run_tools

        run_tools(library, Answering(library, Seat(generator)))


def _print_json(answers: Iterable["Answer"]) -> "Answer":
    """Print the finished answer as JSON; return it."""
    *_, answer = answers
    # ASCII, so that no character of a document can act on the terminal.
    click.echo(json.dumps(answer.to_dict(), indent=2))
    return answer


def _converse(asker: Asker) -> None:
    """Ask and answer until the end of input; each answer is part of the next question's history."""
    history: list[Turn] = []
    for question in _questions():
        try:
            answer = asker.answer(question, print_answer, history)
        except PinciteError as error:
            say(one_line(str(error)), error=True)
        except KeyboardInterrupt:
            say("\n(stopped)")
        else:
            history += answer.turns


def _questions() -> Iterator[str]:
    """Yield what a person types, until the end of input; empty lines are skipped."""
    with suppress(ImportError):
        import readline  # noqa: F401 -- gives input() its line editing
    while True:
        try:
            question = input("\n? ").strip()
        except EOFError:
            say("")
            return
        if question:
            yield question
