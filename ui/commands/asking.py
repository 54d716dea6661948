"""`pincite ask · chat · serve · mcp`: questions, once, in the terminal, in the browser and from other assistants."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import PinciteError
from index.types import Scope
from ui.commands.opening import generator_in, generator_or_quotes, library_of, settings_of
from ui.commands.scoping import scope_of, scope_options, typed_scope
from ui.commands.shell import PATH, library_option, model_option, ocr_option
from ui.terminal import one_line, print_answer, say

if TYPE_CHECKING:
    from index.library import Library
    from rag.generators.base import Generator
    from rag.settings import Settings
    from rag.types import Answer, Turn

ABSTAINED = 3
"""The exit code of `ask` where the documents do not answer."""


@click.command()
@click.argument("question")
@click.option("--documents", metavar="PATH", multiple=True, type=PATH, help="Ask these, not the library.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
@scope_options
@ocr_option
@library_option
@model_option
@click.pass_context
def ask(context: click.Context, question: str, documents: tuple[Path, ...], as_json: bool) -> None:
    """Answer QUESTION from the library, or from the documents given. Exit code 3: they do not answer it."""
    settings = settings_of(context)
    answer = None if documents else _answer_of_running(context, settings, question, as_json)
    if answer is None:
        answer = _own_answer(context, settings, documents, question, as_json)
    if answer.abstention:
        context.exit(ABSTAINED)


@click.command()
@click.option("--documents", metavar="PATH", multiple=True, type=PATH, help="Ask these, not the library.")
@scope_options
@ocr_option
@library_option
@model_option
@click.pass_context
def chat(context: click.Context, documents: tuple[Path, ...]) -> None:
    """Talk with the library in the terminal. Ctrl-C stops an answer, Ctrl-D leaves."""
    settings = settings_of(context)
    generator = generator_in(settings)
    with library_of(context, settings, documents) as library:
        _converse(library, scope_of(context, library), generator)


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


def _answer_of_running(context: click.Context, settings: "Settings", question: str, as_json: bool) -> "Answer | None":
    """Print what the library's running server answers; None where none runs, or it does not answer to the end."""
    from ui.running import ServerLost, ask_running

    answers = ask_running(settings, question, *typed_scope(context))
    if answers is None:
        return None
    try:
        with closing(answers):
            return _print(answers, as_json)
    except ServerLost:
        say("\npincite: the running server broke off: answering without it", error=True)
        return None


def _own_answer(
    context: click.Context, settings: "Settings", documents: tuple[Path, ...], question: str, as_json: bool
) -> "Answer":
    """Print the answer that this process finds and writes."""
    from rag import answer_stream

    generator = generator_in(settings)
    with library_of(context, settings, documents) as library:
        scope = scope_of(context, library)
        return _print(answer_stream(question, library=library, scope=scope, generator=generator), as_json)


def _print(answers: Iterable["Answer"], as_json: bool) -> "Answer":
    """Print a growing answer, or the finished one as JSON; return it."""
    if as_json:
        *_, answer = answers
        # ASCII, so that no character of a document can act on the terminal.
        click.echo(json.dumps(answer.to_dict(), indent=2))
        return answer
    return print_answer(answers)


def _converse(library: "Library", scope: Scope, generator: "Generator") -> None:
    """Ask and answer until the end of input; each answer is part of the next question's history."""
    from rag import answer_stream

    history: list[Turn] = []
    for question in _questions():
        try:
            answers = answer_stream(question, library=library, scope=scope, generator=generator, history=history)
            answer = print_answer(answers)
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
