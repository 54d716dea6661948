"""Every setting by its key: what it may be, and what it is where nobody says. Reads no file and no environment.

The README's table has a row for each; a test keeps the two alike.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from index.embedders import MINILM
from index.parse.limits import READER_SETTINGS
from rag.manner import AUTO, LANGUAGES, MOST_PASSAGES, PASSAGES, Strictness

DEFAULT_CONTEXT = 4_096
"""Tokens: five passages, an example, and an answer fit twice."""


@dataclass(frozen=True, slots=True)
class Key:
    """One setting."""

    name: str
    """Its key in config.toml."""
    read: Callable[[object], Any]
    """Returns the value of what was said. Raises: ValueError, which names what it may be."""
    default: Any = None
    usual: str = ""
    """The default in words, where that is not the value itself."""

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"PINCITE_{self.name.upper()}"

    @property
    def option(self) -> str:
        """Its name on the command line, if it has one."""
        return f"--{self.name.replace('_', '-')}"


def _text(said: object) -> str:
    if isinstance(said, str | os.PathLike):
        return os.fspath(said)
    raise ValueError("a text in quotes")


def _whole_number(said: object) -> int:
    if isinstance(said, int | str) and str(said).isdecimal() and int(said) > 0:
        return int(said)
    raise ValueError("a whole number above 0")


def _passages(said: object) -> int:
    if isinstance(said, int | str) and str(said).isdecimal() and 1 <= int(said) <= MOST_PASSAGES:
        return int(said)
    raise ValueError(f"a whole number from 1 to {MOST_PASSAGES}")


def _one_of(values: Sequence[str]) -> Callable[[object], str]:
    def read(said: object) -> str:
        if said in values:
            return str(said)
        raise ValueError(f"one of {', '.join(values)}")

    return read


STRICTNESSES = tuple(strictness.value for strictness in Strictness)
LANGUAGE_CODES = (AUTO, *LANGUAGES)

KEYS = (
    Key("library", _text, usual="one in your data folder"),
    Key("model", _text, usual="the one pulled or chosen last, else quotes only"),
    Key("server", _text, usual="none"),
    Key("server_model", _text, usual="its only one"),
    Key("passages", _passages, PASSAGES),
    Key("strictness", _one_of(STRICTNESSES), Strictness.AUTO.value),
    Key("language", _one_of(LANGUAGE_CODES), AUTO),
    Key("embedder", _text, MINILM),
    Key("reranker", _text, usual="none"),
    Key("context", _whole_number, DEFAULT_CONTEXT),
    Key("evidence_tokens", _whole_number, usual="300 for each passage that is read"),
    Key("catalogue", _text, usual="Pincite's own"),
    Key("ocr", _text, "", usual="scans are not read"),
    Key("vectors", _text, "faiss"),
    Key("read_seconds", _whole_number, int(READER_SETTINGS.seconds)),
    Key("read_memory", _whole_number, READER_SETTINGS.memory_mib),
    Key("read_file", _whole_number, READER_SETTINGS.max_file_mib),
    Key("read_characters", _whole_number, READER_SETTINGS.max_characters),
    Key("readers", _whole_number, READER_SETTINGS.workers, usual="half the processors, at most 4"),
)
CHOSEN_ON_THE_PAGE = ("passages", "strictness", "language")
"""The keys whose values are kept in the library as well."""
