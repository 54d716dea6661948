"""`pincite collections`: which there are, and other names for them."""

import sys

import click

from ui.commands.opening import own_library, settings_of
from ui.commands.shell import library_option
from ui.markup import counted
from ui.terminal import one_line, print_table, say


@click.group(invoke_without_command=True)
@library_option
@click.pass_context
def collections(context: click.Context) -> None:
    """List the collections with their documents and passages. Piped: one a line, tabs between the columns.

    Files are in the collection called as the folder that was added, uploads in "uploads"; `pincite add --collection`
    names another. `pincite ask --collection` asks one.
    """
    if context.invoked_subcommand:
        return
    with own_library(settings_of(context)) as library:
        rows = [(one_line(own.name), f"{own.documents:d}", f"{own.passages:d}") for own in library.collections()]
    if rows and sys.stdout.isatty():
        print_table(("collection", "documents", "passages"), rows)
    else:
        say("\n".join("\t".join(row) for row in rows) or "no collections: add a folder first")


@collections.command()
@click.argument("name")
@click.argument("new")
@library_option
@click.pass_context
def rename(context: click.Context, name: str, new: str) -> None:
    """Give the collection NAME the name NEW."""
    with own_library(settings_of(context)) as library:
        library.rename_collection(name, new)
        say(f"{one_line(name)} is called {one_line(new)} now")


@collections.command()
@click.argument("name")
@library_option
@click.pass_context
def delete(context: click.Context, name: str) -> None:
    """Remove the collection NAME, with the documents that are in no other. The files stay where they are."""
    with own_library(settings_of(context)) as library:
        before = len(library.documents())
        library.remove_collection(name)
        say(f"removed {one_line(name)} with {counted(before - len(library.documents()), 'document')}")
