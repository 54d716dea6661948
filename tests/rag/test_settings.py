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


def test_what_reading_a_file_may_take_can_be_set(config: Path) -> None:
    config.write_text("read_seconds = 30\nread_memory = 2048\n", encoding="utf-8")
    reading = load_settings({"PINCITE_READ_MEMORY": "512", "PINCITE_OCR": "eng", "PINCITE_READERS": "3"}).reading

    assert (reading.seconds, reading.memory_mib, reading.ocr_languages, reading.workers) == (30, 512, "eng", 3)
    with pytest.raises(SettingsError, match="read_file is 'much': it must be a whole number above 0"):
        load_settings({"PINCITE_READ_FILE": "much"})


@pytest.mark.parametrize(
    ("environment", "server"),
    [
        ({}, "http://127.0.0.1:1"),
        ({"PINCITE_SERVER": "http://127.0.0.1:2"}, "http://127.0.0.1:2"),
        ({"PINCITE_MODEL": "a.gguf"}, None),
        ({"PINCITE_MODEL": "a.gguf", "PINCITE_SERVER": "http://127.0.0.1:2"}, "http://127.0.0.1:2"),
    ],
)
def test_a_server_takes_the_place_of_a_model_that_was_not_named_nearer(
    config: Path, environment: dict[str, str], server: str | None
) -> None:
    config.write_text('server = "http://127.0.0.1:1"\nserver_model = "big"\n', encoding="utf-8")
    settings = load_settings(environment)
    assert (settings.server, settings.server_model) == (server, "big")


def test_a_server_s_key_comes_from_the_environment_alone_and_is_not_printed(config: Path) -> None:
    config.write_text('server_key = "from the file"\n', encoding="utf-8")
    settings = load_settings({"PINCITE_SERVER_KEY": "sk-1"})
    assert settings.server_key == "sk-1"
    assert "sk-1" not in repr(settings)
    assert load_settings({}).server_key is None


@pytest.mark.parametrize(
    ("text", "line"), [("model = ", "cannot be read"), ('context = "many"', "whole number above 0")]
)
def test_what_cannot_be_read_says_so(config: Path, text: str, line: str) -> None:
    config.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=line):
        load_settings({})
