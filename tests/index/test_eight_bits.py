"""Weights in 8 bits are converted once, kept whole, and made again where they are not."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from ctranslate2 import Encoder, StorageView

from index.eight_bits import open_encoder
from index.embedders import checked_minilm_directory
from index.errors import EmbedderError

NAME = "tried"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the model converted in it."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(cache))
        open_encoder(NAME, checked_minilm_directory, 1)
    return cache


@pytest.fixture
def cache(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That cache in use."""
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(made))
    return made


def first_token(encoder: Encoder) -> np.ndarray:
    """The first token's vector for one fixed text."""
    output = encoder.forward_batch(
        StorageView.from_array(np.array([[101, 7592, 102]], np.int32)), StorageView.from_array(np.array([3], np.int32))
    )
    return np.array(output.last_hidden_state)[0, 0]


def never() -> Path:
    raise AssertionError("converted again")


def test_what_was_converted_is_used_again(cache: Path) -> None:
    assert (first_token(open_encoder(NAME, never, 1)) == first_token(open_encoder(NAME, never, 2))).all()


def test_damaged_weights_are_made_again(cache: Path) -> None:
    whole = first_token(open_encoder(NAME, never, 1))
    weights = cache / "embedders" / NAME / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x07")

    assert (first_token(open_encoder(NAME, checked_minilm_directory, 1)) == whole).all()
    assert (first_token(open_encoder(NAME, never, 1)) == whole).all()
    assert sorted(path.name for path in weights.parent.parent.iterdir()) == [NAME, f"{NAME}.lock"]


def test_without_room_for_a_cache_it_is_converted_for_this_time(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = first_token(open_encoder(NAME, never, 1))
    (tmp_path / "file").touch()
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "file"))

    assert (first_token(open_encoder(NAME, checked_minilm_directory, 1)) == whole).all()


def test_without_room_anywhere_one_line_says_what_to_do(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))

    with pytest.raises(EmbedderError, match=r"cannot be written \(Not a directory\): free 25 MB"):
        open_encoder(NAME, checked_minilm_directory, 1)


def test_what_is_no_model_is_an_error_that_says_so(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(EmbedderError, match="cannot be converted"):
        open_encoder("nothing", lambda: tmp_path, 1)


EMBED = """
import sys
from index.embedders import open_embedder

assert open_embedder().embed_queries(["Where do herons breed?"]).shape == (1, 384)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"sentence_transformers", "torch", "transformers"}))
"""


def test_a_question_is_embedded_without_torch(tmp_path: Path) -> None:
    """The first time on a machine, when weights are converted, too."""
    variables = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    runs = [
        subprocess.run([sys.executable, "-c", EMBED], capture_output=True, text=True, check=True, env=variables)
        for _ in range(2)
    ]

    assert [(run.stdout, run.stderr) for run in runs] == [("\n", "")] * 2
    assert len(list(tmp_path.rglob("model.bin"))) == 1
