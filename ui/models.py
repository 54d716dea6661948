"""Language models in a terminal: those that are here, those to download, and what a download means.

Connects to nothing. Whatever a model's header says is made harmless by `ui.terminal`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

from rag.errors import DownloadError
from rag.models.catalogue import find_in
from rag.models.choose import Choice, Machine, choose_download, misfit
from rag.models.pull import hub_address
from rag.models.types import CatalogueModel, Finds, FoundModel, gigabytes
from ui.terminal import one_line, print_table, say

_COLUMNS = ("name", "size", "weights", "quantised", "context", "licence", "memory", "where", "file")
_WIDEST = 60
"""Characters of a name or a licence: some headers hold the whole text of it."""


def print_models(finds: Finds, catalogue: Sequence[CatalogueModel], choice: Choice, used: Path | None) -> None:
    """Print the models that are here, on standard error the files that were left out, and what could be downloaded."""
    rows = [_row(model, used) for model in finds.models]
    if sys.stdout.isatty():
        _print_pages(rows, catalogue, choice, used)
    else:
        for row in rows:
            say("\t".join(row))
    for left_out in finds.left_out:
        say(f"left out ({left_out.program}): {one_line(left_out.reason)}", error=True)


def _print_pages(
    rows: Sequence[tuple[str, ...]], catalogue: Sequence[CatalogueModel], choice: Choice, used: Path | None
) -> None:
    if rows:
        print_table(_COLUMNS, rows)
        say('\nTo use one: --model FILE, PINCITE_MODEL=FILE, or model = "FILE" in config.toml.\n')
    say("To download, each with pincite pull NAME:")
    for model in catalogue:
        say(f"  {model.name:<13} {gigabytes(model.size):>7}  {model.licence}; {model.purpose}")
    say(f"\nAdvice: {one_line(choice.reason)}")
    say(f"In use: {used or 'none, answers are made of quotations'}")


def _row(model: FoundModel, used: Path | None) -> tuple[str, ...]:
    cells = (
        shorten(model.name, _WIDEST) + (" (in use)" if used is not None and model.path == used else ""),
        gigabytes(model.size),
        weights(model.parameters),
        model.quantisation or "?",
        str(model.context or "?"),
        shorten(model.licence, _WIDEST) or "?",
        gigabytes(model.memory),
        model.program,
        str(model.path),
    )
    return tuple(one_line(cell) for cell in cells)


def weights(parameters: int) -> str:
    """Return a number of weights as models are named by it: "4.0 B"."""
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e8 else f"{parameters / 1e6:.1f} M"


def to_pull(catalogue: Sequence[CatalogueModel], name: str, machine: Machine) -> CatalogueModel:
    """Return the model called `name`, or without a name the one that suits the machine. Raises: DownloadError."""
    if name:
        return find_in(catalogue, name)
    model = choose_download(catalogue, machine)
    if model is None:
        names = ", ".join(model.name for model in catalogue)
        raise DownloadError(f"no model of the catalogue suits this machine: name one of {names} to download it anyway")
    return model


def offer(model: CatalogueModel, folder: Path, machine: Machine) -> str:
    """Say what would be downloaded, from where, how large it is and where it goes; known without asking the hub."""
    warning = misfit(model, machine)
    lines = [
        f"{model.title}: {gigabytes(model.size)}, licence {model.licence}; {model.purpose}",
        f"from  {hub_address()}/{model.repository} ({model.file})",
        f"to    {folder}",
    ]
    return "\n".join([*lines, *([f"Mind: {warning}."] if warning else [])])
