"""Pincite's own folder of models, and the model in force where nobody names one. Opens no model."""

import os
from pathlib import Path

import platformdirs

QUOTES_ONLY = "none"
"""As the name of a model: answer by quoting, whatever models there are."""


def models_folder() -> Path:
    """Return where `pincite pull` puts models; it need not exist."""
    return Path(platformdirs.user_data_dir("pincite", appauthor=False)) / "models"


def default_model() -> Path | None:
    """Return the model that was pulled or chosen last; None where that is none, or was quotes only.

    A chosen file that is gone counts as never chosen.
    """
    files = (path for path in models_folder().glob("*.gguf") if path.is_file())
    pulled = max(files, key=_age, default=None)
    choice = _choice_file()
    if not choice.is_file() or (pulled and _age(pulled)[0] > _age(choice)[0]):
        return pulled
    chosen = os.fsdecode(choice.read_bytes())
    if chosen == QUOTES_ONLY:
        return None
    return Path(chosen) if Path(chosen).is_file() else pulled


def remember_model(model: Path | None) -> None:
    """Make `model`, or quotes only, what is in force from now on where nobody names one. Raises: OSError."""
    choice = _choice_file()
    choice.parent.mkdir(parents=True, exist_ok=True)
    new = choice.with_suffix(".new")
    new.write_bytes(os.fsencode(model.absolute() if model else QUOTES_ONLY))
    new.replace(choice)


def _choice_file() -> Path:
    return models_folder() / "chosen"


def _age(path: Path) -> tuple[int, str]:
    """Higher is newer; models of the same instant are told apart by their names."""
    return path.stat().st_mtime_ns, path.name
