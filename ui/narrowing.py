"""What the page's tick boxes and fields say of where to look: their values, as the browser sends them, to a scope."""

import json
from collections.abc import Collection
from contextlib import suppress
from datetime import date
from typing import Any

from index.types import Scope
from rag.errors import QuestionError


def read_scope(sent: str, collections: Collection[str]) -> Scope:
    """Return the scope that a page sent as JSON.

    It names one document; or collections that are not ticked, a folder, a type, the first and the last day.

    What is malformed narrows nothing down. Raises: QuestionError where none of `collections` is ticked.
    """
    values = _values(sent)
    without = {name for name in values.get("without", ()) if isinstance(name, str)} & set(collections)
    if without and without == set(collections):
        raise QuestionError("no collection is ticked: tick one to ask of")
    document, kind, folder = (values.get(name) for name in ("document", "type", "folder"))
    return Scope(
        collections=tuple(name for name in collections if name not in without) if without else (),
        documents=(document,) if type(document) is int and 0 <= document < 2**63 else (),
        folders=(folder,) if isinstance(folder, str) and folder else (),
        formats=(kind,) if isinstance(kind, str) and kind else (),
        since=_day(values.get("since")),
        until=_day(values.get("until")),
    )


def _values(sent: str) -> dict[str, Any]:
    with suppress(ValueError):
        values = json.loads(sent)
        if isinstance(values, dict) and isinstance(values.get("without", []), list):
            return values
    return {}


def _day(value: Any) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(value) if isinstance(value, str) else None
    return None
