"""What a document is called: its own title, or its file's name, or its first words."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from index.types import Block, Kind

MAX_TITLE_CHARACTERS = 100


def title_of(name: str, text: str, blocks: Sequence[Block]) -> str:
    """Return a title of at most 100 characters.

    A heading at the top of the document is its title; else the file's name, where it holds a word
    ("annual-report.txt", not "000_15bae5066eb9f954.txt"); else the document's first words.
    """
    if blocks[0].kind is Kind.HEADING:
        return clip(blocks[0].span.of(text))
    return clip(_words_of_name(name)) or clip(blocks[0].span.of(text))


def retitled(title: str, old_path: str, new_path: str) -> str:
    """Return what a document is called once its file was renamed: something else only where it had the file's name."""
    if title != clip(_words_of_name(PurePath(old_path).name)):
        return title
    return clip(_words_of_name(PurePath(new_path).name)) or title


def clip(text: str) -> str:
    """Return `text` on one line, cut at a word's end if it is longer than a title may be."""
    line = " ".join(text.split())
    if len(line) <= MAX_TITLE_CHARACTERS:
        return line
    return line[: MAX_TITLE_CHARACTERS - 1].rsplit(" ", 1)[0].rstrip(",;:-–— ") + "…"


def _words_of_name(name: str) -> str:
    words = re.split(r"[\W_]+", PurePath(name).stem)
    return " ".join(words) if any(len(word) > 2 and word.isalpha() for word in words) else ""
