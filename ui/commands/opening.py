"""Settings, libraries and generators as a person named them, in options, the environment and config.toml."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import PinciteError
from index.types import FileReport, Outcome, Progress
from ui.commands.shell import Interrupted
from ui.terminal import one_line, print_reports, progress_bar, say

if TYPE_CHECKING:
    from index.library import Library
    from rag.generators.base import Generator
    from rag.settings import Settings


def settings_of(context: click.Context) -> "Settings":
    """The settings in force: what was typed over the environment over config.toml."""
    from rag.settings import load_settings

    return load_settings(said=typed_settings(context))


def typed_settings(context: click.Context) -> dict[str, object]:
    """What was typed, by the settings' keys."""
    names = ("library", "model", "server", "server_model", "ocr")
    typed = {name: context.meta[f"pincite.{name}"] for name in names if f"pincite.{name}" in context.meta}
    if "model" in typed and "server" in typed:
        raise click.UsageError("--model and --server: only one of them can write, so name one")
    return typed


def own_library(settings: "Settings") -> "Library":
    from index.library import Library

    return Library.open(settings.library, settings.embedder, settings.reading, settings.vectors)


@contextmanager
def library_of(
    context: click.Context, settings: "Settings", paths: Sequence[Path], takes_uploads: bool = False
) -> Iterator["Library"]:
    """Open the library to ask: for PATHS one of their own, unless a library was named to add them to."""
    if not paths or "pincite.library" in context.meta:
        with own_library(settings) as library:
            if paths:
                add_paths(library.add, paths)
            yield library
        return
    from rag.corpus import open_desk, open_documents

    with following_ingest() as follow:
        library = (open_desk if takes_uploads else open_documents)(paths, settings.embedder, follow, settings.reading)
    with library:
        yield library


def add_paths(
    add: Callable[[Sequence[Path], Callable[[Progress], None], str, str], tuple[FileReport, ...]],
    paths: Sequence[Path],
    password: str = "",
    collection: str = "",
) -> bool:
    """Add `paths` as `add` does, such as `Library.add`, and say what became of them; return whether a file failed."""
    started = time.monotonic()
    with following_ingest() as follow:
        reports = add(paths, follow, password, collection)
    print_reports(reports, time.monotonic() - started)
    return any(report.outcome is Outcome.FAILED for report in reports)


@contextmanager
def following_ingest() -> Iterator[Callable[[Progress], None]]:
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


def generator_in(settings: "Settings") -> "Generator":
    from rag.generators import generator_of

    return generator_of(settings)


def typed_generator(context: click.Context, settings: "Settings") -> "Generator":
    """The generator that was typed; without one, quotations: thousands of questions take a model hours."""
    if not {"pincite.model", "pincite.server"} & set(context.meta):
        settings = replace(settings, model=None, server=None)
    return generator_in(settings)


def generator_or_quotes(context: click.Context, settings: "Settings") -> tuple["Generator", str]:
    """Open what writes; a model that nobody named this time may fail, and the page, which quotes then, says why."""
    from rag.models import default_model

    try:
        return generator_in(settings), ""
    except PinciteError as error:
        if settings.server or "pincite.model" in context.meta or settings.model != default_model():
            raise
        say(f"pincite: {one_line(str(error))}", error=True)
        return generator_in(replace(settings, model=None)), str(error)
