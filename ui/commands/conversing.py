"""`pincite conversations`: what was asked in the chat, to list, read, take along and remove.

Whoever can read the library's folder can read all of them: this machine's owner, for whom a login is no hindrance.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.commands.opening import own_library, settings_of
from ui.commands.shell import PATH, Failure, either_side_option, library_option
from ui.terminal import one_line, print_answer, print_table, say

if TYPE_CHECKING:
    from index.conversations import Conversations
    from index.library import Library
    from rag.types import Answer

FORMATS = (".md", ".html", ".json")
user_option = either_side_option("--user", "NAME", "Those of NAME, where people log in. Default: of nobody logged in.")


@click.group(invoke_without_command=True)
@click.option("--search", metavar="WORDS", default="", help="List only those that hold each of the words.")
@user_option
@library_option
@click.pass_context
def conversations(context: click.Context, search: str) -> None:
    """List the conversations of the chat, the last first. Piped: one a line, tabs between the columns."""
    if context.invoked_subcommand:
        return
    with own_library(settings_of(context)) as library:
        found = _kept(context, library).all(search)
        others = [owner for owner in library.conversation_owners() if owner]
    rows = [(own.id, own.changed_at[:10], f"{own.turns:d}", one_line(own.title)) for own in found]
    if rows and sys.stdout.isatty():
        print_table(("id", "date", "questions", "title"), rows)
    else:
        say("\n".join("\t".join(row) for row in rows) or "no conversations")
    if others and not _user(context):
        say(f"people who log in have conversations, too: --user {one_line(' or '.join(others))}", error=True)


@conversations.command()
@click.argument("id_", metavar="ID")
@user_option
@library_option
@click.pass_context
def show(context: click.Context, id_: str) -> None:
    """Print the conversation ID, and what became of its documents since."""
    from rag.conversation import kept, look_again

    with own_library(settings_of(context)) as library:
        for turn in _kept(context, library).turns(id_):
            answer, notices = look_again(library, kept(turn))
            say(f"\n? {one_line(answer.question)}\n")
            print_answer([answer])
            for notice in notices:
                say(one_line(str(notice)), error=True)


@conversations.command(name="export")
@click.argument("id_", metavar="ID")
@click.argument("file", type=PATH)
@user_option
@library_option
@click.pass_context
def export_conversation(context: click.Context, id_: str, file: Path) -> None:
    """Write the conversation ID to FILE: as Markdown (.md), as a page of its own (.html) or as JSON (.json)."""
    from ui.sharing import conversation_html, conversation_json, conversation_markdown

    write = dict(zip(FORMATS, (conversation_markdown, conversation_html, conversation_json), strict=True))
    if file.suffix.lower() not in write:
        raise click.UsageError(f"{file.name} does not end in .md, .html or .json: its end says what is written")
    with own_library(settings_of(context)) as library:
        conversations = _kept(context, library)
        title, answers = conversations.find(id_).title, _answers(conversations, id_)
    try:
        file.write_text(write[file.suffix.lower()](title, answers), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}") from error
    say(f"{file} holds {one_line(title)}")


@conversations.command(name="rename")
@click.argument("id_", metavar="ID")
@click.argument("title")
@user_option
@library_option
@click.pass_context
def rename_conversation(context: click.Context, id_: str, title: str) -> None:
    """Give the conversation ID another TITLE."""
    with own_library(settings_of(context)) as library:
        _kept(context, library).rename(id_, title)
        say(f"{id_} is called {one_line(_kept(context, library).find(id_).title)} now")


@conversations.command(name="delete")
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@user_option
@library_option
@click.pass_context
def delete_conversations(context: click.Context, ids: tuple[str, ...]) -> None:
    """Delete conversations, all of them or none."""
    with own_library(settings_of(context)) as library:
        conversations = _kept(context, library)
        for found in [conversations.find(id_) for id_ in dict.fromkeys(ids)]:
            conversations.delete(found.id)
            say(f"deleted {one_line(found.title)}")


def _user(context: click.Context) -> str:
    user: str = context.meta.get("pincite.user", "")
    return user


def _kept(context: click.Context, library: "Library") -> "Conversations":
    return library.conversations(_user(context))


def _answers(conversations: "Conversations", id_: str) -> list["Answer"]:
    from rag.conversation import kept

    return [kept(turn).answer for turn in conversations.turns(id_)]
