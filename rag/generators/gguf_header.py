"""Reads the header of a GGUF file, so that a file that cannot work is refused with its reason. Knows no llama.cpp.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import mmap
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

from rag.errors import ModelError

Value = bool | int | float | str | tuple[bool | int | float | str, ...]

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_READABLE_VERSIONS = (2, 3)
_LONGEST_KEPT_ARRAY = 1024
"""Longer arrays (the vocabulary) are skipped, their length kept; per-layer numbers are far shorter."""
_LONGEST_NAME = 65_535
"""Bytes of a key or a tensor's name, by the format."""
_LONGEST_TEXT = 2**24
"""Bytes of a value. Chat templates are the longest, and far shorter; nothing near it is read into memory."""
_MOST_TEXTS = 2**24
"""In one array. The largest vocabularies have 2**18; a damaged length must not send the reader through the weights."""
_MOST_DIMENSIONS = 4
"""GGML_MAX_DIMS of ggml.h."""
_FOREIGN = (
    (b"version https://git-lfs", "a Git LFS pointer, not the model itself", "fetch the model with `git lfs pull`"),
    (b"<", "a web page, not a model", "download the model file itself"),
    (b"PK\x03\x04", "a zip or PyTorch file, not a GGUF model", "choose a .gguf file"),
    (b"tjgg", "a model in a format older than GGUF", "choose a .gguf file"),
    (b"lmgg", "a model in a format older than GGUF", "choose a .gguf file"),
)
_DOWNLOAD_AGAIN = "download it again"
_WITHOUT_PLAIN_DECODER = frozenset(
    """
    bert clip eurobert gemma-embedding jina-bert-v2 jina-bert-v3 modern-bert neo-bert nomic-bert nomic-bert-moe t5
    t5encoder wavtokenizer-dec
    """.split()
)
"""Families that embed, see, translate or speak: llama.cpp ends the process when some are asked to continue a text."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself."""

    metadata: Mapping[str, Value]
    lengths: Mapping[str, int]
    """The number of elements of every array of the metadata, those that were skipped included."""
    parameters: int = 0
    """The number of weights in all tensors."""

    @property
    def architecture(self) -> str:
        """The model family, such as "qwen2"; "" where the file names none."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def name(self) -> str:
        """The name the file gives itself, in one printable line; "" where it gives none."""
        named = str(self.metadata.get("general.name", ""))
        return " ".join("".join(character if character.isprintable() else " " for character in named).split())

    @property
    def writes_text(self) -> bool:
        """Whether llama.cpp can let the model continue a text."""
        return self.architecture not in _WITHOUT_PLAIN_DECODER and self.of_model("attention.causal") is not False

    def of_model(self, key: str) -> Value | None:
        """Return the value of a key of the model's own family, such as "block_count"."""
        return self.metadata.get(f"{self.architecture}.{key}")


def read_header(path: Path) -> Header:
    """Read and check the header of the model file `path`: the header alone, whatever the file's size.

    Raises: ModelError, naming the file, what was found in its place and the next step.
    """
    _check_is_file(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _parse(path, data)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): check its permissions") from error


def _check_is_file(path: Path) -> None:
    if not path.exists():
        raise ModelError(f"{path} does not exist: name the path of a GGUF model file")
    if path.is_dir():
        raise ModelError(f"{path} is a directory: name one GGUF model file in it")
    if not path.is_file():
        raise ModelError(f"{path} is not a regular file: name the path of a GGUF model file")
    if path.stat().st_size == 0:
        raise ModelError(f"{path} is empty: {_DOWNLOAD_AGAIN}")


def _parse(path: Path, data: mmap.mmap) -> Header:
    if data[:4] != b"GGUF":
        raise _foreign(path, data[:64])
    reader = _Reader(data)
    try:
        version = reader.version()
        if version not in _READABLE_VERSIONS:
            raise ModelError(f"{path} is GGUF version {version}, not 2 or 3: choose a model converted more recently")
        tensors, keys = reader.number("<Q"), reader.number("<Q")
        header = reader.metadata(keys)
        needed, parameters = reader.tensors(tensors, header)
    except _Cut as error:
        raise ModelError(f"{path} is cut short or damaged ({error}): {_DOWNLOAD_AGAIN}") from error
    if needed > len(data):
        raise ModelError(f"{path} is cut short: {len(data):,} of at least {needed:,} bytes: {_DOWNLOAD_AGAIN}")
    return replace(header, parameters=parameters)


