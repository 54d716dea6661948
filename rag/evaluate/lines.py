"""Files of JSON lines, packed or not, read so that whatever is wrong with one is told with its file and line."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import EvaluationError


@dataclass(frozen=True, slots=True)
class Line:
    """One object of a file, and where it stands; `number` counts from 1."""

    path: Path
    number: int
    fields: dict[str, Any]

    def error(self, what: str) -> EvaluationError:
        """Return the error that says what is wrong with this line."""
        return EvaluationError(f"{self.path}, line {self.number}: {what}")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; with a `default` it may be missing. Raises: EvaluationError."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty where it is missing. Raises: EvaluationError."""
        return tuple(self._list_of(name, str, "a list of texts"))

    def objects(self, name: str) -> list[dict[str, Any]]:
        """Return a list of objects, empty where it is missing. Raises: EvaluationError."""
        return self._list_of(name, dict, "a list of objects")

    def truth(self, name: str, default: bool) -> bool:
        """Return true or false. Raises: EvaluationError."""
        value = self.fields.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def _list_of(self, name: str, kind: type, wanted: str) -> list[Any]:
        values = self.fields.get(name)
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
            raise self._wrong(name, wanted)
        return values

    def _wrong(self, name: str, wanted: str) -> EvaluationError:
        found = "missing" if name not in self.fields else json.dumps(self.fields[name], ensure_ascii=False)[:60]
        return self.error(f'"{name}" is {found}: it must be {wanted}')


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the objects of a file of JSON lines; a name that ends in .gz is unpacked, empty lines are skipped.

    Raises: EvaluationError.
    """
    number = 0
    try:
        with _opened(path) as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield _line(path, number, text)
    except FileNotFoundError as error:
        raise EvaluationError(f"{path} does not exist") from error
    except (OSError, EOFError, zlib.error) as error:
        raise EvaluationError(f"{path} cannot be read after line {number}: {error}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}, line {number + 1}: not UTF-8, save the file in that encoding") from error


def _opened(path: Path) -> Any:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _line(path: Path, number: int, text: str) -> Line:
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise EvaluationError(f"{path}, line {number}: not JSON ({error})") from error
    if not isinstance(fields, dict):
        raise EvaluationError(f"{path}, line {number}: it must be one JSON object, and is {text.strip()[:60]}")
    return Line(path, number, fields)
