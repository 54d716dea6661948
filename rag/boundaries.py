"""Where a text may be cut without changing what it says: a quotation begins and ends at these places only.

A word is whole with its hyphens and apostrophes ("non-confrontational"), a number with its sign, currency, separators
and unit ("$3.5", "20 %" apart, "5%"), a character with its combining marks. Scripts without spaces may be cut between
characters. Segmentation follows Unicode Annex 29 for characters.
"""

from collections.abc import Iterator

import regex

NO_SPACES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
NUMBER = r"[-+−]?\p{Sc}?\p{N}+(?:[.,:/٫٬]\p{N}+)*\p{Sc}?"
JOINER = r"['’\-‐‑\u00ad\u200c\u200d]"
CHUNK = regex.compile(
    rf"{NO_SPACES}\p{{M}}*"
    rf"|(?<![\p{{L}}\p{{N}}]){NUMBER}(?:[%٪‰°]|[\p{{L}}\p{{M}}\p{{N}}_]+)?"
    rf"|(?:(?!{NO_SPACES})[\p{{L}}_]\p{{M}}*|\p{{N}}+(?:[.,:/٫٬]\p{{N}}+)*"
    rf"|(?<=[\p{{L}}\p{{N}}\p{{M}}]){JOINER}(?=[\p{{L}}\p{{N}}]))+"
    r"|\r\n|\s|\X",
    regex.V1,
)
"""One piece that is never cut: an ideograph, a number, a word, or any other character."""

GRAPHEME = regex.compile(r"\X")


def chunks(text: str) -> list[str]:
    """Return the pieces that are never cut; joined, they are the text."""
    whole_characters = {match.end() for match in GRAPHEME.finditer(text)}
    pieces: list[str] = []
    position = 0
    for piece in CHUNK.findall(text):
        if pieces and position not in whole_characters:
            pieces[-1] += piece
        else:
            pieces.append(piece)
        position += len(piece)
    return pieces


def boundaries(text: str) -> frozenset[int]:
    """Return the offsets at which the text may be cut, both ends included."""
    return frozenset(_ends(text)) | {0}


def _ends(text: str) -> Iterator[int]:
    position = 0
    for piece in chunks(text):
        position += len(piece)
        yield position
