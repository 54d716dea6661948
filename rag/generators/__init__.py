"""What writes an answer: a GGUF model in this process, a server, or no model at all, by quoting."""

from functools import lru_cache
from pathlib import Path

from rag.generators.base import Generator
from rag.generators.extractive import ExtractiveGenerator
from rag.settings import Settings

__all__ = ["ExtractiveGenerator", "Generator", "generator_of", "new_generator", "open_generator"]


def new_generator(settings: Settings) -> Generator:
    """Open what the settings name, as `generator_of` does, but anew each time: whoever opens it closes it.

    Raises: GeneratorError and its children.
    """
    if settings.server:
        return _new_server(settings.server, settings.server_model, settings.server_key)
    return _new_model(settings.model, settings.context)


def generator_of(settings: Settings) -> Generator:
    """Open what the settings name: a server, else a GGUF model, else the generator that quotes.

    Raises: GeneratorError and its children.
    """
    if settings.server:
        return _open_server(settings.server, settings.server_model, settings.server_key)
    return open_generator(settings.model, settings.context)


@lru_cache(maxsize=1)
def open_generator(model: Path | None, context: int = 4_096) -> Generator:
    """Open a GGUF model, or, where `model` is None, the generator that quotes. The same model is loaded once.

    Raises: ModelError.
    """
    return _new_model(model, context)


@lru_cache(maxsize=1)
def _open_server(url: str, model: str | None, key: str | None) -> Generator:
    return _new_server(url, model, key)


def _new_model(model: Path | None, context: int) -> Generator:
    if model is None:
        return ExtractiveGenerator()
    from rag.generators.llama import LlamaGenerator

    return LlamaGenerator(model, context)


def _new_server(url: str, model: str | None, key: str | None) -> Generator:
    from rag.generators.server import ServerGenerator

    return ServerGenerator(url, model, key)
