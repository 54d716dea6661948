"""Looks at every part that an answer needs, and says in one line each whether it works here.

Opens what is there and changes nothing: a library that does not exist yet is not made.
"""

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from index.errors import PinciteError
from rag.models.folder import QUOTES_ONLY
from rag.settings import InForce, Settings, config_path, load_settings, settings_in_force

PACKAGES = ("torch", "sentence-transformers", "ctranslate2", "faiss-cpu", "llama-cpp-python", "gradio")
"""The packages whose version decides what a person sees."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part, whether it works, and what was found."""

    name: str
    works: bool
    finding: str


def examine(said: Mapping[str, object]) -> Iterator[Check]:
    """Yield one check after the other, each as soon as it is known, then every setting in force and who says so.

    `said` is what a command line says, by the settings' keys. Raises: SettingsError.
    """
    settings = load_settings(said=said)
    yield Check("python", sys.version_info >= (3, 11), f"{platform.python_version()}, {sys.executable}")
    yield from (_package(name) for name in PACKAGES)
    yield _embedder(settings)
    yield _library(settings)
    yield _llama()
    yield _model(settings)
    if settings.reranker:
        yield _reranker(settings.reranker)
    yield from list_settings(said)


def list_settings(said: Mapping[str, object]) -> Iterator[Check]:
    """Yield where the file of settings is, and every setting in force with who says so. Raises: SettingsError."""
    path, settings = config_path(), load_settings(said=said)
    yield Check("settings", True, f"in {path}" if path.exists() else f"no file {path}: all as usual")
    found = settings_in_force(chosen=_chosen(settings), said=said)
    yield from (_setting(setting, settings) for setting in found.values())


def _package(name: str) -> Check:
    try:
        return Check("package", True, f"{name} {version(name)}")
    except PackageNotFoundError:
        return Check("package", False, f"{name} is not installed: run pip install pincite again")


def _embedder(settings: Settings) -> Check:
    from index.embedders import MINILM, checked_minilm_directory, open_embedder

    try:
        if settings.embedder == MINILM:
            checked_minilm_directory()
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


def _chosen(settings: Settings) -> dict[str, str]:
    """Return what was chosen on the page of the library; nothing of one that is not there or cannot be opened."""
    from index.library import Library

    if not settings.library.exists():
        return {}
    try:
        with Library.open(settings.library) as library:
            return library.choices().all()
    except PinciteError:  # the check of the library has said so
        return {}


def _setting(setting: InForce, settings: Settings) -> Check:
    """Tell a setting as it is, and who says so."""
    name = setting.key.name
    in_use = {"library": settings.library, "model": settings.model or QUOTES_ONLY, "server": settings.server or "none"}
    value = setting.key.usual or setting.value if setting.origin == "default" else setting.value
    return Check("setting", True, f"{name} = {in_use.get(name, value)} ({setting.origin})")
