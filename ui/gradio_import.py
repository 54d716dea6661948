"""Imports Gradio without what the page never uses, which would take longer than all the rest of it.

With every import Gradio writes stubs for editors beside the sources of its components, and fills in the documentation
of each of their events; it takes along servers for assistants, a command line, Hugging Face's clients, and pandas for
tables. Without all that, importing it takes two fifths of the time (`python -m bench.startup`).
"""

import os
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

from index.importing import as_if_not_installed, importing, putting_off_all_of, undisturbed

NOT_THERE = ("mcp", "httpx._main")
"""Gradio does without the first, and httpx without its own command line. `pincite mcp` has the first to itself."""

PUT_OFF = (
    "gradio.cli",
    "gradio.external",
    "gradio.workflow",
    "huggingface_hub._commit_api",
    "huggingface_hub.hf_api",
    "pandas",
)
"""Modules of which Gradio keeps functions and classes for tables, for putting pages on Hugging Face, and for loading
others from there."""


def import_gradio() -> None:
    """Import Gradio, if nobody has yet. It must not be needed by another thread at the same time."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    with ExitStack() as without:
        without.enter_context(undisturbed())
        without.enter_context(importing())
        without.enter_context(_replacing(INSTEAD))
        for name in NOT_THERE:
            without.enter_context(as_if_not_installed(name))
        for name in PUT_OFF:
            without.enter_context(putting_off_all_of(name))
        import gradio  # noqa: F401


@contextmanager
def making_no_application() -> Iterator[None]:
    """Let pages be built without an application of their own: each makes two, of which mounting it takes the place."""
    names = vars(import_module("gradio.blocks"))
    real, names["App"] = names["App"], _NoApplication
    try:
        yield
    finally:
        names["App"] = real


class _NoApplication:
    @staticmethod
    def create_app(page: Any, mcp_server: bool) -> None:
        """Make none."""


class _Verbatim:
    """Instead of a template: the text as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, component: str) -> str:
        return self._text


def _trusting_nobody(**options: object) -> ssl.SSLContext:
    """Instead of reading the certificates of all authorities, which takes 60 ms each time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


INSTEAD: Mapping[str, tuple[str, object]] = {
    "gradio.component_meta": ("create_or_modify_pyi", lambda component, name, events: None),
    "gradio.events": ("Template", _Verbatim),
    "httpx._transports.default": ("create_ssl_context", _trusting_nobody),
}
"""What a module has under one name during the import: for the stubs, for the documentation of events, and for clients
that Gradio makes at once, to fetch files from elsewhere, which the page never does."""


@contextmanager
def _replacing(instead: Mapping[str, tuple[str, object]]) -> Iterator[None]:
    finder = _Finder(instead)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        finder.put_back()


class _Finder(MetaPathFinder):
    """Finds modules in which something is to be replaced, and has them loaded by a `_Loader`."""

    def __init__(self, instead: Mapping[str, tuple[str, object]]) -> None:
        self._instead = instead
        self._real: list[tuple[ModuleType, str, object]] = []

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where such a module is; None for all others, which are found as usual."""
        spec = PathFinder.find_spec(name, path, target) if name in self._instead else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self._replace)
        return spec

    def _replace(self, module: ModuleType) -> None:
        name, value = self._instead[module.__name__]
        self._real.append((module, name, getattr(module, name, None)))
        setattr(module, name, value)

    def put_back(self) -> None:
        """Give the modules what was replaced."""
        for module, name, value in self._real:
            setattr(module, name, value)


class _Loader(SourceFileLoader):
    """Loads a module, and has something done with it at once."""

    def __init__(self, name: str, path: str, afterwards: Callable[[ModuleType], None]) -> None:
        super().__init__(name, path)
        self._afterwards = afterwards

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        super().exec_module(module)
        self._afterwards(module)
