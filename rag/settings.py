"""What a person has set: in the environment, over a TOML file, over defaults.

The file is config.toml in the user's configuration folder (`pincite doctor` prints where), with the keys
`library`, `model`, `server`, `server_model`, `embedder`, `reranker`, `vectors`, `context`, `evidence_tokens`,
`catalogue`, `ocr`, `read_seconds`, `read_memory`, `read_file`, `read_characters` and `readers`; the environment's names
are PINCITE_LIBRARY and so on. A server's key is read from PINCITE_SERVER_KEY alone: a file of settings is no place for
it.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from index.embedders import MINILM
from index.parse.limits import READER_SETTINGS, ReaderSettings
from rag.errors import SettingsError
from rag.models.folder import QUOTES_ONLY, default_model

DEFAULT_CONTEXT = 4_096
"""Tokens: five passages, an example, and an answer fit twice."""
EVIDENCE_TOKENS = 1_500
"""Five passages fit as a rule: each has 192 tokens at most, and its sentences' ids."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line, the page and `answer()` start from."""

    library: Path
    model: Path | None
    """A GGUF file; None answers by quoting."""
    embedder: str
    context: int
    """Tokens a model's context holds."""
    evidence_tokens: int
    """About how many tokens of the documents a model is given."""
    catalogue: Path | None
    """A list of models to download in place of Pincite's own."""
    server: str | None = None
    """The address of an OpenAI-compatible server, which takes the model's place."""
    server_model: str | None = None
    """Which of the server's models writes; None where it has only one."""
    server_key: str | None = field(default=None, repr=False)
    reranker: str | None = None
    """A cross-encoder by name or path, or the address of a server that reranks; None for no reranking."""
    vectors: str = "faiss"
    """Where vectors are searched: "faiss" in this process, "milvus:ADDRESS" there."""
    reading: ReaderSettings = READER_SETTINGS
    """What reading one file may take, and whether scans are read."""


def config_path() -> Path:
    """Return where the settings file is looked for."""
    return Path(platformdirs.user_config_dir("pincite", appauthor=False)) / "config.toml"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in force. Raises: SettingsError for a file or a value that cannot be read."""
    stored = _read(config_path())

    def setting(name: str) -> Any:
        return environment.get(f"PINCITE_{name.upper()}") or stored.get(name)

    library = setting("library") or Path(platformdirs.user_data_dir("pincite", appauthor=False)) / "library"
    catalogue = setting("catalogue")
    return Settings(
        library=Path(library).expanduser(),
        model=named_model(setting("model")),
        embedder=str(setting("embedder") or MINILM),
        context=_whole_number("context", setting("context") or DEFAULT_CONTEXT),
        evidence_tokens=_whole_number("evidence_tokens", setting("evidence_tokens") or EVIDENCE_TOKENS),
        catalogue=Path(catalogue).expanduser() if catalogue else None,
        server=_server(environment, stored),
        server_model=setting("server_model"),
        server_key=environment.get("PINCITE_SERVER_KEY") or None,
        reranker=setting("reranker"),
        vectors=str(setting("vectors") or "faiss"),
        reading=_reading(setting),
    )


def _reading(setting: Callable[[str], Any]) -> ReaderSettings:
    def number(name: str, default: int) -> int:
        return _whole_number(name, setting(name) or default)

    usual = READER_SETTINGS
    return ReaderSettings(
        seconds=number("read_seconds", int(usual.seconds)),
        memory_mib=number("read_memory", usual.memory_mib),
        max_file_mib=number("read_file", usual.max_file_mib),
        max_characters=number("read_characters", usual.max_characters),
        workers=number("readers", usual.workers),
        ocr_languages=str(setting("ocr") or ""),
    )


def named_model(name: str | Path | None) -> Path | None:
    """Return the file that a model's name stands for: without a name, the one pulled or chosen last."""
    if not name:
        return default_model()
    return None if str(name) == QUOTES_ONLY else Path(name).expanduser()


def _server(environment: Mapping[str, str], stored: Mapping[str, Any]) -> str | None:
    """Return the server's address. A model in the environment comes before a server in the file."""
    typed, model = environment.get("PINCITE_SERVER"), environment.get("PINCITE_MODEL")
    return typed or (None if model else stored.get("server"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings in {path} cannot be read: {error}") from error


def _whole_number(name: str, value: object) -> int:
    if isinstance(value, int | str) and str(value).isdecimal() and int(value) > 0:
        return int(value)
    raise SettingsError(f"the setting {name} is {value!r}: it must be a whole number above 0")
