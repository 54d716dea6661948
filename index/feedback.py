"""What a person thinks of an answer and of its citations, kept in the database beside the conversation.

A verdict on a turn goes with the turn. Citations are told by their numbers in the answer; 0 is the answer as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from index.database import Database
from index.errors import NotInLibrary

WHOLE = 0
"""The number that stands for the whole answer, where others are a citation's."""
NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


class Verdict(StrEnum):
    """What can be said."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not helpful"
    UNSUPPORTED = "does not support"
    """Said of a citation: its sentence does not support what cites it."""


Verdicts = Mapping[int, Verdict]
"""Those on one turn, by the citation's number."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn about which something was said."""

    conversation: str
    turn: int
    said_at: str
    """UTC, ISO 8601, whole seconds; of what was said last."""
    verdicts: Verdicts


class Feedback:
    """The verdicts of one owner. Thread-safe."""

    def __init__(self, database: Database, owner: str = "") -> None:
        self._database = database
        self._owner = owner

    def say(self, turn: int, citation: int, verdict: Verdict) -> None:
        """Keep a verdict in the place of an earlier one. Raises: NotInLibrary."""
        self._require(turn)
        if (citation == WHOLE) == (verdict is Verdict.UNSUPPORTED):
            raise NotInLibrary(f"of citation {citation} it cannot be said that it is {verdict}: 0 is the whole answer")
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO feedback (turn_id, citation, verdict, said_at) VALUES (?, ?, ?, {NOW})",
                (turn, citation, verdict.value),
            )

    def take_back(self, turn: int, citation: int) -> None:
        """Forget a verdict; nothing happens where there is none. Raises: NotInLibrary."""
        self._require(turn)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM feedback WHERE turn_id = ? AND citation = ?", (turn, citation))

    def of(self, conversation: str) -> dict[int, dict[int, Verdict]]:
        """Return the verdicts on each turn of a conversation."""
        return {judged.turn: dict(judged.verdicts) for judged in self._judged("AND conversations.id = ?", conversation)}

    def all(self) -> tuple[Judged, ...]:
        """Return the turns about which something was said, in the order in which they were asked."""
        return self._judged()

    def _judged(self, where: str = "", *parameters: str) -> tuple[Judged, ...]:
        query = f"""
            SELECT conversation_id, turns.id, said_at, citation, verdict
            FROM feedback JOIN turns ON turns.id = turn_id JOIN conversations ON conversations.id = conversation_id
            WHERE owner = ? {where} ORDER BY turns.id, citation
        """
        turns: dict[tuple[str, int], list[tuple[str, int, str]]] = defaultdict(list)
        for conversation, turn, *said in self._database.query(query, (self._owner, *parameters)):
            turns[conversation, turn].append((said[0], said[1], said[2]))
        return tuple(
            Judged(
                *turn, max(said_at for said_at, *_ in said), {number: Verdict(verdict) for _, number, verdict in said}
            )
            for turn, said in turns.items()
        )

    def _require(self, turn: int) -> None:
        own = "SELECT 1 FROM turns JOIN conversations ON conversations.id = conversation_id"
        if not self._database.query(f"{own} WHERE turns.id = ? AND owner = ?", (turn, self._owner)):
            raise NotInLibrary(f"there is no answer with the number {turn}: it was deleted, or asked again")
