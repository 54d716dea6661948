"""Writes a tiny GGUF with random weights: it says nothing sensible, but runs through all of llama.cpp.

The self-test and the tests decode with it, so that neither needs a model from elsewhere.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTROL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a model is. Every width is a multiple of 32, the block of Q8_0 and Q4_0."""

    layers: int
    width: int
    heads: int
    cache_heads: int
    inner_width: int


TINY = Shape(layers=2, width=64, heads=4, cache_heads=2, inner_width=128)
QWEN_HALF_BILLION = Shape(layers=24, width=896, heads=14, cache_heads=2, inner_width=4864)
"""As Qwen2.5-0.5B: what a benchmark of speed decodes with."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A byte-level BPE vocabulary: `CONTROL_TOKENS`, the 256 bytes and what merges make, in the order of ids."""

    tokens: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]


def byte_vocabulary() -> Vocabulary:
    """Return the smallest vocabulary that spells every text: one token a byte, and a single merge."""
    merges = (("t", "h"),)
    return Vocabulary((*CONTROL_TOKENS, *_byte_characters(), *(left + right for left, right in merges)), merges)


def write_random_gguf(
    path: Path,
    vocabulary: Vocabulary | None = None,
    *,
    seed: int = 0,
    context: int = 4096,
    weights: str = "F32",
    template: str | None = CHATML,
    name: str = "random weights",
    architecture: str = "qwen2",
    shape: Shape = TINY,
) -> Path:
    """Write a qwen2 model and return `path`. The same arguments write the same weights.

    It never ends an answer by itself: control tokens are never among the likeliest.

    `weights` is "F32", "Q8_0" or "Q4_0"; `template` a Jinja chat template, None for a model without one;
    any other `architecture` makes a file that llama.cpp refuses.
    """
    import gguf

    vocabulary = vocabulary or byte_vocabulary()
    writer = gguf.GGUFWriter(path, architecture)
    _add_shape(writer, name, context, shape)
    _add_tokenizer(writer, vocabulary, template)
    for tensor, (size, scale) in _tensors(len(vocabulary.tokens), shape).items():
        _add_tensor(writer, tensor, size, scale, seed, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _byte_characters() -> list[str]:
    """The printable character that stands for each byte in byte-level BPE (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + number) for number in range(len(others))]


def _add_shape(writer: Any, name: str, context: int, shape: Shape) -> None:
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner_width)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.cache_heads)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)


def _add_tokenizer(writer: Any, vocabulary: Vocabulary, template: str | None) -> None:
    from gguf import TokenType

    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(
        [TokenType.CONTROL if token in CONTROL_TOKENS else TokenType.NORMAL for token in vocabulary.tokens]
    )
    writer.add_token_merges([f"{left} {right}" for left, right in vocabulary.merges])
    writer.add_eos_token_id(vocabulary.tokens.index("<|im_end|>"))
    writer.add_bos_token_id(vocabulary.tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(vocabulary.tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)


def _tensors(tokens: int, shape: Shape) -> dict[str, tuple[tuple[int, ...], float]]:
    """Every tensor's shape and the standard deviation of its weights, 0 for one that is all ones or zeros."""
    tensors: dict[str, tuple[tuple[int, ...], float]] = {
        "token_embd.weight": ((tokens, shape.width), 1.0),
        "output_norm.weight": ((shape.width,), 0.0),
        "output.weight": ((tokens, shape.width), 0.1),
    }
    cache_width = shape.width // shape.heads * shape.cache_heads
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        for part, width in (("q", shape.width), ("k", cache_width), ("v", cache_width)):
            tensors[f"{block}attn_{part}.weight"] = ((width, shape.width), 0.1)
            tensors[f"{block}attn_{part}.bias"] = ((width,), 0.0)
        tensors |= {
            f"{block}attn_norm.weight": ((shape.width,), 0.0),
            f"{block}ffn_norm.weight": ((shape.width,), 0.0),
            f"{block}attn_output.weight": ((shape.width, shape.width), 0.1),
            f"{block}ffn_gate.weight": ((shape.inner_width, shape.width), 0.1),
            f"{block}ffn_up.weight": ((shape.inner_width, shape.width), 0.1),
            f"{block}ffn_down.weight": ((shape.width, shape.inner_width), 0.1),
        }
    return tensors


def _add_tensor(writer: Any, name: str, shape: tuple[int, ...], scale: float, seed: int, weights: str) -> None:
    import numpy as np
    from gguf import GGMLQuantizationType
    from gguf.quants import quantize

    if scale == 0.0:
        constant = 0.0 if name.endswith(".bias") else 1.0
        writer.add_tensor(name, np.full(shape, constant, dtype=np.float32))
        return
    random = np.random.default_rng([seed, *name.encode()])
    values = random.standard_normal(shape, dtype=np.float32) * np.float32(scale)
    if name == "output.weight":
        values[: len(CONTROL_TOKENS)] = 0
    kind = GGMLQuantizationType[weights]
    writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)
