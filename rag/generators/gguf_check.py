"""Which GGUF files hold a model that answers, by their headers. Refuses the others with their reason."""

from pathlib import Path

from rag.errors import ModelError
from rag.generators.gguf_header import Header

_NOT_ALONE = {
    "adapter": "an adapter, which needs the model that it was made for",
    "mmproj": "the part of a model that sees or hears",
    "imatrix": "a measurement made for quantising a model",
    "vocab": "a vocabulary without a model",
}
"""Kinds of GGUF file that hold no model, by `general.type`: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"""


def check_answers(path: Path, header: Header) -> None:
    """Refuse a file that cannot answer by itself. Raises: ModelError."""
    kind = str(header.metadata.get("general.type", ""))
    parts = header.metadata.get("split.count", 1)
    if kind in _NOT_ALONE or header.architecture == "clip":
        what = _NOT_ALONE.get(kind, _NOT_ALONE["mmproj"])
        raise ModelError(f"{path} is {what}, not a language model: choose a chat model")
    if isinstance(parts, int) and parts > 1:
        raise ModelError(f"{path} is one of {parts} parts of a model: join them with llama-gguf-split --merge")
    if not header.writes_text:
        raise ModelError(
            f"{path} does not write text (a model of the family {header.architecture!r}): choose a chat model"
        )
