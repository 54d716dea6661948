"""Weights are converted as CTranslate2's own converter does it."""

import json
from pathlib import Path

import numpy as np
import pytest
from ctranslate2 import Encoder, StorageView
from ctranslate2.converters import TransformersConverter

from index.bert import write_in_eight_bits
from index.embedders import checked_minilm_directory


def forward(folder: Path) -> np.ndarray:
    ids = np.array([[101, 2073, 2079, 2014, 12212, 8843, 102], [101, 7592, 102, 0, 0, 0, 0]], np.int32)
    encoder = Encoder(str(folder), compute_type="int8")
    output = encoder.forward_batch(StorageView.from_array(ids), StorageView.from_array(np.array([7, 3], np.int32)))
    return np.array(output.last_hidden_state)


@pytest.mark.filterwarnings("ignore")  # of transformers, about how the converter calls it
def test_weights_are_those_of_ctranslate2s_converter(tmp_path: Path) -> None:
    source = checked_minilm_directory()
    TransformersConverter(str(source)).convert(str(tmp_path / "theirs"), quantization="int8")
    write_in_eight_bits(source, tmp_path / "ours")

    ours, theirs = forward(tmp_path / "ours"), forward(tmp_path / "theirs")
    assert ours.shape == (2, 7, 384)
    assert (ours[0] == theirs[0]).all()
    assert (ours[1, :3] == theirs[1, :3]).all()


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    source = checked_minilm_directory()
    config = json.loads((source / "config.json").read_text(encoding="utf-8")) | {"hidden_act": "relu"}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "vocab.txt").touch()
    (tmp_path / "model.safetensors").symlink_to(source / "model.safetensors")

    with pytest.raises(ValueError, match="a bert model with relu"):
        write_in_eight_bits(tmp_path, tmp_path / "made")
