"""What people chose on the page of a library, kept in its database by name. Knows no setting and no allowed value."""

from __future__ import annotations

from index.database import Database


class Choices:
    """The choices of one library, the same for everybody who uses it. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, str]:
        """Return what was chosen, by name."""
        rows = self._database.query("SELECT name, value FROM settings")
        return {row["name"]: row["value"] for row in rows}

    def keep(self, name: str, value: str) -> None:
        """Keep a choice in the place of an earlier one."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))

    def forget(self, *names: str) -> None:
        """Forget choices; nothing happens where there are none."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM settings WHERE name = ?", [(name,) for name in names])
