"""The options that say what of the library a question is asked of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.types import Scope
from ui.commands.shell import PATH

if TYPE_CHECKING:
    from index.library import Library

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_OPTIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("--collection", "NAME", "Ask only this collection; several times for several.", str),
    ("--in", "FOLDER", "Ask only files in this folder.", PATH),
    ("--document", "NAME", "Ask only this document: its id, path or title.", str),
    ("--type", "FORMAT", "Ask only documents of this type: pdf, docx, …", str),
    ("--since", "YYYY-MM-DD", "Ask only files changed on this day or later.", _DAY),
    ("--until", "YYYY-MM-DD", "Ask only files changed on this day or before.", _DAY),
)
_SINGLE = ("--since", "--until")


def scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; `scope_of` reads them."""
    for name, metavar, text, kind in reversed(_OPTIONS):
        command = click.option(
            name,
            metavar=metavar,
            type=kind,
            help=text,
            multiple=name not in _SINGLE,
            callback=_keep,
            expose_value=False,
        )(command)
    return command


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    context.meta[f"pincite.scope.{parameter.name}"] = value


def scope_of(context: click.Context, library: "Library") -> Scope:
    """Return the scope that was typed. Raises: NotInLibrary for a document that is not there."""
    scope, names = typed_scope(context)
    return replace(scope, documents=tuple(library.find(name).id for name in names))


def typed_scope(context: click.Context) -> tuple[Scope, tuple[str, ...]]:
    """Return the scope that was typed but for its documents, and their names."""
    typed = {name.lstrip("-"): context.meta[f"pincite.scope.{name.lstrip('-')}"] for name, *_ in _OPTIONS}
    folders: tuple[Path, ...] = typed["in"]
    since, until = (_day(typed[name.lstrip("-")]) for name in _SINGLE)
    scope = Scope(
        collections=typed["collection"],
        folders=tuple(str(folder.absolute()) for folder in folders),
        formats=tuple(name.lower() for name in typed["type"]),
        since=since,
        until=until,
    )
    return scope, typed["document"]


def _day(typed: datetime | None) -> date | None:
    return typed.date() if typed else None
