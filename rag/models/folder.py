"""Pincite's own folder of models, and the model in force where nobody names one. Opens no model."""

from pathlib import Path

import platformdirs


def models_folder() -> Path:
    """Return where `pincite pull` puts models; it need not exist."""
    return Path(platformdirs.user_data_dir("pincite", appauthor=False)) / "models"


def default_model() -> Path | None:
    """Return the model that was pulled last, None where none was."""
    models = (path for path in models_folder().glob("*.gguf") if path.is_file())
    return max(models, key=_age, default=None)


def _age(path: Path) -> tuple[int, str]:
    """Higher is newer; models of the same instant are told apart by their names."""
    return path.stat().st_mtime_ns, path.name
