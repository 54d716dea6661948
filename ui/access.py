"""Who may use a server that others can reach: users with passwords, programs with tokens, in one file of their own.

Passwords are kept as scrypt hashes (RFC 7914) with the parameters of OWASP's Password Storage Cheat Sheet for 32 MiB;
tokens, which are 256 random bits and cannot be guessed, as SHA-256. Nothing here is ever printed but a new token.
"""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.errors import PinciteError
from rag.settings import config_path

COST, BLOCK, PARALLEL = 2**15, 8, 3
MEMORY = 2 * 128 * COST * BLOCK
"""Bytes that scrypt may take: twice what it needs."""
FEWEST_CHARACTERS = 8
MOST_CHARACTERS = 1_000
LONGEST_NAME = 64


class AccessError(PinciteError):
    """The file of users cannot be used, or a name or password cannot be taken."""


@dataclass(frozen=True, slots=True)
class Access:
    """Users and tokens, by their names."""

    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nobody can log in."""
        return not (self.users or self.tokens)

    def with_user(self, name: str, password: str) -> "Access":
        """Return it with a user, or with a user's new password. Raises: AccessError."""
        _check_name(name)
        if not FEWEST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
            raise AccessError(f"the password has {len(password)} characters: it needs {FEWEST_CHARACTERS} or more")
        return replace(self, users={**self.users, name: hash_password(password)})

    def with_token(self, name: str) -> tuple["Access", str]:
        """Return it with a token, and the token itself, which is kept nowhere. Raises: AccessError."""
        _check_name(name)
        if name in self.tokens:
            raise AccessError(f"there is a token called {name}: remove it first, or use another name")
        token = f"pincite_{secrets.token_urlsafe(32)}"
        return replace(self, tokens={**self.tokens, name: _digest(token)}), token

    def without_user(self, name: str) -> "Access":
        """Return it without a user. Raises: AccessError."""
        return replace(self, users=_without(self.users, name, "user"))

    def without_token(self, name: str) -> "Access":
        """Return it without a token. Raises: AccessError."""
        return replace(self, tokens=_without(self.tokens, name, "token"))

    def is_password(self, name: str, password: str) -> bool:
        """Tell whether it is this user's password; a name that is not known takes as long. About 0.2 seconds."""
        known = self.users.get(name)
        return is_hash_of(known or _NOBODY, password[:MOST_CHARACTERS]) and known is not None

    def is_token(self, token: str) -> bool:
        """Tell whether it is a token of anybody."""
        digest = _digest(token)
        return any(hmac.compare_digest(digest, known) for known in self.tokens.values())


class AccessFile:
    """The file that holds them, read again when it changes: who is removed is out at once. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int], Access] | None = None

    def load(self) -> Access:
        """Return who may use the server now. Raises: AccessError."""
        try:
            status = self.path.stat()
            state = (status.st_mtime_ns, status.st_size)
            if self._read is None or self._read[0] != state:
                self._read = (state, _parsed(self.path.read_text(encoding="utf-8"), self.path))
        except FileNotFoundError:
            return Access()
        except OSError as error:
            raise AccessError(f"the users in {self.path} cannot be read: {error.strerror}") from error
        return self._read[1]

    def save(self, access: Access) -> None:
        """Write it, readable by nobody else; a crash leaves the old file or the new one. Raises: AccessError."""
        text = json.dumps({"users": access.users, "tokens": access.tokens}, indent=2)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)  # made with mode 0600
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(self.path)
        except OSError as error:
            raise AccessError(f"the users in {self.path} cannot be written: {error.strerror}") from error


def access_file() -> AccessFile:
    """Return the file of users and tokens, which lies beside the settings."""
    return AccessFile(config_path().with_name("access.json"))


def hash_password(password: str) -> str:
    """Return the hash with its parameters and salt."""
    salt = secrets.token_bytes(16)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${_scrypt(password, salt, COST, BLOCK, PARALLEL).hex()}"


def is_hash_of(stored: str, password: str) -> bool:
    """Tell whether `stored` was made from this password."""
    _, cost, block, parallel, salt, digest = stored.split("$")
    made = _scrypt(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(made.hex(), digest)


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    text = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY)


_NOBODY = f"scrypt${COST}${BLOCK}${PARALLEL}${'00' * 16}${'00' * 64}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _check_name(name: str) -> None:
    if not (name.strip() == name and name.isprintable() and 0 < len(name) <= LONGEST_NAME):
        raise AccessError(f"{name[:LONGEST_NAME]!r} is no name: use up to {LONGEST_NAME} letters, digits and signs")


def _without(known: Mapping[str, str], name: str, kind: str) -> dict[str, str]:
    if name not in known:
        raise AccessError(f"there is no {kind} called {name}: pincite {kind} list says who there is")
    return {other: value for other, value in known.items() if other != name}


def _parsed(text: str, path: Path) -> Access:
    try:
        stored = json.loads(text)
        return Access(dict(stored["users"]), dict(stored["tokens"]))
    except (ValueError, KeyError, TypeError) as error:
        raise AccessError(f"the users in {path} cannot be read: mend the file, or remove it and begin anew") from error
