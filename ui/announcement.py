"""How a running server is found by the commands of the same person: a small file in the library's folder.

It says where the server listens on this machine, and holds a key that is made anew with each start and serves for
nothing else. Who holds the key can read the file: the person who started the server. A server proves that it is the one
that wrote the file, and that it serves this library, before it is sent anything: a port is free for all after a crash,
and a library's folder can be copied. Knows no HTTP, and imports nothing heavy.
"""

import hmac
import json
import os
import secrets
import socket
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from rag.manner import Manner
from rag.plain import plain, restored

if TYPE_CHECKING:
    from rag.settings import Settings

FILE = "server.json"
_UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a server that listens at every address is reached on its own machine."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where a server is reached on this machine, and what it is told by."""

    host: str
    port: int
    key: str = field(repr=False)


def announce(directory: Path, listener: socket.socket) -> Announcement | None:
    """Announce the server that listens there as that of the library in `directory`, until `withdraw`.

    Returns None where it cannot be reached at an address that never leaves this machine, or where the folder cannot be
    written to: then commands do without it.
    """
    announcement = _reached_at(listener)
    return announcement if announcement and _write(directory, announcement) else None


def withdraw(directory: Path, announcement: Announcement) -> None:
    """Remove the file, unless another server has announced itself meanwhile."""
    if find_announcement(directory) == announcement:
        with suppress(OSError):
            (directory / FILE).unlink()


def find_announcement(directory: Path) -> Announcement | None:
    """Return what a server left in a library's folder, which may be gone by now; None where there is nothing to trust.

    A file of another person, or one that others can read or write, is not trusted: whoever wrote it would get the
    question and make up the answer.
    """
    try:
        with (directory / FILE).open(encoding="utf-8") as file:
            found = restored(Announcement, json.load(file)) if _is_own(file.fileno()) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found and is_loopback(found.host) and 0 < found.port < 2**16 else None


def proof(key: str, challenge: str, directory: Path) -> str:
    """Return what only a server with this key and this library can answer to a challenge."""
    return digest(key, f"serves {challenge} {directory.resolve()}")


def way_of_answering(key: str, settings: "Settings") -> str:
    """Return a digest of all in the settings that an answer depends on, apart from the library and the question.

    Raises: SettingsError.
    """
    model = str(settings.model.resolve()) if settings.model and not settings.server else ""
    server = (settings.server, settings.server_model, settings.server_key) if settings.server else ()
    rest = (settings.embedder, settings.context, settings.evidence_tokens, settings.reranker)
    return digest(key, json.dumps([model, server, rest, plain(_manner_of_file())]))


def digest(key: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text, in hexadecimal."""
    return hmac.new(key.encode(), text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _manner_of_file() -> Manner:
    """Return how answers are wanted by config.toml: what a command's environment says comes with its question."""
    from rag.settings import load_settings

    return load_settings({}).manner


def is_loopback(host: str) -> bool:
    """Tell whether a number is an address that never leaves this machine; a name is none."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reached_at(listener: socket.socket) -> Announcement | None:
    address, port = listener.getsockname()[:2]
    host = _UNSPECIFIED.get(address, address)
    return Announcement(host, port, secrets.token_urlsafe(32)) if is_loopback(host) else None


def _write(directory: Path, announcement: Announcement) -> bool:
    """Write the file, readable by nobody else; return whether it could be written."""
    try:
        handle, name = tempfile.mkstemp(dir=directory, prefix=FILE)  # made with mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(plain(announcement), file)
        Path(name).replace(directory / FILE)
    except OSError:
        return False
    return True


def _is_own(handle: int) -> bool:
    """Tell whether an open file is a plain one that this person alone can read and write."""
    status = os.fstat(handle)
    if os.name == "nt":  # permissions are those of the folder there
        return stat.S_ISREG(status.st_mode)
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
