"""What all commands have in common: how they fail, and the options that may stand before a command or after it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from index.errors import PinciteError
from ui.terminal import one_line, say


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
PATH = click.Path(path_type=Path)


def _remember(context: click.Context, parameter: click.Parameter, value: Path | str | None) -> None:
    if value is not None:
        context.meta[f"pincite.{parameter.name}"] = value


def either_side_option(name: str, metavar: str, text: str, kind: Any = str) -> Option:
    """An option that may stand before the command or after it."""
    return click.option(name, metavar=metavar, type=kind, help=text, callback=_remember, expose_value=False)


library_option = either_side_option(
    "--library", "DIR", "The library to use (or PINCITE_LIBRARY). Default: your own.", PATH
)
password_option = click.option(
    "--password",
    metavar="WORD",
    envvar="PINCITE_PASSWORD",
    default="",
    help="Opens encrypted PDFs (or PINCITE_PASSWORD).",
)
ocr_option = either_side_option(
    "--ocr", "LANGUAGES", "Read scans and pictures with Tesseract: eng, or deu+fra (or PINCITE_OCR)."
)


def model_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what writes the answers."""
    options = (
        either_side_option(
            "--model",
            "GGUF",
            "The language model that writes (or PINCITE_MODEL); none: quotes only. Default: the one pulled last.",
            PATH,
        ),
        either_side_option("--server", "URL", "An OpenAI-compatible server that writes instead (or PINCITE_SERVER)."),
        either_side_option("--server-model", "NAME", "Which of the server's models (or PINCITE_SERVER_MODEL)."),
    )
    for option in reversed(options):
        command = option(command)
    return command
