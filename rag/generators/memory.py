"""Will a model fit into the memory that is free now? Knows no llama.cpp.

A context that does not fit is not refused by llama.cpp: the system kills the whole process.
"""

from pathlib import Path

from rag.errors import ModelError
from rag.generators.available import available_bytes
from rag.generators.gguf_header import Header

_BYTES_OF_CACHED_NUMBER = 2
"""The KV cache is float16."""
PREFILL_BATCH = 256
"""Tokens llama.cpp reads at once (n_ubatch); it reserves memory for logits and attention of each. 512 reads no faster
on two AVX2 cores, and takes twice the memory (bench/LOG.md)."""
_GIBIBYTE = 1024**3


def check_memory(path: Path, header: Header, context: int) -> None:
    """Refuse a model that does not fit into the memory that is available now, at `context` tokens.

    Raises: ModelError, with the numbers. Says nothing where the system does not tell what is available.
    """
    model, cache = path.stat().st_size, kv_cache_bytes(header, context)
    needed, available = needed_bytes(path, header, context), available_bytes()
    if available is None or needed <= available:
        return
    raise ModelError(
        f"{path} needs about {_gibibytes(needed)} of memory (model {_gibibytes(model)}, "
        f"context of {context:,} tokens {_gibibytes(cache)}), and {_gibibytes(available)} are available: "
        "close other programs, set a smaller context or choose a smaller model"
    )


def needed_bytes(path: Path, header: Header, context: int) -> int:
    """Return about how much memory the model at `path` takes with `context` tokens."""
    return path.stat().st_size + kv_cache_bytes(header, context) + _working_bytes(header, context)


def kv_cache_bytes(header: Header, context: int) -> int:
    """Return the size of the attention cache for `context` tokens, 0 for a model without attention.

    An upper bound: layers with a window or a compressed cache take less.
    """
    layers, heads = _whole(header, "block_count"), _whole(header, "attention.head_count")
    width_of_head = _whole(header, "embedding_length") // heads if heads else 0
    width = _whole(header, "attention.key_length", width_of_head)
    width += _whole(header, "attention.value_length", width_of_head)
    return context * _heads_in_cache(header, layers, heads) * width * _BYTES_OF_CACHED_NUMBER


def _heads_in_cache(header: Header, layers: int, heads: int) -> int:
    per_layer = header.of_model("attention.head_count_kv")
    if isinstance(per_layer, tuple):
        return sum(count for count in per_layer if isinstance(count, int))
    return layers * (per_layer if isinstance(per_layer, int) else heads)


def _working_bytes(header: Header, context: int) -> int:
    """Return what logits, and every head's look at every token of the context, take for one batch."""
    looks = _whole(header, "attention.head_count") * context
    return PREFILL_BATCH * (header.lengths.get("tokenizer.ggml.tokens", 0) + looks) * 4


def _whole(header: Header, key: str, default: int = 0) -> int:
    value = header.of_model(key)
    if isinstance(value, tuple):
        return max((number for number in value if isinstance(number, int)), default=default)
    return value if isinstance(value, int) else default


def _gibibytes(count: int) -> str:
    return f"{count / _GIBIBYTE:.1f} GiB"
