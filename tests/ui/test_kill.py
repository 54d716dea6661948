"""Ended in the middle of an answer, or started without the memory it needs: nothing is lost, and a line says why."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_server import Scripted, event, serving
from test_cli import QUESTION, ROOT, SEEDS, SENTENCE

from rag.generators.random_gguf import Vocabulary, write_random_gguf

PINCITE = [sys.executable, "-c", "from ui.cli import main; main()"]
MOMENTS = (1.0, 4.0)
"""Seconds after the start: while it imports, loads or writes, whether the machine is fast or slow."""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start a command on a library that holds the seeds."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINCITE_", "XDG_"))}

    def start(*arguments: str, context: int = 4096, **options: Any) -> "subprocess.Popen[str]":
        own = {"HOME": str(home), "PINCITE_LIBRARY": str(home / "library"), "PINCITE_CONTEXT": str(context)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([*PINCITE, *arguments], cwd=ROOT, env={**kept, **own}, **pipes, **options)

    assert ended(start("add", SEEDS)) == (0, "1 added\n", "")
    return start


def ended(running: "subprocess.Popen[str]") -> tuple[int, str, str]:
    output, errors = running.communicate(timeout=300)
    return running.returncode, output, errors


def killed(running: "subprocess.Popen[str]") -> int:
    running.kill()
    running.communicate()
    return running.returncode


def test_questions_that_are_killed_leave_all_as_it_was(
    start: Start, tmp_path: Path, tiny_vocabulary: Vocabulary
) -> None:
    asked = threading.Event()

    def slow(question: Scripted) -> None:
        question.begin()
        question.say(event("Asif "))
        asked.set()
        question.wait_until_the_reader_is_gone(seconds=60)

    with serving(slow) as (url, told):
        running = start("ask", "--server", url, QUESTION)
        assert asked.wait(120)
        assert killed(running) == -signal.SIGKILL
        assert told.gone.wait(10), "the server is let go as well"
    model = str(write_random_gguf(tmp_path / "long.gguf", tiny_vocabulary, context=32768))
    for moment in MOMENTS:
        running = start("ask", "--model", model, QUESTION, context=32768)
        time.sleep(moment)
        assert killed(running) in (-signal.SIGKILL, 0, 3)

    assert ended(start("verify"))[0] == 0
    assert ended(start("add", SEEDS)) == (0, "1 unchanged\n", "")
    code, output, errors = ended(start("ask", "--model", "none", QUESTION))
    assert (code, errors) == (0, "")
    assert SENTENCE in " ".join(output.split())


def test_a_server_that_dies_in_the_middle_of_an_answer_is_told_in_one_line(start: Start) -> None:
    def dies(question: Scripted) -> None:
        question.begin()
        question.say(event("Asif "))
        question.close_connection = True

    with serving(dies) as (url, _):
        code, _, errors = ended(start("ask", "--server", url, QUESTION))

    assert (code, errors) == (1, f"pincite: {url}/v1 broke off in the middle of an answer: ask again\n")


def test_a_model_that_memory_does_not_hold_is_refused_in_one_line(
    start: Start, tmp_path: Path, tiny_vocabulary: Vocabulary
) -> None:
    model = write_random_gguf(tmp_path / "wide.gguf", tiny_vocabulary, context=2**22)
    limited = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))}
    code, output, errors = ended(start("ask", "--model", str(model), QUESTION, context=2**22, **limited))

    assert (code, output) == (1, "")
    [line] = errors.splitlines()
    assert line.startswith(f"pincite: {model} needs about 17.0 GiB of memory (model 0.0 GiB, context of 4,194,304")
    assert line.endswith("are available: close other programs, set a smaller context or choose a smaller model")
