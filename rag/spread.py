"""A few of many, evenly spread, and the same ones each time."""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def spread(items: Sequence[Item], limit: int) -> list[Item]:
    """Return `limit` of the items, evenly spread, in order; all where there are no more."""
    if len(items) <= limit:
        return list(items)
    return [items[place * len(items) // limit] for place in range(limit)]
