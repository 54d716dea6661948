"""Rows of the database to and from our types: the only place that knows how a column is encoded."""

import json
import sqlite3
from collections.abc import Sequence

from index.types import DocumentInfo, Kind, Passage, Span


def document_info(row: sqlite3.Row) -> DocumentInfo:
    """Read a row of `database.DOCUMENTS`."""
    return DocumentInfo(
        id=row["id"],
        title=row["title"],
        source=row["source"],
        format=row["format"],
        characters=row["characters"],
        passages=row["passages"],
        added_at=row["added_at"],
    )


def passage(row: sqlite3.Row, document: DocumentInfo) -> Passage:
    """Read a row of the table `passages`."""
    return Passage(
        id=row["id"],
        document=document,
        position=row["position"],
        kind=Kind(row["kind"]),
        start=row["start"],
        end=row["end"],
        text=row["text"],
        headings=tuple(line for line in row["headings"].split("\n") if line),
        sentences=spans(row["sentences"]),
        page=row["page"],
        later_pages=offsets(row["later_pages"]),
    )


def spans(column: str) -> tuple[Span, ...]:
    """Read a JSON list of [start, end] pairs."""
    return tuple(Span(start, end) for start, end in json.loads(column))


def spans_column(sentences: Sequence[Span]) -> str:
    """Write spans as a JSON list of [start, end] pairs."""
    return json.dumps([[span.start, span.end] for span in sentences], separators=(",", ":"))


def offsets(column: str) -> tuple[int, ...]:
    """Read a JSON list of offsets; "" is an empty one."""
    return tuple(json.loads(column)) if column else ()


def offsets_column(values: Sequence[int]) -> str:
    """Write offsets as a JSON list, "" for none."""
    return json.dumps(list(values), separators=(",", ":")) if values else ""
