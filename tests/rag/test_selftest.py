"""The self-test of llama.cpp: a decode in another process, and what is said when that process dies."""

import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import GeneratorError
from rag.generators.selftest import check_llama

ROOT = Path(__file__).parents[2]
MODULE = "rag.generators.selftest"


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def killed_by(signal: str) -> tuple[str, ...]:
    return python(f"import os, signal; os.kill(os.getpid(), signal.{signal})")


def test_quantised_weights_are_decoded_here() -> None:
    assert check_llama().endswith(" decodes Q8_0 and Q4_0")


def test_the_command_prints_one_line() -> None:
    done = subprocess.run([sys.executable, "-m", MODULE], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{check_llama()}\n"


def test_a_build_for_another_processor_costs_one_clear_line() -> None:
    expected = r"^llama-cpp-python was built for another processor \(killed by SIGILL\): reinstall it with CMAKE_ARGS="

    with pytest.raises(GeneratorError, match=expected) as caught:
        check_llama(killed_by("SIGILL"))
    assert len(str(caught.value).splitlines()) == 1


def test_another_crash_names_its_signal() -> None:
    with pytest.raises(
        GeneratorError, match=r"^llama-cpp-python crashed on a tiny model \(killed by SIGSEGV\): reinst"
    ):
        check_llama(killed_by("SIGSEGV"))


def test_a_reason_the_process_gives_is_passed_on() -> None:
    with pytest.raises(GeneratorError, match=r"^the reason$"):
        check_llama(python("import sys; sys.exit('noise\\nthe reason')"))


def test_a_process_that_fails_without_a_word_is_reported_by_its_exit_code() -> None:
    with pytest.raises(GeneratorError, match=r"^llama.cpp failed \(exit code 3\): reinstall"):
        check_llama(python("import sys; sys.exit(3)"))


def test_without_llama_cpp_the_command_to_install_it_is_named() -> None:
    program = (
        "import runpy, sys; sys.modules['llama_cpp'] = None\n"
        f"sys.argv[1:] = []; runpy.run_module('{MODULE}', run_name='__main__')"
    )
    done = subprocess.run(python(program), cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "llama-cpp-python is not installed: run `pip install llama-cpp-python`\n"
