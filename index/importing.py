"""Imports of large libraries, without what makes them longer. Knows no library."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
