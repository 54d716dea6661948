"""Settings: the environment over the file over the defaults; what cannot be read is one clear line."""

from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import config_path, load_settings


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = config_path()
    path.parent.mkdir(parents=True)
    return path


def test_defaults_quote_and_keep_the_library_in_the_users_data_folder(config: Path) -> None:
    settings = load_settings({})
    assert (settings.model, settings.embedder, settings.context) == (None, "minilm", 4_096)
    assert settings.catalogue is None
    assert settings.library.name == "library"


def test_the_environment_is_over_the_file(config: Path) -> None:
    config.write_text('model = "~/a.gguf"\nlibrary = "/tmp/one"\ncontext = 2048\n', encoding="utf-8")
    settings = load_settings({"PINCITE_LIBRARY": "/tmp/two"})
    assert (settings.model, settings.library, settings.context) == (Path.home() / "a.gguf", Path("/tmp/two"), 2_048)


@pytest.mark.parametrize(
    ("text", "line"), [("model = ", "cannot be read"), ('context = "many"', "whole number above 0")]
)
def test_what_cannot_be_read_says_so(config: Path, text: str, line: str) -> None:
    config.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=line):
        load_settings({})
