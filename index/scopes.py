"""A scope as SQL: which documents it allows. Knows the tables `sources` and `documents`, and runs nothing."""

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from index.types import Scope

Condition = tuple[str, list[object]]
"""A term of a WHERE clause, and its parameters."""
FIRST_DAY, LAST_DAY = date(1678, 1, 1), date(2262, 1, 1)
"""Nanoseconds of days far beyond would not fit SQLite's integers."""


def condition(scope: Scope) -> Condition:
    """Return what is true of a row of `sources JOIN documents` that the scope allows."""
    conditions = list(_conditions(scope))
    text = " AND ".join(f"({term})" for term, _ in conditions)
    return text or "TRUE", [value for _, values in conditions for value in values]


def _conditions(scope: Scope) -> Iterator[Condition]:
    for column, values in (
        ("collection", scope.collections),
        ("documents.id", scope.documents),
        ("format", scope.formats),
    ):
        if values:
            yield f"{column} IN ({','.join('?' * len(values))})", list(values)
    if scope.folders:
        yield " OR ".join(["substr(path, 1, length(?)) = ?"] * len(scope.folders)), _beginnings(scope.folders)
    if scope.since:
        yield "modified_ns >= ?", [_nanoseconds(scope.since)]
    if scope.until:
        yield "modified_ns < ?", [_nanoseconds(min(scope.until, LAST_DAY) + timedelta(days=1))]


def _beginnings(folders: tuple[str, ...]) -> list[object]:
    """Return what the paths below folders begin with, each twice."""
    return [folder.rstrip(os.sep) + os.sep for folder in folders for _ in range(2)]


def _nanoseconds(day: date) -> int:
    """Return when a day begins in local time, in nanoseconds since 1970."""
    day = min(max(day, FIRST_DAY), LAST_DAY)
    return int(datetime.combine(day, time.min).timestamp()) * 1_000_000_000
