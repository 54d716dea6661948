"""Looks at every part that an answer needs, and says in one line each whether it works here.

Opens what is there and changes nothing: a library that does not exist yet is not made.
"""

import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from index.errors import PinciteError
from rag.settings import Settings

PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "llama-cpp-python", "gradio")
"""The packages whose version decides what a person sees."""

SELF_TEST_SECONDS = 120
"""Far above what the self-test takes; only a hang reaches it."""


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
    yield Check("settings", True, f"embedder {settings.embedder}, context {settings.context} tokens")


def _package(name: str) -> Check:
    try:
        return Check("package", True, f"{name} {version(name)}")
    except PackageNotFoundError:
        return Check("package", False, f"{name} is not installed: run pip install pincite again")


def _embedder(settings: Settings) -> Check:
    from index.embedders import open_embedder

    try:
        embedder = open_embedder(settings.embedder)
        embedder.embed_queries(["a question"])
    except PinciteError as error:
        return Check("embedder", False, str(error))
    return Check("embedder", True, f"{embedder.name}, {embedder.dimensions} dimensions, weights as expected")


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
    """Run llama.cpp's self-test in a process of its own, because the processor kills what runs a wrong build."""
    command = [sys.executable, "-m", "rag.generators.selftest"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SELF_TEST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Check("llama.cpp", False, f"its self-test did not end within {SELF_TEST_SECONDS} seconds")
    last_line = (done.stdout + done.stderr).strip().rpartition("\n")[2]
    if done.returncode < 0:
        last_line = f"its self-test died by signal {-done.returncode}: build it anew for this machine, see README.md"
    return Check("llama.cpp", done.returncode == 0, last_line)


def _model(settings: Settings) -> Check:
    from rag.generators import open_generator

    if settings.model is None:
        return Check("model", True, "none: answers are quotes only; --model or PINCITE_MODEL names a GGUF file")
    try:
        generator = open_generator(settings.model, settings.context)
    except PinciteError as error:
        return Check("model", False, str(error))
    return Check("model", True, f"{generator.name}, {settings.model}")
