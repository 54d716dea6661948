"""Looks at every part that an answer needs, and says in one line each whether it works here.

Opens what is there and changes nothing: a library that does not exist yet is not made.
"""

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from index.errors import PinciteError
from rag.settings import Settings, config_path

PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "llama-cpp-python", "gradio")
"""The packages whose version decides what a person sees."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part, whether it works, and what was found."""

    name: str
    works: bool
    finding: str


def examine(settings: Settings) -> Iterator[Check]:
    """Yield one check after the other, each as soon as it is known."""
    yield Check("python", sys.version_info >= (3, 11), f"{platform.python_version()}, {sys.executable}")
    yield from (_package(name) for name in PACKAGES)
    yield _embedder(settings)
    yield _library(settings)
    yield _llama()
    yield _model(settings)
    if settings.reranker:
        yield _reranker(settings.reranker)
    yield _settings(settings)


def _package(name: str) -> Check:
    try:
        return Check("package", True, f"{name} {version(name)}")
    except PackageNotFoundError:
        return Check("package", False, f"{name} is not installed: run pip install pincite again")


def _embedder(settings: Settings) -> Check:
    from index.embedders import MINILM, open_embedder

    try:
        embedder = open_embedder(settings.embedder)
        embedder.embed_queries(["a question"])
    except PinciteError as error:
        return Check("embedder", False, str(error))
    weights = ", weights as expected" if embedder.name == MINILM else ""
    return Check("embedder", True, f"{embedder.name}, {embedder.dimensions} dimensions{weights}")


def _library(settings: Settings) -> Check:
    from index.library import Library

    if not settings.library.exists():
        return Check("library", True, f"none yet in {settings.library}: pincite add FILE makes it")
    try:
        with Library.open(settings.library, settings.embedder) as library:
            status = library.status()
    except PinciteError as error:
        return Check("library", False, str(error))
    return Check("library", True, f"{status.documents} documents, {status.passages} passages in {status.directory}")


def _llama() -> Check:
    from rag.generators.selftest import check_llama

    try:
        return Check("llama.cpp", True, check_llama())
    except PinciteError as error:
        return Check("llama.cpp", False, str(error))


def _model(settings: Settings) -> Check:
    from rag.generators import generator_of

    if settings.model is None and settings.server is None:
        return Check(
            "model",
            True,
            "none: answers are quotes only; pincite pull downloads one, pincite models lists those that are here",
        )
    try:
        generator = generator_of(settings)
    except PinciteError as error:
        return Check("model", False, str(error))
    place = _place(settings.server) if settings.server else settings.model
    return Check("model", True, f"{generator.name}, {place}")


def _reranker(name: str) -> Check:
    from rag.rerankers import open_reranker

    try:
        reranker = open_reranker(name)
        if reranker:
            reranker.scores("a question", ["a passage"])
    except PinciteError as error:
        return Check("reranker", False, str(error))
    return Check("reranker", True, _place(name) if name.startswith(("http://", "https://")) else name)


def _place(server: str) -> str:
    from rag.generators.server import is_this_machine

    privacy = "on this machine" if is_this_machine(server) else "another machine: questions and passages are sent there"
    return f"{server}, {privacy}"


def _settings(settings: Settings) -> Check:
    path = config_path()
    origin = path if path.exists() else f"no {path}"
    return Check("settings", True, f"embedder {settings.embedder}, context {settings.context} tokens ({origin})")
