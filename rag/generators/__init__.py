"""What writes an answer: a GGUF model in this process, or no model at all, by quoting."""

from functools import lru_cache
from pathlib import Path

from rag.generators.base import Generator
from rag.generators.extractive import ExtractiveGenerator

__all__ = ["ExtractiveGenerator", "Generator", "open_generator"]


@lru_cache(maxsize=1)
def open_generator(model: Path | None, context: int = 4_096) -> Generator:
    """Open a GGUF model, or, where `model` is None, the generator that quotes. The same model is loaded once.

    Raises: ModelError.
    """
    if model is None:
        return ExtractiveGenerator()
    from rag.generators.llama import LlamaGenerator

    return LlamaGenerator(model, context)
