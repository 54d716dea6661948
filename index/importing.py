"""Imports of large libraries, without what makes them longer. Knows no library."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@contextmanager
def importing() -> Iterator[None]:
    """Keep Python's collector of cyclic garbage still.

    A large library makes a million objects that stay; the collector would look through them again and again and find
    nothing. `import sentence_transformers` and `import gradio` take about a tenth less processor time without it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def putting_off(module: str, function: str) -> Iterator[None]:
    """Let others import `function` from `module`, which is imported only when the function is called.

    What else they want of the module, or of the package it is in, they do not find: an ImportError. A module that is
    here already stays. No other thread must import it at the same time.
    """
    names = (module.partition(".")[0], module)
    if sys.modules.keys() & names:
        yield
        return
    for name in names:
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__spec__ = ModuleSpec(name, None)
    setattr(sys.modules[module], function, _put_off(module, function))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


@contextmanager
def as_if_not_installed(name: str) -> Iterator[None]:
    """Let nobody find a module that is not loaded yet, for libraries that do without it.

    No other thread must import it at the same time.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # what "not there" is: docs.python.org/3/reference/import
    try:
        yield
    finally:
        del sys.modules[name]


def _put_off(module: str, function: str) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(module), function)(*arguments, **options)

    return call
