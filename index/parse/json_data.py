"""JSON and JSON Lines: each record a line with the names of its values, long texts as paragraphs of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

from index.errors import ReadError
from index.parse.decode import decode
from index.parse.extract import Extract, ExtractBuilder
from index.parse.records import sentence
from index.parse.source import SourceFile
from index.types import Kind

LONG_TEXT = 300
"""Characters: a longer value is a paragraph, not a cell."""
DEEPEST_HEADING = 3
"""Objects further inside are written with the path to them, as "address.city"."""

Pair = tuple[str, str]


def parse_json(source: SourceFile) -> Extract:
    """Read one JSON value. Raises: ReadError."""
    return _extract(_loaded(source.name, decode(source.name, source.data)))


def parse_json_lines(source: SourceFile) -> Extract:
    """Read one JSON value a line. Raises: ReadError with the line's number."""
    lines = decode(source.name, source.data).split("\n")
    return _extract(
        [_loaded(f"{source.name}, line {number},", line) for number, line in enumerate(lines, 1) if line.strip()]
    )


def _loaded(name: str, text: str) -> object:
    """Return the value, with numbers as they are written."""
    try:
        return json.loads(text.lstrip("\ufeff"), parse_float=str, parse_int=str)
    except RecursionError as error:
        raise ReadError(f"{name} is nested too deeply to be read") from error
    except ValueError as error:
        raise ReadError(f"{name} is no valid JSON: {error}") from error


def _extract(value: object) -> Extract:
    builder = ExtractBuilder()
    _add(builder, value, level=1)
    return builder.build()


def _add(builder: ExtractBuilder, value: object, level: int) -> None:
    """Add a value: the records of a list one by one, the members of an object under their names."""
    if isinstance(value, list):
        _add_records(builder, [list(_pairs("", record)) for record in value])
    elif isinstance(value, dict):
        inner = {name for name, own in value.items() if isinstance(own, dict | list) and level <= DEEPEST_HEADING}
        _add_records(
            builder, [[pair for name, own in value.items() if name not in inner for pair in _pairs(name, own)]]
        )
        for name in inner and value:
            if name in inner:
                builder.heading(str(name), level)
                _add(builder, value[name], level + 1)
    else:
        builder.paragraph(_written(value))


def _add_records(builder: ExtractBuilder, records: list[list[Pair]]) -> None:
    """Add records as lines of one block; a long text ends it and follows as a paragraph."""
    lines: list[str] = []
    for record in records:
        lines.append(sentence(pair for pair in record if not _is_long(pair)))
        for name, text in filter(_is_long, record):
            builder.lines(lines, Kind.TABLE)
            lines = []
            builder.paragraph(f"{name}: {text}" if name else text)
    builder.lines(lines, Kind.TABLE)


def _is_long(pair: Pair) -> bool:
    return len(pair[1]) > LONG_TEXT


def _pairs(path: str, value: object) -> Iterator[Pair]:
    """Yield the values in a value, each with the path to it."""
    if isinstance(value, dict):
        for name, own in value.items():
            yield from _pairs(f"{path}.{name}" if path else str(name), own)
    elif isinstance(value, list) and all(not isinstance(own, dict | list) for own in value):
        yield path, ", ".join(filter(None, map(_written, value)))
    elif isinstance(value, list):
        for own in value:
            yield from _pairs(path, own)
    else:
        yield path, _written(value)


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            text = str(value).strip()
            return text if len(text) > LONG_TEXT else " ".join(text.split())
