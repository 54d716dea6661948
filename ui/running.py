"""Asks the running server of a library, so that a command need load no model. Imports nothing heavy.

Nothing is sent to another machine, nor to a server that has not proved to be the library's own (`ui.announcement`).
"""

import hmac
import json
import secrets
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import PinciteError
from index.types import EVERYTHING, Scope
from rag.manner import NO_WISHES, Wishes
from rag.plain import plain, restored
from rag.types import Answer, State, Turn
from ui.announcement import Announcement, find_announcement, proof, way_of_answering

if TYPE_CHECKING:
    from rag.settings import Settings

PATH = "/terminal"
SECONDS_TO_PROVE = 2
"""A server that is stopped or overloaded is not waited for longer: reading the libraries takes about as long."""
_BYTES_OF_PROOF = 64


class ServerLost(Exception):
    """The server that was answering is gone; the answer has to come from elsewhere."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a command sends it."""

    question: str
    way: str
    """The digest of the settings by which the command itself would answer."""
    folder: str
    """Where the command was typed, which paths may be relative to."""
    scope: Scope = EVERYTHING
    documents: tuple[str, ...] = ()
    """Names that the scope is narrowed down to."""
    history: tuple[Turn, ...] = ()
    wishes: Wishes = NO_WISHES
    """What the command's options and environment say."""


def ask_running(
    settings: "Settings",
    question: str,
    scope: Scope = EVERYTHING,
    documents: tuple[str, ...] = (),
    history: tuple[Turn, ...] = (),
    wishes: Wishes = NO_WISHES,
) -> Generator[Answer, None, None] | None:
    """Return the answer of the library's running server as it grows; None where none runs that answers alike.

    It is what this process would yield with these settings. Closing the iterator stops the server's work. Its items
    raise PinciteError as the server's did, and ServerLost where it went away before the end.
    """
    found = find_announcement(settings.library)
    if found is None:
        return None
    way = way_of_answering(found.key, settings)
    asked = Asked(question, way, str(Path.cwd()), scope, documents, history, wishes)
    connection = HTTPConnection(found.host, found.port, timeout=SECONDS_TO_PROVE)
    with suppress(OSError, HTTPException):
        if _is_proved(connection, found, settings.library):
            reply = _reply(connection, found, asked)
            if reply.status == 200:
                return _answers(connection, reply)
    connection.close()
    return None


def _is_proved(connection: HTTPConnection, found: Announcement, directory: Path) -> bool:
    """Tell whether who is connected is the library's own server. Raises: OSError, HTTPException."""
    connection.connect()
    connection.auto_open = False  # what is sent later goes to the same process or nowhere
    challenge = secrets.token_hex(16)
    connection.request("GET", f"{PATH}?challenge={challenge}")
    reply = connection.getresponse()
    answered = reply.read(_BYTES_OF_PROOF)
    reply.read(1)
    return reply.status == 200 and hmac.compare_digest(answered, proof(found.key, challenge, directory).encode())


def _reply(connection: HTTPConnection, found: Announcement, asked: Asked) -> HTTPResponse:
    """Return what the server begins to reply. Raises: OSError, HTTPException."""
    if connection.sock:
        connection.sock.settimeout(None)  # an answer may take minutes
    headers = {"Authorization": f"Bearer {found.key}", "Content-Type": "application/json"}
    connection.request("POST", PATH, json.dumps(plain(asked)), headers)
    return connection.getresponse()


def _answers(connection: HTTPConnection, reply: HTTPResponse) -> Generator[Answer, None, None]:
    """Yield the answers of a reply to its end."""
    state = State.EVIDENCE
    try:
        for event in _events(reply):
            if "error" in event:
                raise PinciteError(event["error"])
            answer = restored(Answer, event["answer"])
            state = answer.state
            yield answer
    except (OSError, HTTPException, ValueError, TypeError, KeyError) as error:
        raise ServerLost from error
    finally:
        reply.close()
        connection.close()
    if state not in (State.DONE, State.STOPPED):
        raise ServerLost


def _events(reply: HTTPResponse) -> Iterator[dict[str, Any]]:
    for line in reply:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))
