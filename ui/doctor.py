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
        with Library.open(settings.library, settings.embedder, vectors=settings.vectors) as library:
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
    from rag.generators import open_generator

    if settings.server:
        return _server(settings, settings.server)
    if settings.model is None:
        return Check(
            "model",
            True,
            "none: answers are quotes only; pincite pull downloads one, pincite models lists those that are here",
        )
    try:
        generator = open_generator(settings.model, settings.context)
    except PinciteError as error:
        return Check("model", False, str(error))
    return Check("model", True, f"{generator.name}, {settings.model}")


def _server(settings: Settings, url: str) -> Check:
    """Ask the server for a word as well: whether it keeps to a grammar is seen from what it writes alone."""
    from rag.generators.server import ServerGenerator, is_this_machine

    try:
        generator = ServerGenerator(url, settings.server_model, settings.server_key)
        keeps = generator.keeps_to_grammar()
    except PinciteError as error:
        return Check("model", False, str(error))
    privacy = "on this machine" if is_this_machine(url) else "another machine: questions and passages are sent there"
    held = "kept to a grammar while it writes" if keeps else "takes no grammar: what it writes is checked afterwards"
    return Check("model", True, f"{generator.name}, {url}, {privacy}; {held}")


def _reranker(name: str) -> Check:
    from rag.rerankers import open_reranker

    try:
        reranker = open_reranker(name)
        if reranker:
            reranker.scores("a question", ["a passage"])
    except PinciteError as error:
        return Check("reranker", False, str(error))
    goes = (
        "another machine: questions and passages are sent there" if reranker and reranker.remote else "on this machine"
    )
    return Check("reranker", True, f"{name}, {goes}")


def _settings(settings: Settings) -> Check:
    path = config_path()
    origin = path if path.exists() else f"no {path}"
    return Check("settings", True, f"embedder {settings.embedder}, context {settings.context} tokens ({origin})")
