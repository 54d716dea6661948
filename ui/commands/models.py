"""`pincite models · pull`: language models on this machine, and to download."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.commands.opening import settings_of
from ui.commands.shell import Failure, Interrupted, model_option
from ui.terminal import say, transfer_bar

if TYPE_CHECKING:
    from rag.models.types import CatalogueModel


@click.command()
@model_option
@click.pass_context
def models(context: click.Context) -> None:
    """List the language models on this machine and those to download. Piped: one model a line, with tabs."""
    from rag.models.catalogue import load_catalogue
    from rag.models.choose import choose, this_machine
    from rag.models.found import find_models
    from ui.models import print_models

    settings = settings_of(context)
    catalogue, finds = load_catalogue(settings.catalogue), find_models()
    print_models(finds, catalogue, choose(finds.models, catalogue, this_machine()), settings.model)


@click.command()
@click.argument("name", metavar="[NAME]", default="")
@click.option("--yes", is_flag=True, help="Download without asking.")
@click.pass_context
def pull(context: click.Context, name: str, yes: bool) -> None:
    """Download a language model: NAME from `pincite models`, or the one that suits this machine.

    No other command connects to another machine by itself. It says what comes from where and asks first.
    """
    from rag.models.catalogue import load_catalogue
    from rag.models.choose import this_machine
    from rag.models.folder import models_folder
    from ui.models import offer, to_pull

    machine = this_machine()
    model = to_pull(load_catalogue(settings_of(context).catalogue), name, machine)
    folder = models_folder()
    if not (folder / model.file).is_file():
        say(offer(model, folder, machine))
        if not yes and not _agreed():
            raise Failure("nothing was downloaded (answer y, or use --yes)")
    path = _download(model, folder)
    is_used = settings_of(context).model == path
    use = "used from now on" if is_used else "not used: PINCITE_MODEL or config.toml names another"
    say(f"{model.title} is there and {use}: {path}")


def _agreed() -> bool:
    try:
        return click.confirm("Download it?", default=False)
    except click.Abort:  # the end of input, or Ctrl-C
        say("")
        return False


def _download(model: "CatalogueModel", folder: Path) -> Path:
    """Download a model with a bar; on Ctrl-C, say how much of it is kept."""
    from rag.models.pull import kept_part, pull
    from rag.models.types import gigabytes

    try:
        with transfer_bar() as follow:
            return pull(model, folder, follow)
    except KeyboardInterrupt as error:
        kept = f"stopped: {gigabytes(kept_part(model, folder))} of {gigabytes(model.size)} are kept"
        raise Interrupted(f"{kept}; run the same command again for the rest") from error
