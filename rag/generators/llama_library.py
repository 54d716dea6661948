"""Imports llama.cpp once for the process: calm threads, and a log that is kept instead of printed."""

import ctypes
import sys
from collections import deque
from functools import cache
from typing import Any

from index.threads import calm_openmp
from rag.errors import GeneratorError

INSTALL = "pip install llama-cpp-python"
_ERROR = 4
"""GGML_LOG_LEVEL_ERROR of ggml.h."""
_complaints: deque[str] = deque(maxlen=20)
"""The latest error lines: llama.cpp has one log for the whole process."""


@cache
def llama_library() -> Any:
    """Return the module `llama_cpp`, ready for use. Its types are incomplete, hence Any.

    Raises: GeneratorError, where it is not installed or cannot be loaded.
    """
    calm_openmp()
    try:
        import llama_cpp
    except ImportError as error:
        raise GeneratorError(f"llama-cpp-python is not installed: run `{INSTALL}`") from error
    except (OSError, RuntimeError) as error:
        raise GeneratorError(f"llama-cpp-python cannot be loaded ({error}): reinstall it, see README") from error
    llama_cpp.llama_log_set(_keep_complaint(), ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    return llama_cpp


def forget_complaints() -> None:
    """Start anew, so that `latest_complaint` speaks of what comes next."""
    _complaints.clear()


def latest_complaint() -> str:
    """Return the reason llama.cpp gave for the last failure, in one line."""
    reasons = [line.rpartition("error loading model: ")[2] for line in _complaints]
    return reasons[0] if reasons else "llama.cpp gives no reason"


@cache
def abort_check() -> Any:
    """Return the C function that llama.cpp asks whether to abort, given the address of a string: `strlen`.

    It asks hundreds of times a token. A Python function would wait for the interpreter's lock each time;
    strlen does not: it says no (0) while the string is empty. Measured on 2 cores beside one busy Python
    thread, 8 layers of a 0.5B shape in Q8_0: 17.0 tokens a second with strlen, 8.9 with a Python function.
    """
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, llama_library().ggml_abort_callback)


@cache
def _keep_complaint() -> Any:
    from llama_cpp import llama_log_callback

    def keep(level: int, text: bytes, _: int | None) -> None:
        if level == _ERROR and text.strip():
            _complaints.append(" ".join(text.decode("utf-8", "replace").split()))

    return llama_log_callback(keep)
