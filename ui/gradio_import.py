"""Imports Gradio without what the page never uses, which would take longer than all the rest of it.

With every import Gradio writes stubs for editors beside the sources of its components: it parses each of them to do so,
and its wheel holds the stubs anyway. And it takes along the Model Context Protocol where that is installed, for servers
of its own. Without both, importing it takes half the time (`python -m bench.startup`).
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

from index.importing import as_if_not_installed, importing

STUBS = "gradio.component_meta"
"""The module that writes the stubs."""


def import_gradio() -> None:
    """Import Gradio, if nobody has yet. It must not be needed by another thread at the same time."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    with importing(), _without_stubs(), as_if_not_installed("mcp"):
        import gradio  # noqa: F401


@contextmanager
def _without_stubs() -> Iterator[None]:
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds the module that writes the stubs, and has it loaded by `_Loader`."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where the module is; None for all others, which are found as usual."""
        spec = PathFinder.find_spec(name, path, target) if name == STUBS else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loads the module, and has it write nothing."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        super().exec_module(module)
        module.__dict__["create_or_modify_pyi"] = lambda component, name, events: None
