"""Frozen dataclasses to plain JSON values and back, by their annotations. Knows no particular class.

What comes back equals what went in: tuples, enumerations and dates are told from the annotations. A field that is
missing has its default, and one that is unknown is passed over, so that what an earlier or a later version wrote can
be read.
"""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Made = TypeVar("Made")


def plain(value: Any) -> Any:
    """Return `value` as dictionaries, lists, strings, numbers, booleans and None."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: plain(own) for key, own in value.items()}
    if isinstance(value, tuple | list):
        return [plain(own) for own in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def restored(kind: type[Made], value: Any) -> Made:
    """Return what `plain` made of a value of this class. Raises: ValueError, TypeError, KeyError for anything else."""
    made: Made = _restored(kind, value)
    return made


def _restored(kind: Any, value: Any) -> Any:
    is_made_of_fields = is_dataclass(kind)
    if is_made_of_fields:
        hints = _hints(kind)
        return kind(**{name: _restored(hints[name], own) for name, own in _entries(value) if name in hints})
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), value)
    if get_origin(kind) is dict:
        _, of = get_args(kind)
        return {key: _restored(of, own) for key, own in _entries(value)}
    if isinstance(kind, UnionType):
        [of] = [own for own in get_args(kind) if own is not NoneType]
        return None if value is None else _restored(of, value)
    if kind is date:
        return date.fromisoformat(value)
    if issubclass(kind, Enum):
        return kind(value)
    return _checked(kind, value)


def _entries(value: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value.items()


def _tuple(kinds: tuple[Any, ...], values: Any) -> tuple[Any, ...]:
    """Return a tuple of any length, or one with a class for each place."""
    if kinds[-1] is Ellipsis:
        return tuple(_restored(kinds[0], own) for own in values)
    return tuple(_restored(kind, own) for kind, own in zip(kinds, values, strict=True))


def _checked(kind: Any, value: Any) -> Any:
    """Return a number, a text or a truth value; a whole number is also taken for a float."""
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
