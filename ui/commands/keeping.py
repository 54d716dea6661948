"""`pincite add · sync · remove · status · verify · export · import`: what a library holds, and that it keeps it."""

from functools import partial
from pathlib import Path

import click

from index.bulk import add_in_parallel
from index.types import Outcome, Progress
from ui.commands.opening import add_paths, own_library, settings_of
from ui.commands.shell import PATH, library_option, ocr_option, password_option
from ui.commands.syncing import follow_folder, sync_folder
from ui.markup import counted
from ui.terminal import one_line, print_problems, print_status, progress_bar, say


@click.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=PATH)
@password_option
@click.option("--collection", metavar="NAME", default="", help="Put them there. Default: called as their folder is.")
@click.option("--workers", metavar="N", type=click.IntRange(1), default=1, help="Processes that add. Default: 1.")
@ocr_option
@library_option
@click.pass_context
def add(context: click.Context, paths: tuple[Path, ...], password: str, collection: str, workers: int) -> None:
    """Add files and folders to the library. What has not changed is left alone. Exit code 1: a file failed."""
    settings = settings_of(context)
    with own_library(settings) as library:
        beside = partial(add_in_parallel, library, partial(own_library, settings), workers)
        if add_paths(library.add if workers == 1 else beside, paths, password, collection):
            context.exit(1)


@click.command()
@click.argument("folder", type=PATH)
@click.option("--watch", is_flag=True, help="Go on with every change, until Ctrl-C.")
@password_option
@ocr_option
@library_option
@click.pass_context
def sync(context: click.Context, folder: Path, watch: bool, password: str) -> None:
    """Bring the library in line with FOLDER: what is new, changed, moved or deleted there. The rest of it stays.

    A file that could not be read is tried again when it changes, or with `add`. Exit code 1: a file failed.
    """
    with own_library(settings_of(context)) as library:
        if watch:
            follow_folder(library, folder, password)
        elif any(report.outcome is Outcome.FAILED for report in sync_folder(library, folder, password)):
            context.exit(1)


@click.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@library_option
@click.pass_context
def remove(context: click.Context, names: tuple[str, ...]) -> None:
    """Remove documents from the library, each by its id, path or title. The files stay where they are."""
    with own_library(settings_of(context)) as library:
        for document in dict.fromkeys(library.find(name) for name in names):
            library.remove(document.id)
            say(f"removed {one_line(document.title)}")


@click.command()
@library_option
@click.pass_context
def status(context: click.Context) -> None:
    """Show where the library is and what it holds. Piped: one document a line, tabs between the columns."""
    with own_library(settings_of(context)) as library:
        print_status(library.status(), library.documents())


@click.command()
@click.option("--repair", is_flag=True, help="Make again what can be made from the documents' text.")
@library_option
@click.pass_context
def verify(context: click.Context, repair: bool) -> None:
    """Check all that the library stores: texts, places, vectors, originals. Exit code 1: something is wrong."""
    with own_library(settings_of(context)) as library:
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


@click.command()
@click.argument("file", type=PATH)
@library_option
@click.pass_context
def export(context: click.Context, file: Path) -> None:
    """Write the library, with the originals of what was uploaded, to one new FILE."""
    with own_library(settings_of(context)) as library:
        library.export(file)
        say(f"{file} holds {counted(len(library.documents()), 'document')}")


@click.command(name="import")
@click.argument("file", type=PATH)
@library_option
@click.pass_context
def import_(context: click.Context, file: Path) -> None:
    """Make a library from FILE, which `pincite export` wrote. The library's folder must be new or empty."""
    from index.backup import import_library

    settings = settings_of(context)
    import_library(file, settings.library)
    with own_library(settings) as library:
        say(f"the library at {library.directory} holds {counted(len(library.documents()), 'document')}")
