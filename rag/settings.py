"""What is set, and who says so. What stands nearer comes first:

1. what a call or a command line says;
2. the environment (PINCITE_LIBRARY and so on);
3. what was chosen on the page, kept in the library (`rag.keys.CHOSEN_ON_THE_PAGE`);
4. config.toml in the user's configuration folder (`pincite doctor` prints where);
5. the default.

The keys stand in `rag.keys`. A server's key is read from PINCITE_SERVER_KEY alone: a file of settings is no place for
it.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import platformdirs

from index.parse.limits import READER_SETTINGS, ReaderSettings
from rag.errors import SettingsError
from rag.keys import CHOSEN_ON_THE_PAGE, KEYS, Key
from rag.manner import AS_USUAL, PASSAGES, Manner, Strictness
from rag.models.folder import QUOTES_ONLY, default_model

TOKENS_OF_PASSAGE = 300
"""A passage fits as a rule: it has 192 tokens at most, and its sentences' ids."""
EVIDENCE_TOKENS = PASSAGES * TOKENS_OF_PASSAGE
SERVER_KEY = "server_key"
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line, the page and `answer()` start from."""

    library: Path
    model: Path | None
    """A GGUF file; None answers by quoting."""
    embedder: str
    context: int
    """Tokens a model's context holds."""
    evidence_tokens: int | None
    """About how many tokens of the documents a model is given; None leaves it to the number of passages."""
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
    manner: Manner = AS_USUAL
    """How answers are wanted."""

    @property
    def budget(self) -> int:
        """About how many tokens of the documents a model is given for one answer."""
        return self.evidence_tokens or TOKENS_OF_PASSAGE * self.manner.passages


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting as it is, and who says so."""

    key: Key
    value: Any
    origin: str
    """Such as "PINCITE_MODEL", "the library", a file, or "default"."""
    nearness: int
    """How near that is, lower is nearer: a nearer one comes first."""

    @property
    def is_fixed(self) -> bool:
        """Whether what is chosen on the page would change nothing."""
        return self.nearness < _OF_THE_LIBRARY


class _Place(NamedTuple):
    """Where settings are said, and how it is called for a key."""

    said: Mapping[str, object]
    called: Callable[[Key], str]


_OF_THE_LIBRARY = 2
"""The place of the library's choices among the places, from the nearest one on."""


def config_path() -> Path:
    """Return where the settings file is looked for."""
    return Path(platformdirs.user_config_dir("pincite", appauthor=False)) / "config.toml"


def load_settings(
    environment: Mapping[str, str] = os.environ,
    chosen: Mapping[str, str] = MappingProxyType({}),
    said: Mapping[str, object] = NOTHING,
) -> Settings:
    """Return the settings in force.

    `chosen` is what the library keeps (`index.choices`), `said` what a call or a command line says, by key.
    Raises: SettingsError for a file, a key or a value that cannot be read.
    """
    found = settings_in_force(environment, chosen, said)
    value = {name: setting.value for name, setting in found.items()}
    catalogue, library = value["catalogue"], value["library"] or default_library()
    return Settings(
        library=Path(library).expanduser(),
        model=named_model(value["model"]),
        embedder=value["embedder"],
        context=value["context"],
        evidence_tokens=value["evidence_tokens"],
        catalogue=Path(catalogue).expanduser() if catalogue else None,
        server=_server(found["server"], found["model"]),
        server_model=value["server_model"],
        server_key=environment.get("PINCITE_SERVER_KEY") or None,
        reranker=value["reranker"],
        vectors=value["vectors"],
        reading=_reading(value),
        manner=Manner(value["passages"], Strictness(value["strictness"]), value["language"]),
    )


def settings_in_force(
    environment: Mapping[str, str] = os.environ,
    chosen: Mapping[str, str] = MappingProxyType({}),
    said: Mapping[str, object] = NOTHING,
) -> dict[str, InForce]:
    """Return every setting by its key, with who says it. Arguments and errors are those of `load_settings`."""
    path = config_path()
    places = (
        _Place(said, lambda key: key.option),
        _Place({key.name: environment.get(key.variable) or None for key in KEYS}, lambda key: key.variable),
        _Place({name: chosen[name] for name in CHOSEN_ON_THE_PAGE if name in chosen}, lambda key: "the library"),
        _Place(_read(path), lambda key: str(path)),
    )
    return {key.name: _in_force(key, places) for key in KEYS}


def check_choice(name: str, value: str) -> None:
    """Raise SettingsError for what cannot be chosen on the page."""
    key = next((key for key in KEYS if key.name == name), None)
    if key is None or name not in CHOSEN_ON_THE_PAGE:
        raise SettingsError(f"{name!r} cannot be chosen here, but {', '.join(CHOSEN_ON_THE_PAGE)}")
    _in_force(key, [_Place({name: value}, lambda key: "the page")])


def default_library() -> Path:
    """Return where a person's own library is."""
    return Path(platformdirs.user_data_dir("pincite", appauthor=False)) / "library"


def named_model(name: str | Path | None) -> Path | None:
    """Return the file that a model's name stands for: without a name, the one pulled or chosen last."""
    if not name:
        return default_model()
    return None if str(name) == QUOTES_ONLY else Path(name).expanduser()


def _in_force(key: Key, places: Sequence[_Place]) -> InForce:
    """Return what the nearest place that says something says. Raises: SettingsError."""
    for nearness, place in enumerate(places):
        said = place.said.get(key.name)
        if said is None:
            continue
        origin = place.called(key)
        try:
            return InForce(key, key.read(said), origin, nearness)
        except ValueError as allowed:
            raise SettingsError(f"{origin}: the setting {key.name} is {said!r}: it must be {allowed}") from allowed
    return InForce(key, key.default, "default", len(places))


def _server(server: InForce, model: InForce) -> str | None:
    """Return the server's address, unless a model is named nearer: in the environment over a server in the file."""
    return None if model.nearness < server.nearness else server.value


def _reading(value: Mapping[str, Any]) -> ReaderSettings:
    return ReaderSettings(
        seconds=value["read_seconds"],
        memory_mib=value["read_memory"],
        max_file_mib=value["read_file"],
        max_characters=value["read_characters"],
        workers=value["readers"],
        ocr_languages=value["ocr"],
    )


def _read(path: Path) -> dict[str, Any]:
    """Return what the file says; what is empty says nothing. Raises: SettingsError."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings in {path} cannot be read: {error}") from error
    for name in stored:
        _check_known(name, path)
    return {name: value for name, value in stored.items() if value != ""}


def _check_known(name: str, path: Path) -> None:
    """Raise SettingsError for a key that there is not."""
    if name == SERVER_KEY:
        raise SettingsError(f"{path}: {name} does not belong into a file: put it into PINCITE_SERVER_KEY")
    keys = [key.name for key in KEYS]
    if name not in keys:
        near = difflib.get_close_matches(name, keys, 1)
        guess = f"; did you mean {near[0]}?" if near else ""
        raise SettingsError(f"{path}: there is no setting {name!r}, but {', '.join(keys)}{guess}")
