"""Does llama.cpp work on this machine? Answered by a first decode in a process of its own.

A build for another processor dies of SIGILL, and some builds only on quantised weights: no exception tells,
so the try is made where nothing is lost. `python -m rag.generators.selftest` prints one line and exits 0 or 1.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from rag.errors import GeneratorError
from rag.generators.llama_library import INSTALL

_CHILD = "--decode"
_COMMAND = (sys.executable, "-m", "rag.generators.selftest", _CHILD)
_ROOT = Path(__file__).parents[2]
_TIMEOUT_SECONDS = 120
_QUANTISATIONS = ("Q8_0", "Q4_0")
_TEXT = "The quick brown fox jumps over the lazy dog. " * 4
_REINSTALL = (
    'reinstall it with CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON '
    '-DLLAVA_BUILD=OFF" pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python '
    "(see README)"
)


def check_llama(command: Sequence[str] = _COMMAND) -> str:
    """Let llama.cpp decode quantised weights in a process of its own; return one line on what works.

    `command` starts that process: it prints the line, and on failure the reason last on its stderr.

    Raises: GeneratorError, with the reason and the next step.
    """
    if find_spec("llama_cpp") is None:
        raise GeneratorError(f"llama-cpp-python is not installed: run `{INSTALL}`")
    try:
        child = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise GeneratorError(f"llama.cpp decoded nothing in {_TIMEOUT_SECONDS} seconds: {_REINSTALL}") from error
    if child.returncode == 0:
        return child.stdout.strip()
    if child.returncode < 0:
        raise GeneratorError(_killed(signal.Signals(-child.returncode)))
    raise GeneratorError(_last_line(child.stderr) or f"llama.cpp failed (exit code {child.returncode}): {_REINSTALL}")


def main(arguments: Sequence[str]) -> int:
    """Run the check, or with `--decode` be the process that tries; return the exit code."""
    try:
        print(decode_quantised() if _CHILD in arguments else check_llama())
    except GeneratorError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def decode_quantised() -> str:
    """Decode with tiny random models in this process; return one line on what was decoded.

    Raises: GeneratorError. A build for another processor ends the process.
    """
    with tempfile.TemporaryDirectory() as directory:
        for weights in _QUANTISATIONS:
            _decode(Path(directory) / f"{weights}.gguf", weights)
    return f"llama-cpp-python {metadata.version('llama-cpp-python')} decodes {' and '.join(_QUANTISATIONS)}"


def _decode(path: Path, weights: str) -> None:
    from rag.generators.chat import Piece
    from rag.generators.constraint import AnyToken
    from rag.generators.llama_model import LlamaModel
    from rag.generators.random_gguf import write_random_gguf
    from rag.generators.sampling import sample

    model = LlamaModel(write_random_gguf(path, weights=weights), context=512)
    try:
        prompt = model.tokens([Piece(_TEXT, from_template=True)])
        for _ in sample(model, prompt, max_tokens=4, constraint=lambda: AnyToken(model.vocabulary_size)):
            pass
    finally:
        model.close()


def _killed(by: signal.Signals) -> str:
    if by == signal.SIGILL:
        return f"llama-cpp-python was built for another processor (killed by {by.name}): {_REINSTALL}"
    return f"llama-cpp-python crashed on a tiny model (killed by {by.name}): {_REINSTALL}"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