def _foreign(path: Path, start: bytes) -> ModelError:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    for opening, what, step in _FOREIGN:
        if text.startswith(opening):
            return ModelError(f"{path} is {what}: {step}")
    return ModelError(f"{path} is not a GGUF model (it starts with {start[:8]!r}): choose a .gguf file")


class _Cut(Exception):
    """The header does not make sense from here on."""


class _Reader:
    """Walks through the header from its start. Knows the layout, no file names."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._position = 4

    def number(self, layout: str) -> int:
        """Read one whole number."""
        return int(self._scalar(layout))

    def version(self) -> int:
        """Read the version; one from a machine of the other byte order is a huge number."""
        return self.number("<I")

    def metadata(self, keys: int) -> Header:
        """Read `keys` pairs of key and value."""
        values: dict[str, Value] = {}
        lengths: dict[str, int] = {}
        for _ in range(keys):
            key, kind = self._string(_LONGEST_NAME), self.number("<I")
            if key in values or key in lengths:
                raise _Cut(f"it has the key {key!r:.60} twice")
            if kind != _ARRAY:
                values[key] = self._value(kind)
                continue
            element, lengths[key] = self.number("<I"), self.number("<Q")
            if lengths[key] <= _LONGEST_KEPT_ARRAY:
                values[key] = tuple(self._value(element) for _ in range(lengths[key]))
            else:
                self._skip_array(element, lengths[key])
        return Header(values, lengths)

    def tensors(self, tensors: int, header: Header) -> tuple[int, int]:
        """Read the list of tensors; return the file size that holds them all, in bytes, and their weights' number."""
        size = _tensor_sizes()
        if not tensors:
            return self._position, 0
        names: set[str] = set()
        ends, parameters = [], 0
        for _ in range(tensors):
            name = self._string(_LONGEST_NAME)
            if name in names:
                raise _Cut(f"it has the tensor {name!r:.60} twice")
            names.add(name)
            elements = prod([self.number("<Q") for _ in range(self._dimensions())])
            kind, offset = self.number("<I"), self.number("<Q")
            ends.append(offset + size(kind, elements))
            parameters += elements
        alignment = header.metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0:
            raise _Cut(f"an alignment of {alignment!r}")
        return -(-self._position // alignment) * alignment + max(ends), parameters

    def _dimensions(self) -> int:
        dimensions = self.number("<I")
        if dimensions > _MOST_DIMENSIONS:
            raise _Cut(f"a tensor of {dimensions:,} dimensions")
        return dimensions

    def _advance(self, count: int) -> int:
        start, self._position = self._position, self._position + count
        if self._position > len(self._data):
            raise _Cut(f"its header needs more than its {len(self._data):,} bytes")
        return start

    def _scalar(self, layout: str) -> bool | int | float:
        start = self._advance(struct.calcsize(layout))
        value: bool | int | float = struct.unpack_from(layout, self._data, start)[0]
        return value

    def _string(self, longest: int = _LONGEST_TEXT) -> str:
        length = self.number("<Q")
        if length > longest:
            raise _Cut(f"a text of {length:,} bytes")
        start = self._advance(length)
        return self._data[start : start + length].decode("utf-8", "replace")

    def _value(self, kind: int) -> bool | int | float | str:
        return self._string() if kind == _STRING else self._scalar(_layout(kind))

    def _skip_array(self, kind: int, length: int) -> None:
        if kind != _STRING:
            self._advance(length * struct.calcsize(_layout(kind)))
            return
        if length > _MOST_TEXTS:
            raise _Cut(f"a list of {length:,} texts")
        for _ in range(length):
            self._advance(self.number("<Q"))


def _layout(kind: int) -> str:
    if kind not in _SCALARS:
        raise _Cut(f"a value of unknown kind {kind}")
    return _SCALARS[kind]


def _tensor_sizes() -> Callable[[int, int], int]:
    """Return the function from a tensor's kind and number of elements to its bytes; 0 for a kind too new to know."""
    from gguf.constants import GGML_QUANT_SIZES

    blocks = {int(kind): sizes for kind, sizes in GGML_QUANT_SIZES.items()}

    def size(kind: int, elements: int) -> int:
        block, bytes_of_block = blocks.get(kind, (1, 0))
        return elements // block * bytes_of_block

    return size
