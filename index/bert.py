"""The weights of a BERT model, as Hugging Face stores them, as CTranslate2 wants them: rounded to 8 bits.

CTranslate2's own converter does the same through transformers and PyTorch, which takes ten times as long; a test holds
one against the other.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file

from index.importing import as_if_not_installed

if TYPE_CHECKING:
    from index.arrays import Floats

Weights = dict[str, "Floats"]


def write_in_eight_bits(source: Path, target: Path) -> None:
    """Write the model in the folder `source` to the new folder `target`. Raises: OSError, ValueError, KeyError."""
    with as_if_not_installed("torch"):  # numbers come from numpy here; importing torch takes seconds
        from ctranslate2.specs import TransformerEncoderModelSpec

    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    weights = load_file(source / "model.safetensors")
    model = TransformerEncoderModelSpec(_encoder(config, weights))
    model.register_vocabulary((source / "vocab.txt").read_text(encoding="utf-8").splitlines())
    model.config.unk_token = "[UNK]"
    model.config.layer_norm_epsilon = config["layer_norm_eps"]
    model.validate()
    model.optimize(quantization="int8")
    target.mkdir()
    model.save(str(target))


def _encoder(config: dict[str, Any], weights: Weights) -> Any:
    from ctranslate2.specs import TransformerEncoderSpec
    from ctranslate2.specs.common_spec import Activation, EmbeddingsMerge

    if (config["model_type"], config["hidden_act"]) != ("bert", "gelu"):
        raise ValueError(f"it is a {config['model_type']} model with {config['hidden_act']}, not BERT with gelu")
    encoder = TransformerEncoderSpec(
        config["num_hidden_layers"],
        config["num_attention_heads"],
        pre_norm=False,
        activation=Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=EmbeddingsMerge.ADD,
    )
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights["embeddings.word_embeddings.weight"]
    encoder.embeddings[1].weight = weights["embeddings.token_type_embeddings.weight"]
    encoder.position_encodings.encodings = weights["embeddings.position_embeddings.weight"]
    _set_norm(encoder.layernorm_embedding, weights, "embeddings.LayerNorm")
    for number, layer in enumerate(encoder.layer):
        _set_layer(layer, weights, f"encoder.layer.{number}")
    return encoder


def _set_layer(layer: Any, weights: Weights, name: str) -> None:
    _set_linear(
        layer.self_attention.linear[0],
        weights,
        *(f"{name}.attention.self.{part}" for part in ("query", "key", "value")),
    )
    _set_linear(layer.self_attention.linear[1], weights, f"{name}.attention.output.dense")
    _set_norm(layer.self_attention.layer_norm, weights, f"{name}.attention.output.LayerNorm")
    _set_linear(layer.ffn.linear_0, weights, f"{name}.intermediate.dense")
    _set_linear(layer.ffn.linear_1, weights, f"{name}.output.dense")
    _set_norm(layer.ffn.layer_norm, weights, f"{name}.output.LayerNorm")


def _set_linear(linear: Any, weights: Weights, *names: str) -> None:
    """Set a layer to one or several of the model's, side by side."""
    linear.weight = np.concatenate([weights[f"{name}.weight"] for name in names])
    linear.bias = np.concatenate([weights[f"{name}.bias"] for name in names])


def _set_norm(norm: Any, weights: Weights, name: str) -> None:
    norm.gamma, norm.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]
