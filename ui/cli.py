"""The command line. Each kind of command has a file in `ui.commands`; nothing heavy is imported before one runs."""

import io
import logging
import sys

import click

from ui.commands.asking import ask, chat, mcp, serve
from ui.commands.checking import doctor, evaluate
from ui.commands.collecting import collections
from ui.commands.conversing import conversations
from ui.commands.judging import feedback
from ui.commands.keeping import add, export, import_, remove, status, sync, verify
from ui.commands.letting_in import token, user
from ui.commands.models import models, pull
from ui.commands.shell import Commands, Warnings, library_option, model_option, ocr_option


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


for command in (
    add,
    sync,
    remove,
    status,
    collections,
    conversations,
    feedback,
    verify,
    export,
    import_,
    ask,
    chat,
    serve,
    mcp,
    models,
    pull,
    evaluate,
    doctor,
    user,
    token,
):
    commands.add_command(command)


def main() -> None:
    """Run the command line. What the terminal's encoding cannot show is replaced, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    commands.main(prog_name="pincite")


if __name__ == "__main__":
    main()
