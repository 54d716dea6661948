"""The options that say how an answer is wanted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rag.manner import Wishes

_OPTIONS = (
    ("passages", "N", "Read so many passages anew at most, 1 to 10 (or PINCITE_PASSAGES)."),
    ("strictness", "HOW", "strict: only quotations; grounded: own words that cite; auto (or PINCITE_STRICTNESS)."),
    ("language", "CODE", "The language a model writes in: en, de, fr, …, or auto (or PINCITE_LANGUAGE)."),
)


def manner_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; `typed_wishes` reads them."""
    for name, metavar, text in reversed(_OPTIONS):
        command = click.option(f"--{name}", metavar=metavar, help=text, callback=_keep, expose_value=False)(command)
    return command


def _keep(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    context.meta[f"pincite.manner.{parameter.name}"] = value


def typed_wishes(context: click.Context) -> "Wishes":
    """Return what the options say, and where they say nothing, the environment. Raises: SettingsError."""
    from rag.manner import Wishes
    from rag.settings import settings_in_force

    typed = {name: context.meta[f"pincite.manner.{name}"] for name, *_ in _OPTIONS}
    found = settings_in_force(said=typed)
    return Wishes(**{name: found[name].value for name in typed if found[name].is_fixed})
