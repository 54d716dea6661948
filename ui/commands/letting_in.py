"""`pincite user`, `token`: who may use a server that others can reach."""

import sys
from typing import TYPE_CHECKING

import click

from ui.terminal import say

if TYPE_CHECKING:
    from ui.access import AccessFile


@click.group()
def user() -> None:
    """People who may log in where others can reach the server (pincite serve --host)."""


@user.command("add")
@click.argument("name")
def add_user(name: str) -> None:
    """Let NAME log in, or change their password; it is asked for, or read from standard input."""
    file = _file()
    is_new = name not in file.load().users
    file.save(file.load().with_user(name, _password()))
    say(f"{name} may log in." if is_new else f"{name} has a new password; whoever was logged in as {name} is out.")


@user.command("remove")
@click.argument("name")
def remove_user(name: str) -> None:
    """Let NAME log in no more; a server that is running lets them out at once."""
    file = _file()
    file.save(file.load().without_user(name))


@user.command("list")
def list_users() -> None:
    """List the people who may log in."""
    for name in _file().load().users:
        say(name)


@click.group()
def token() -> None:
    """Tokens by which programs may use the server (Authorization: Bearer …)."""


@token.command("add")
@click.argument("name")
def add_token(name: str) -> None:
    """Make a token called NAME and print it, this once."""
    file = _file()
    access, made = file.load().with_token(name)
    file.save(access)
    click.echo(made)


@token.command("remove")
@click.argument("name")
def remove_token(name: str) -> None:
    """Let the token called NAME open nothing any more."""
    file = _file()
    file.save(file.load().without_token(name))


@token.command("list")
def list_tokens() -> None:
    """List the names of the tokens."""
    for name in _file().load().tokens:
        say(name)


def _file() -> "AccessFile":
    from ui.access import access_file

    return access_file()


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
