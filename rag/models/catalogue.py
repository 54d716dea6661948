"""The models that can be downloaded, as a TOML file lists them. Downloads nothing."""

import tomllib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from rag.errors import DownloadError, SettingsError
from rag.models.types import CatalogueModel

OWN = Path(__file__).with_name("catalogue.toml")


def load_catalogue(path: Path | None = None) -> tuple[CatalogueModel, ...]:
    """Read a catalogue, by default Pincite's own; its first model is the default.

    Raises: SettingsError, for a file that is not a catalogue.
    """
    path = path or OWN
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
        models = tuple(_checked(CatalogueModel(**table)) for table in tables)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SettingsError(f"the catalogue of models in {path} cannot be read: {error}") from error
    if not models:
        raise SettingsError(f"the catalogue of models in {path} is empty")
    return models


def find_in(catalogue: Sequence[CatalogueModel], name: str) -> CatalogueModel:
    """Return the model called `name`. Raises: DownloadError, with the names there are."""
    for model in catalogue:
        if model.name == name:
            return model
    raise DownloadError(f"no model is called {name!r}: choose one of {', '.join(model.name for model in catalogue)}")


def _checked(model: CatalogueModel) -> CatalogueModel:
    """Raises: TypeError, ValueError."""
    for field in fields(model):
        value = getattr(model, field.name)
        if not isinstance(value, field.type if isinstance(field.type, type) else object):
            raise TypeError(f"{field.name} is {value!r}")
    if Path(model.file).name != model.file or not model.file.endswith(".gguf"):
        raise ValueError(f"the file {model.file!r} is not the plain name of a .gguf file")
    return model
