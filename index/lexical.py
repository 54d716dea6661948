"""Words of a query to FTS5 expressions. Knows nothing of scores."""

from collections.abc import Sequence


def match_any(words: Sequence[str]) -> str:
    """Return an expression that any of the words satisfies."""
    return " OR ".join(match_each(words))


def match_each(words: Sequence[str]) -> list[str]:
    """Return an expression for each word; quoted, so that no word is read as an operator."""
    return [f'"{word}"' for word in words]
