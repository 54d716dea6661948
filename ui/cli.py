"""The command line: `pincite add · remove · status · verify · export · import · ask · chat · serve · models · …`.

Builds library, generator and settings from what a person typed, and turns every expected failure into one line
and an exit code. Knows nothing of how an answer comes about. Imports nothing heavy before a command runs.
"""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import PinciteError
from index.types import Outcome, Progress
from ui.markup import counted
from ui.terminal import (
    one_line,
    print_answer,
    print_problems,
    print_reports,
    print_status,
    progress_bar,
    say,
    transfer_bar,
)

if TYPE_CHECKING:
    from index.library import Library
    from rag.generators.base import Generator
    from rag.models.types import CatalogueModel
    from rag.settings import Settings
    from rag.types import Answer, Turn

ABSTAINED = 3
"""The exit code of `ask` where the documents do not answer."""


class Failure(click.ClickException):
    """A failure that is shown as one line; exit code 1."""

    def show(self, file: Any = None) -> None:
        """Print the one line on standard error."""
        say(f"pincite: {one_line(self.message)}", error=True)


class Interrupted(Failure):
    """Ctrl-C; the exit code is what a shell reports for it, 128 + SIGINT."""

    exit_code = 130


class Commands(click.Group):
    """The commands, with `PinciteError` and Ctrl-C turned into a `Failure`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except PinciteError as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt as error:
            raise Interrupted("stopped") from error


class Warnings(logging.Handler):
    """Prints what `rag` warns of, such as a file that was left out, as one line on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one warning."""
        say(f"pincite: {one_line(record.getMessage())}", error=True)


Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _remember(context: click.Context, parameter: click.Parameter, value: Path | str | None) -> None:
    if value is not None:
        context.meta[f"pincite.{parameter.name}"] = value


def _option(name: str, metavar: str, text: str, kind: Any = str) -> Option:
    """An option that may stand before the command or after it."""
    return click.option(name, metavar=metavar, type=kind, help=text, callback=_remember, expose_value=False)


PATH = click.Path(path_type=Path)
library_option = _option("--library", "DIR", "The library to use (or PINCITE_LIBRARY). Default: your own.", PATH)

ocr_option = _option("--ocr", "LANGUAGES", "Read scans and pictures with Tesseract: eng, or deu+fra (or PINCITE_OCR).")


def model_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what writes the answers."""
    options = (
        _option(
            "--model",
            "GGUF",
            "The language model that writes (or PINCITE_MODEL); none: quotes only. Default: the one pulled last.",
            PATH,
        ),
        _option("--server", "URL", "An OpenAI-compatible server that writes instead (or PINCITE_SERVER)."),
        _option("--server-model", "NAME", "Which of the server's models (or PINCITE_SERVER_MODEL)."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pincite", message="%(prog)s %(version)s")
@ocr_option
@library_option
@model_option
def commands() -> None:
    """Answers questions about your own documents, on your own machine; every sentence cites the words it rests on.

    \b
    Exit codes: 0 done; 1 failed, one line says why; 2 wrong use;
                3 `ask` found no answer in the documents; 130 stopped by Ctrl-C.
    """
    logging.getLogger("pincite").handlers[:] = [Warnings()]


@commands.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--password",
    metavar="WORD",
    envvar="PINCITE_PASSWORD",
    default="",
    help="Opens encrypted PDFs (or PINCITE_PASSWORD).",
)
@ocr_option
@library_option
@click.pass_context
def add(context: click.Context, paths: tuple[Path, ...], password: str) -> None:
    """Add files and folders to the library. What has not changed is left alone. Exit code 1: a file failed."""
    with _library(_settings(context)) as library:
        if _add(library, paths, password):
            context.exit(1)


@commands.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@library_option
@click.pass_context
def remove(context: click.Context, names: tuple[str, ...]) -> None:
    """Remove documents from the library, each by its id, path or title. The files stay where they are."""
    with _library(_settings(context)) as library:
        for document in dict.fromkeys(library.find(name) for name in names):
            library.remove(document.id)
            say(f"removed {one_line(document.title)}")


@commands.command()
@library_option
@click.pass_context
def status(context: click.Context) -> None:
    """Show where the library is and what it holds. Piped: one document a line, tabs between the columns."""
    with _library(_settings(context)) as library:
        print_status(library.status(), library.documents())


@commands.command()
@click.option("--repair", is_flag=True, help="Make again what can be made from the documents' text.")
@library_option
@click.pass_context
def verify(context: click.Context, repair: bool) -> None:
    """Check all that the library stores: texts, places, vectors, originals. Exit code 1: something is wrong."""
    with _library(_settings(context)) as library:
        with progress_bar() as show:
            problems = library.verify(lambda done, documents: show(Progress(done, documents, 0, "checking")))
        print_problems(problems, len(library.documents()))
        if repair and any(problem.is_derived for problem in problems):
            library.repair()
            problems = library.verify()
            say("made again what could be made again:")
            print_problems(problems, len(library.documents()))
    if problems:
        context.exit(1)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@library_option
@click.pass_context
def export(context: click.Context, file: Path) -> None:
    """Write the library, with the originals of what was uploaded, to one new FILE."""
    with _library(_settings(context)) as library:
        library.export(file)
        say(f"{file} holds {counted(len(library.documents()), 'document')}")


@commands.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@library_option
@click.pass_context
def import_(context: click.Context, file: Path) -> None:
    """Make a library from FILE, which `pincite export` wrote. The library's folder must be new or empty."""
    from index.backup import import_library

    settings = _settings(context)
    import_library(file, settings.library)
    with _library(settings) as library:
        say(f"the library at {library.directory} holds {counted(len(library.documents()), 'document')}")


@commands.command()
@click.argument("question")
@click.option(
    "--documents", metavar="PATH", multiple=True, type=click.Path(path_type=Path), help="Ask these, not the library."
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
@ocr_option
@library_option
@model_option
@click.pass_context
def ask(context: click.Context, question: str, documents: tuple[Path, ...], as_json: bool) -> None:
    """Answer QUESTION from the library, or from the documents given. Exit code 3: they do not answer it."""
    settings = _settings(context)
    generator = _generator(settings)
    with _library_of(context, settings, documents) as library:
        answer = _answer(question, library, generator, as_json)
    if answer.abstention:
        context.exit(ABSTAINED)


@commands.command()
@click.option(
    "--documents", metavar="PATH", multiple=True, type=click.Path(path_type=Path), help="Ask these, not the library."
)
@ocr_option
@library_option
@model_option
@click.pass_context
def chat(context: click.Context, documents: tuple[Path, ...]) -> None:
    """Talk with the library in the terminal. Ctrl-C stops an answer, Ctrl-D leaves."""
    settings = _settings(context)
    generator = _generator(settings)
    with _library_of(context, settings, documents) as library:
        _converse(library, generator)


@commands.command()
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=click.Path(path_type=Path))
@click.option("--port", default=7860, show_default=True, help="The port; the next free one is used if it is taken.")
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@ocr_option
@library_option
@model_option
@click.pass_context
def serve(context: click.Context, paths: tuple[Path, ...], port: int, no_browser: bool) -> None:
    """Open the chat in the browser. It is about PATHS or, without any, about the library."""
    from ui.serve import serve

    settings = _settings(context)
    generator, trouble = _generator_or_quotes(context, settings)
    with _library_of(context, settings, paths, takes_uploads=True) as library:
        serve(library, generator, settings, port=port, open_browser=not no_browser, trouble=trouble)


@commands.command()
@model_option
@click.pass_context
def models(context: click.Context) -> None:
    """List the language models on this machine and those to download. Piped: one model a line, with tabs."""
    from rag.models.catalogue import load_catalogue
    from rag.models.choose import choose, this_machine
    from rag.models.found import find_models
    from ui.models import print_models

    settings = _settings(context)
    catalogue, finds = load_catalogue(settings.catalogue), find_models()
    print_models(finds, catalogue, choose(finds.models, catalogue, this_machine()), settings.model)


@commands.command()
@click.argument("name", metavar="[NAME]", default="")
@click.option("--yes", is_flag=True, help="Download without asking.")
@click.pass_context
def pull(context: click.Context, name: str, yes: bool) -> None:
    """Download a language model: NAME from `pincite models`, or the one that suits this machine.

    No other command connects to another machine by itself. It says what comes from where and asks first.
    """
    from rag.models.catalogue import load_catalogue
    from rag.models.choose import this_machine
    from rag.models.folder import models_folder
    from ui.models import offer, to_pull

    machine = this_machine()
    model = to_pull(load_catalogue(_settings(context).catalogue), name, machine)
    folder = models_folder()
    if not (folder / model.file).is_file():
        say(offer(model, folder, machine))
        if not yes and not _agreed():
            raise Failure("nothing was downloaded (answer y, or use --yes)")
    path = _download(model, folder)
    is_used = _settings(context).model == path
    use = "used from now on" if is_used else "not used: PINCITE_MODEL or config.toml names another"
    say(f"{model.title} is there and {use}: {path}")


@commands.command("eval")
@click.argument("sets", metavar="SET…", nargs=-1, required=True, type=PATH)
@click.option("--questions", metavar="N", default=500, show_default=True, type=click.IntRange(min=1),
              help="Ask about so many questions of each set, evenly spread.")  # fmt: skip
@click.option("--documents", metavar="PATH", multiple=True, type=PATH, help="What a file of questions is about.")
@click.option("--json", "json_file", metavar="FILE", type=PATH, help="Write all figures and each question's scores.")
@click.option("--html", "html_file", metavar="FILE", type=PATH, help="Write the figures as a page with plots.")
@library_option
@model_option
@click.pass_context
def evaluate(
    context: click.Context,
    sets: tuple[Path, ...],
    questions: int,
    documents: tuple[Path, ...],
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Measure how good answers are. SET is a folder with a corpus and questions, or a file of your own questions.

    \b
    A folder holds corpus.jsonl.gz and queries.jsonl.gz. A file holds one JSON object a line, with the field question
    and, where known, answers, relevant (documents), answerable and evidence (sentences word for word); it is about
    the library or --documents. Answers are quotations unless --model or --server is given.
    """
    from rag.evaluate.run import evaluate
    from ui.evaluation import check_writable, follow_steps, print_report, read_sets, write_json, write_page

    settings = _settings(context)
    for file in (json_file, html_file):
        check_writable(file)
    is_about_library = any(path.is_file() for path in sets)
    with _library_of(context, settings, documents) if is_about_library else nullcontext() as library:
        read = read_sets(sets, library, questions, settings.embedder)
        with follow_steps() as follow:
            report = evaluate(read, _typed_generator(context, settings), settings.embedder, follow)
    print_report(report)
    if json_file:
        write_json(report, json_file)
    if html_file:
        write_page(report, html_file)


@commands.command()
@library_option
@model_option
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check that all parts work here, and show the settings in force. Exit code 1: something is broken."""
    from ui.doctor import examine

    checks = []
    for check in examine(_settings(context)):
        checks.append(check)
        say(f"{'ok     ' if check.works else 'BROKEN '} {check.name:<13} {one_line(check.finding)}")
    if not all(check.works for check in checks):
        context.exit(1)


def main() -> None:
    """Run the command line. What the terminal's encoding cannot show is replaced, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    commands.main(prog_name="pincite")


def _settings(context: click.Context) -> "Settings":
    """The settings in force: what was typed over the environment over config.toml."""
    from rag.settings import load_settings, named_model

    names = ("library", "model", "server", "server_model")
    typed: dict[str, Any] = {
        name: context.meta[f"pincite.{name}"] for name in names if f"pincite.{name}" in context.meta
    }
    if "model" in typed and "server" in typed:
        raise click.UsageError("--model and --server: only one of them can write, so name one")
    if "model" in typed:
        typed |= {"model": named_model(typed["model"]), "server": None}
    settings = replace(load_settings(), **typed)
    languages = context.meta.get("pincite.ocr", settings.reading.ocr_languages)
    return replace(settings, reading=replace(settings.reading, ocr_languages=languages))


def _library(settings: "Settings") -> "Library":
    from index.library import Library

    return Library.open(settings.library, settings.embedder, settings.reading)


def _generator(settings: "Settings") -> "Generator":
    from rag.generators import generator_of

    return generator_of(settings)


def _typed_generator(context: click.Context, settings: "Settings") -> "Generator":
    """The generator that was typed; without one, quotations: thousands of questions take a model hours."""
    if not {"pincite.model", "pincite.server"} & set(context.meta):
        settings = replace(settings, model=None, server=None)
    return _generator(settings)


def _generator_or_quotes(context: click.Context, settings: "Settings") -> tuple["Generator", str]:
    """Open what writes; a model that nobody named this time may fail, and the page, which quotes then, says why."""
    from rag.models import default_model

    try:
        return _generator(settings), ""
    except PinciteError as error:
        if settings.server or "pincite.model" in context.meta or settings.model != default_model():
            raise
        say(f"pincite: {one_line(str(error))}", error=True)
        return _generator(replace(settings, model=None)), str(error)


@contextmanager
def _library_of(
    context: click.Context, settings: "Settings", paths: Sequence[Path], takes_uploads: bool = False
) -> Iterator["Library"]:
    """Open the library to ask: for PATHS one of their own, unless a library was named to add them to."""
    if not paths or "pincite.library" in context.meta:
        with _library(settings) as library:
            if paths:
                _add(library, paths)
            yield library
        return
    from rag.corpus import open_desk, open_documents

    with _ingest() as follow:
        library = (open_desk if takes_uploads else open_documents)(paths, settings.embedder, follow, settings.reading)
    with library:
        yield library


def _add(library: "Library", paths: Sequence[Path], password: str = "") -> bool:
    """Add `paths` and say what became of them; return whether a file failed."""
    with _ingest() as follow:
        reports = library.add(paths, follow, password)
    print_reports(reports)
    return any(report.outcome is Outcome.FAILED for report in reports)


@contextmanager
def _ingest() -> Iterator[Callable[[Progress], None]]:
    """Show the progress that is reported; on Ctrl-C, say how much of it is kept."""
    last = Progress(0, 0, 0, "")

    def follow(progress: Progress) -> None:
        nonlocal last
        last = progress
        show(progress)

    try:
        with progress_bar() as show:
            yield follow
    except KeyboardInterrupt as error:
        kept = f"stopped: {last.files_done} of {last.files} files are done and kept"
        raise Interrupted(f"{kept}; run the same command again for the rest") from error


def _agreed() -> bool:
    try:
        return click.confirm("Download it?", default=False)
    except click.Abort:  # the end of input, or Ctrl-C
        say("")
        return False


def _download(model: "CatalogueModel", folder: Path) -> Path:
    """Download a model with a bar; on Ctrl-C, say how much of it is kept."""
    from rag.models.pull import kept_part, pull
    from rag.models.types import gigabytes

    try:
        with transfer_bar() as follow:
            return pull(model, folder, follow)
    except KeyboardInterrupt as error:
        kept = f"stopped: {gigabytes(kept_part(model, folder))} of {gigabytes(model.size)} are kept"
        raise Interrupted(f"{kept}; run the same command again for the rest") from error


def _answer(question: str, library: "Library", generator: "Generator", as_json: bool) -> "Answer":
    from rag import answer_stream

    if as_json:
        *_, answer = answer_stream(question, library=library, generator=generator)
        # ASCII, so that no character of a document can act on the terminal.
        click.echo(json.dumps(answer.to_dict(), indent=2))
        return answer
    return print_answer(answer_stream(question, library=library, generator=generator))


def _converse(library: "Library", generator: "Generator") -> None:
    """Ask and answer until the end of input; each answer is part of the next question's history."""
    from rag import answer_stream

    history: list[Turn] = []
    for question in _questions():
        try:
            answer = print_answer(answer_stream(question, library=library, generator=generator, history=history))
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


if __name__ == "__main__":
    main()
