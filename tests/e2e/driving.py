"""A real server in a process of its own, for tests to drive."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

from index.library import Library

SEEDS = Path(__file__).parents[2] / "seeds"
SECONDS_TO_START = 120


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from ui.cli import main; main()", *map(str, arguments)]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment_of(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a person who has set nothing but `settings`: no models, choices or caches of ours."""
    told = ("PINCITE_", "XDG_", "HF_", "HUGGINGFACE_", "OLLAMA_", "LLAMA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    return {**kept, "HOME": str(home), "OLLAMA_MODELS": str(home / "ollama"), **settings}


class Server:
    """A server's process, with a library and an environment of its own. Its output is kept."""

    def __init__(self, command: list[str], url: str, library: Path, environment: dict[str, str]) -> None:
        self.url, self._library, self._log = url, library, library.with_name("log.txt")
        self._command, self._environment = command, environment
        self.begin()

    def begin(self) -> None:
        """Start it, with what it was started with at first."""
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=SEEDS.parent,
                env=self._environment,
            )

    def wait_until_up(self, path: str = "/") -> None:
        started = monotonic()
        while self._process.poll() is None and monotonic() - started < SECONDS_TO_START:
            try:
                with urllib.request.urlopen(self.url + path, timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                sleep(0.2)
        raise AssertionError(f"the server did not start:\n{self.output()}")

    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def renew(self) -> None:
        """Take out of its library all but the seeds: uploads, and what was asked."""
        with Library.open(self._library) as library:
            for document in library.documents():
                if Path(document.source).parent != SEEDS:
                    library.remove(document.id)
            for conversation in library.conversations().all():
                library.conversations().delete(conversation.id)
            assert [Path(document.source).parent for document in library.documents()] == [SEEDS]
            assert library.conversations().all() == ()

    def kill(self) -> None:
        """End it at once, without a chance to tidy up."""
        self._process.kill()
        self._process.wait(timeout=30)

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
