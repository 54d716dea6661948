"""A model's weights in 8 bits, for CTranslate2: converted once, then kept in the user's cache. Knows no text.

CTranslate2 rounds each row of weights and each token by a scale of its own, so that little is lost: how much, and what
it gains in time, `python -m bench.embedding` tells.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from filelock import FileLock
from safetensors import SafetensorError

from index.bert import write_in_eight_bits
from index.errors import EmbedderError
from index.processor import has_avx512
from index.threads import calm_openmp

if TYPE_CHECKING:
    from ctranslate2 import Encoder

_WEIGHTS, _DIGEST = "model.bin", "sha256"


def open_encoder(name: str, find: Callable[[], Path], workers: int) -> Encoder:
    """Open a model in 8 bits; so many workers compute at once, on one core each.

    `name` says what the weights are: it changes with them. `find` returns the folder of the Hugging Face model that it
    is made from; it is called only where that is still to be done. Raises: EmbedderError.
    """
    kept = Path(platformdirs.user_cache_dir("pincite", appauthor=False)) / "embedders" / name
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(kept.with_name(f"{name}.lock")):
            if not _is_whole(kept):
                _convert_into(find(), kept)
        return _load(kept, workers)
    except OSError:
        return _open_for_now(find(), name, workers)


def _open_for_now(source: Path, name: str, workers: int) -> Encoder:
    """Open a model where there is no room for a cache: it is converted anew each time, which costs a second."""
    try:
        with tempfile.TemporaryDirectory(prefix="pincite-") as folder:
            _convert(source, Path(folder) / name)
            return _load(Path(folder) / name, workers)
    except OSError as error:
        raise EmbedderError(
            f"the embedder cannot be written ({error.strerror}): free 25 MB in the cache folder or the temporary one"
        ) from error


def _is_whole(kept: Path) -> bool:
    """Tell whether the weights are those that were converted."""
    try:
        return (kept / _DIGEST).read_text(encoding="ascii") == _digest(kept / _WEIGHTS)
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _convert_into(source: Path, kept: Path) -> None:
    """Convert beside `kept` first, so that what is there is whole. Raises: OSError, EmbedderError."""
    with tempfile.TemporaryDirectory(prefix=f"{kept.name}-", dir=kept.parent) as folder:
        made = Path(folder) / "made"
        _convert(source, made)
        (made / _DIGEST).write_text(_digest(made / _WEIGHTS), encoding="ascii")
        shutil.rmtree(kept, ignore_errors=True)
        made.rename(kept)


def _convert(source: Path, target: Path) -> None:
    """Write a model's weights in 8 bits. Raises: OSError, EmbedderError."""
    try:
        write_in_eight_bits(source, target)
    except (ValueError, KeyError, SafetensorError) as error:
        raise EmbedderError(f"the embedder in {source} cannot be converted: {error}") from error


def _load(folder: Path, workers: int) -> Any:
    calm_openmp()
    if has_avx512():  # it uses AVX2 otherwise, at five sixths of the speed (`python -m bench.embedding`)
        os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")
    import ctranslate2

    try:
        return ctranslate2.Encoder(
            str(folder), device="cpu", compute_type="int8", inter_threads=workers, intra_threads=1
        )
    except (ValueError, RuntimeError) as error:
        raise EmbedderError(f"the embedder in {folder} cannot be loaded: {error}; delete that folder") from error
