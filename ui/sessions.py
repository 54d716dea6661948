"""Who is logged in, in memory: a session ends after some hours, with the server, and when its user is changed."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ui.access import Access

HOURS = 12
SECONDS = HOURS * 3600


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    password_hash: str
    ends: float


class Sessions:
    """Sessions by their keys, which nobody can guess. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, access: Access) -> str:
        """Return the key of a new session for a user whose password was right."""
        key, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._sessions = {other: session for other, session in self._sessions.items() if session.ends > now}
            self._sessions[key] = _Session(name, access.users[name], now + SECONDS)
        return key

    def user(self, key: str, access: Access) -> str | None:
        """Return whose session it is; None where it is over, or its user gone or with another password by now."""
        session = self._sessions.get(key)
        if session is None or session.ends <= self._clock():
            return None
        return session.name if access.users.get(session.name) == session.password_hash else None

    def end(self, key: str) -> None:
        """End a session; nothing happens where there is none."""
        with self._lock:
            self._sessions.pop(key, None)
