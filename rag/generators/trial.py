"""Does llama.cpp survive this model? Tried once for each file, in a process of its own.

llama.cpp checks much of a model by assertions that end the process, and so does the system where memory runs out or
an instruction is missing: no exception tells. A header cannot show all of it. So a model is loaded, and decodes two
tokens, where nothing is lost but that process; a file that did is not tried again until it changes.
`python -m rag.generators.trial FILE CONTEXT THREADS` is that process.
"""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import platformdirs

from rag.errors import GeneratorError, ModelError
from rag.generators.file_state import state_of

_COMMAND = (sys.executable, "-m", "rag.generators.trial")
_ROOT = Path(__file__).parents[2]
_TIMEOUT_SECONDS = 600
"""Enough for the largest model from a slow disk."""
_TEXT = "The ferry leaves at 07:40. Él dijo: “sí” 👍🏽 国防 <|im_end|>\n"
_ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""What a person sends, not what llama.cpp dies of."""


def check_survives(path: Path, context: int, threads: int, command: Sequence[str] = _COMMAND) -> None:
    """Refuse a model file that ends the process that loads it, with a context of so many tokens.

    `threads` 0 stands for the physical cores; `command` starts the process that tries.

    Raises: ModelError. What a model is refused for with a reason is left to whoever loads it next.
    """
    mark = _mark(path, context)
    if mark.exists():
        return
    started = [*command, str(path.absolute()), str(context), str(threads)]
    environment = {**os.environ, "GGML_NO_BACKTRACE": "1"}  # it would be a debugger's work of seconds
    try:
        child = subprocess.run(
            started,
            cwd=_ROOT,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{path} was not loaded in {_TIMEOUT_SECONDS} seconds: choose a smaller model") from error
    if child.returncode not in (0, 1):
        raise ModelError(f"{path} {_ended_by(child.returncode, child.stderr)}")
    if child.returncode == 0:
        with suppress(OSError):  # it is tried again then
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()


def _mark(path: Path, context: int) -> Path:
    """Return the empty file that stands for a trial passed."""
    passed = f"{state_of(path)} {context} {metadata.version('llama-cpp-python')}"
    cache = Path(platformdirs.user_cache_dir("pincite", appauthor=False))
    return cache / "tried" / hashlib.sha256(passed.encode()).hexdigest()[:24]


def _ended_by(code: int, complaints: str) -> str:
    name = signal.Signals(-code).name if -code in signal.valid_signals() else f"exit code {code}"
    if name in _ENDS:
        return f"was not tried to its end ({name}): ask again"
    if name == "SIGKILL":
        return (
            "was ended by the system while it loaded, as it is where memory runs out (SIGKILL): "
            "close other programs, set a smaller context or choose a smaller model"
        )
    if name == "SIGILL":
        return "needs an instruction that this processor lacks (SIGILL): run pincite doctor"
    asserted = next((line for line in complaints.splitlines() if "GGML_ASSERT" in line), "")
    reason = " ".join(asserted.partition("GGML_ASSERT")[2].split())[:120]
    return f"crashes llama.cpp ({name}{' at ' + reason if reason else ''}): download it again or choose another model"


def main(arguments: Sequence[str]) -> int:
    """Load and decode; return 0, or 1 where the model is refused with a reason."""
    path, context, threads = arguments
    try:
        _try(Path(path), int(context), int(threads))
    except GeneratorError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _try(path: Path, context: int, threads: int) -> None:
    from rag.generators.chat import Piece
    from rag.generators.constraint import AnyToken
    from rag.generators.llama_model import LlamaModel
    from rag.generators.sampling import sample

    model = LlamaModel(path, context, threads)
    for token in range(model.vocabulary_size):
        model.bytes_of(token)
    prompt = model.tokens([Piece(_TEXT, from_template=False), Piece(_TEXT, from_template=True)])
    for _ in sample(model, prompt, 2, lambda: AnyToken(model.vocabulary_size)):
        pass
    model.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
