"""The numbers and bullets that Word draws before the items of its lists: they stand in no paragraph's text."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from index.parse.archive import Archive, attribute, child, local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LEVELS = 9
BULLET = "- "
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
         (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered: `text` has %1 for the number of level 1, and so on."""

    style: str
    text: str
    first: int


@dataclass(slots=True)
class Numbering:
    """A document's lists, and how far each has been counted."""

    levels: dict[str, dict[int, Level]]
    """By the list's id and the level, from 0."""
    counts: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * LEVELS))

    @classmethod
    def read(cls, archive: Archive, part: str) -> Self:
        """Read a numbering part, "" for none."""
        if not part:
            return cls({})
        root = archive.xml(part)
        abstract = {
            attribute(own, "abstractNumId"): dict(
                _level(level) for level in own if local(level) == "lvl" and attribute(level, "ilvl").isdecimal()
            )
            for own in root
            if local(own) == "abstractNum"
        }
        lists = {attribute(own, "numId"): child(own, "abstractNumId") for own in root if local(own) == "num"}
        return cls({id_: abstract.get(attribute(of, "val"), {}) for id_, of in lists.items() if of is not None})

    def marker(self, list_id: str, level: int) -> str:
        """Count an item and return what stands before it, with a space after it; "" for what is no item."""
        form = self.levels.get(list_id, {}).get(level)
        if form is None or form.style == "none" or level >= LEVELS:
            return ""
        counts = self.counts[list_id]
        counts[level] += 1
        counts[level + 1 :] = [0] * (LEVELS - level - 1)
        if form.style == "bullet":
            return BULLET
        return re.sub(r"%(\d)", lambda match: self._number(list_id, int(match[1]) - 1), form.text).strip() + " "

    def _number(self, list_id: str, level: int) -> str:
        form = self.levels[list_id].get(level, Level("decimal", "", 1))
        return formatted(max(form.first, self.counts[list_id][level] + form.first - 1), form.style)


def _level(element: Element) -> tuple[int, Level]:
    def value(name: str, default: str) -> str:
        own = child(element, name)
        return attribute(own, "val") if own is not None else default

    first = value("start", "1")
    form = Level(value("numFmt", "decimal"), value("lvlText", ""), int(first) if first.isdecimal() else 1)
    return int(attribute(element, "ilvl")), form


def formatted(number: int, style: str) -> str:
    """Return a number as Word's number formats write it."""
    match style:
        case "lowerLetter" | "upperLetter":
            letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
            return letters if style == "lowerLetter" else letters.upper()
        case "lowerRoman" | "upperRoman":
            roman = _roman(number)
            return roman if style == "lowerRoman" else roman.upper()
        case _:
            return str(number)


def _roman(number: int) -> str:
    written = ""
    for value, letters in ROMAN:
        written += letters * (number // value)
        number %= value
    return written
