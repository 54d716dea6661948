"""Nothing leaves the machine: the whole way from a file to a cited answer, with the network cut off and watched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SENTENCE = "They should arrange for the return of refugees and ensure that illegals do not come from there"
PINCITE = str(Path(sys.executable).with_name("pincite"))
ASK = [PINCITE, "ask", "--documents", "seeds/", "What did Asif say about refugees?"]

GUARD = '''
"""Loaded by every Python process that has this folder on its path: notes each look-up and connection elsewhere."""

import ipaddress
import os
import sys


def _is_here(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        with open(os.environ["GUARD_LOG"], "a", encoding="utf-8") as log:
            print(event, host, file=log)
        raise ConnectionError(f"{event} {host}: nothing may leave this machine")


sys.addaudithook(_watch)
'''


def _can_cut_off() -> bool:
    """Whether this user may make a network namespace, which has no way out."""
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode == 0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An empty home, so that nothing was downloaded or indexed before; `sitecustomize` watches the sockets."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard/sitecustomize.py").write_text(GUARD, encoding="utf-8")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(tmp_path / "guard"),
        "GUARD_LOG": str(tmp_path / "attempts"),
    }


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.skipif(not _can_cut_off(), reason="network namespaces are not allowed here")
def test_the_question_is_answered_with_the_network_cut_off(environment: dict[str, str]) -> None:
    del environment["PYTHONPATH"]
    done = _run(["unshare", "-rn", *ASK], environment)

    assert done.returncode == 0, done.stderr
    assert SENTENCE in " ".join(done.stdout.split())


def test_no_connection_to_elsewhere_is_even_attempted(environment: dict[str, str], tmp_path: Path) -> None:
    done = _run(ASK, environment)

    assert done.returncode == 0, done.stderr
    assert SENTENCE in " ".join(done.stdout.split())
    assert not (tmp_path / "attempts").exists(), (tmp_path / "attempts").read_text(encoding="utf-8")


def test_the_guard_sees_an_attempt(environment: dict[str, str], tmp_path: Path) -> None:
    """Otherwise the test above could never fail. 192.0.2.1 is reserved for documentation (RFC 5737)."""
    done = _run([sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 9), 1)"], environment)

    assert done.returncode == 1
    assert "192.0.2.1" in (tmp_path / "attempts").read_text(encoding="utf-8")
