"""What may be quoted of a given passage, in the pieces that are never cut. Knows no grammar and no tokens."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import regex

from rag.boundaries import boundaries
from rag.locate import collapse
from rag.types import Given, GivenPassage, GivenSentence

BREAK = "\n"
"""Stands between pieces of which no quotation may hold the end of one and the start of the next."""
BEGINS = r"\p{Sc}\p{N}|[\p{L}\p{N}]"
"""What a quotation begins with: a letter, a number or a price."""
OPENS = r"[\p{Ps}\p{Pi}\"'¿¡+−-]"
"""What may stand before its first letter or number and belong to it."""

_BEGINS = regex.compile(BEGINS)


def quotable_pieces(passage: GivenPassage, given: Given) -> list[str]:
    """Return the pieces of a passage that may be quoted, [] where nothing can be; `BREAK` where none can go on.

    Cut where `rag.locate` cuts: in the passage as a whole, although not all of its sentences may be given.
    """
    text, offsets = collapse(passage.passage.text)
    cuts = sorted(boundaries(text))
    pieces: list[str] = []
    for first, last in _runs(passage.sentences):
        start = first.span.start - passage.passage.start
        end = last.span.end - passage.passage.start
        inside = [cut for cut in cuts if cut == len(offsets) or offsets[cut] >= start]
        inside = [cut for cut in inside if cut == 0 or offsets[cut - 1] < end]
        pieces += [_quotable(text[left:right], given.marks) for left, right in pairwise(inside)]
        pieces.append(BREAK)
    return pieces if longest_quotation(pieces) else []


def longest_quotation(pieces: Sequence[str]) -> int:
    """Return the characters of the longest quotation that begins with a letter or number, 0 where there is none.

    A rule that nothing can fulfil would be noticed only when the opening mark is written.
    """
    longest = 0
    for is_break, stretch in groupby(pieces, key=lambda piece: piece == BREAK):
        unbroken = list(stretch)
        begin = next((place for place, piece in enumerate(unbroken) if _BEGINS.match(piece)), None)
        if not is_break and begin is not None:
            longest = max(longest, len("".join(unbroken[begin:]).rstrip()))
    return longest


def _runs(sentences: Sequence[GivenSentence]) -> Iterator[tuple[GivenSentence, GivenSentence]]:
    """Yield the first and last of each run of given sentences that follow one another in their passage."""
    for _, run in groupby(enumerate(sentences), key=lambda item: item[1].number - item[0]):
        neighbours = [sentence for _, sentence in run]
        yield neighbours[0], neighbours[-1]


def _quotable(piece: str, marks: tuple[str, str]) -> str:
    return BREAK if any(mark in piece for mark in marks) or regex.search(r"[\p{Cc}\p{Cs}]", piece) else piece
