"""Conversations, kept in the library's database: their titles, and each question with what it was answered.

An answer is text to this module (JSON, written and read by `rag.conversation`). Everybody has conversations of their
own: `owner` is "" where nobody logs in.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from index.database import Database
from index.errors import NotInLibrary

TITLE_CHARACTERS = 80
CONVERSATIONS = """
    SELECT id, title, changed_at, (SELECT count(*) FROM turns WHERE conversation_id = conversations.id) AS turns
    FROM conversations WHERE owner = ?
"""
HOLDS = """
    AND (instr(folded, ?) OR EXISTS (
        SELECT 1 FROM turns WHERE conversation_id = conversations.id AND instr(words, ?)
    ))
"""
NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation, as a list shows it."""

    id: str
    title: str
    changed_at: str
    """UTC, ISO 8601, whole seconds."""
    turns: int


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question and what it was answered, as it was written."""

    id: int
    asked_at: str
    answer: str


def owners(database: Database) -> tuple[str, ...]:
    """Return who has conversations, in order; "" is nobody who logged in."""
    return tuple(owner for (owner,) in database.query("SELECT DISTINCT owner FROM conversations ORDER BY owner", ()))


class Conversations:
    """The conversations of one owner. Thread-safe."""

    def __init__(self, database: Database, owner: str = "") -> None:
        self._database = database
        self._owner = owner

    def all(self, search: str = "") -> tuple[Conversation, ...]:
        """Return the conversations that hold each word of `search`, the one changed last first."""
        words = search.casefold().split()
        query = f"{CONVERSATIONS} {HOLDS * len(words)} ORDER BY changed_at DESC, rowid DESC"
        rows = self._database.query(query, (self._owner, *(word for word in words for _ in range(2))))
        return tuple(Conversation(*row) for row in rows)

    def find(self, id_: str) -> Conversation:
        """Return a conversation. Raises: NotInLibrary."""
        rows = self._database.query(f"{CONVERSATIONS} AND id = ?", (self._owner, id_))
        if not rows:
            raise NotInLibrary(f"there is no conversation {id_}: pincite conversations lists them")
        return Conversation(*rows[0])

    def turns(self, id_: str) -> tuple[StoredTurn, ...]:
        """Return a conversation's turns, in order. Raises: NotInLibrary."""
        self.find(id_)
        query = "SELECT id, asked_at, answer FROM turns WHERE conversation_id = ? ORDER BY id"
        return tuple(StoredTurn(*row) for row in self._database.query(query, (id_,)))

    def begin(self, title: str) -> str:
        """Begin a conversation and return its id."""
        id_ = secrets.token_hex(6)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO conversations (id, owner, title, folded, begun_at, changed_at)"
                f" VALUES (?, ?, ?, ?, {NOW}, {NOW})",
                (id_, self._owner, _title(title), _title(title).casefold()),
            )
        return id_

    def add(self, id_: str, answer: str, words: Sequence[str]) -> int:
        """Add a turn and return its number; `words` are the texts that it is found by. Raises: NotInLibrary."""
        self.find(id_)
        with self._database.transaction() as connection:
            query = f"INSERT INTO turns (conversation_id, asked_at, answer, words) VALUES (?, {NOW}, ?, ?)"
            turn = int(connection.execute(query, (id_, answer, _folded(words))).lastrowid or 0)
            _touch(connection, id_)
        return turn

    def write(self, id_: str, turn: int, answer: str, words: Sequence[str]) -> None:
        """Put an answer in the place of a turn's earlier one; nothing happens where the turn is gone by now."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE turns SET answer = ?, words = ? WHERE id = ? AND conversation_id = ?",
                (answer, _folded(words), turn, id_),
            )
            _touch(connection, id_)

    def cut(self, id_: str, first: int, before: int = 2**62) -> None:
        """Remove the turns from `first` on up to `before`; a conversation without turns goes, too.

        Raises: NotInLibrary.
        """
        self.find(id_)
        with self._database.transaction() as connection:
            query = "DELETE FROM turns WHERE conversation_id = ? AND id >= ? AND id < ?"
            connection.execute(query, (id_, first, before))
            connection.execute(
                "DELETE FROM conversations WHERE id = ? AND id NOT IN (SELECT conversation_id FROM turns)", (id_,)
            )

    def rename(self, id_: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing. Raises: NotInLibrary."""
        self.find(id_)
        if not title.strip():
            return
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE conversations SET title = ?, folded = ? WHERE id = ?",
                (_title(title), _title(title).casefold(), id_),
            )

    def delete(self, id_: str) -> None:
        """Remove a conversation with all its turns. Raises: NotInLibrary."""
        self.find(id_)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (id_,))


def _touch(connection: sqlite3.Connection, id_: str) -> None:
    connection.execute(f"UPDATE conversations SET changed_at = {NOW} WHERE id = ?", (id_,))


def _title(text: str) -> str:
    """Return a text in one line that fits a list."""
    line = " ".join(_storable(text).split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"


def _folded(words: Sequence[str]) -> str:
    return _storable("\n".join(words)).casefold()


def _storable(text: str) -> str:
    """Return `text` without lone surrogates, which SQLite cannot store."""
    return text.encode("utf-8", "replace").decode("utf-8")
