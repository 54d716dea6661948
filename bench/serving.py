"""A real server for a benchmark: `pincite serve` in a process and a home of its own, without a model."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PINCITE = (sys.executable, "-m", "ui.cli")
SECONDS_TO_START = 300


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and the environment in which the commands of its owner run."""

    address: str
    pid: int
    variables: dict[str, str]


@contextmanager
def serving(home: Path, *documents: Path) -> Iterator[Server]:
    """Yield a server of these documents, or of the library in `home`; what it prints goes to a file there."""
    folders = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(home))
    variables = {**os.environ, **folders}
    command = [*PINCITE, "serve", *map(str, documents), "--no-browser", "--model", "none", "--port", "7900"]
    with (home / "said.txt").open("wb") as said:
        server = subprocess.Popen(command, env=variables, stdout=said, stderr=said)
    try:
        yield Server(_address(home / "said.txt", server), server.pid, variables)
    finally:
        server.terminate()
        server.wait()


def _address(said: Path, server: subprocess.Popen[bytes]) -> str:
    """Wait until the server says where it is."""
    for _ in range(10 * SECONDS_TO_START):
        if found := re.search(r"Pincite is at (http://\S+)", said.read_text(encoding="utf-8")):
            return found[1]
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"the server did not start: {said.read_text(encoding='utf-8')}")
