"""Imports of large libraries, without what makes them longer. Knows no library."""

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@contextmanager
def importing() -> Iterator[None]:
    """Keep Python's collector of cyclic garbage still, and from ever looking at what there is at the end.

    A large library makes a million objects that stay; the collector would look through them again and again and find
    nothing. `import sentence_transformers` and `import gradio` take about a tenth less processor time without it. When
    the program ends it would take the million apart, for 1.7 s of the processor's time with both.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Have Ctrl-C wait for the end of the block.

    In the midst of an import it may come within a finaliser; Python then prints it, forgets it, and goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        signal.raise_signal(signal.SIGINT)


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


@contextmanager
def putting_off_all_of(module: str) -> Iterator[None]:
    """Let others take functions and classes of `module`, which is imported only when one of them is called.

    Whoever imports the module as a whole has it imported with the first name asked of it after the block. A module
    that is here already stays. No other thread must import it at the same time.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = _Later(module)
    try:
        yield
    finally:
        del sys.modules[module]


class _Later(ModuleType):
    """Stands for a module that is not imported yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{self.__name__} is not imported yet, and so has no {name}")
        if sys.modules.get(self.__name__) is self:
            return _put_off(self.__name__, name)
        return getattr(import_module(self.__name__), name)
