"""What a format's parser hands over, and the builder that puts it together: text, blocks, pages.

Pieces are set apart by blank lines. What no database stores and no reader sees (NUL, lone surrogates) is replaced.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.parse.plain import plain_blocks
from index.types import Block, Kind, Span

CELL_SEPARATOR = " | "
"""Between the cells of a table's row, as in a Markdown table."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a parser found in a file."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    """The title the file gives itself, "" where it gives none."""
    pages: tuple[int, ...] = ()
    """Where each page begins in `text`, in characters; empty for what has no pages."""


class ExtractBuilder:
    """Puts headings, paragraphs, lists and tables together in reading order."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._pages: list[int] = []
        self._length = 0

    def page(self) -> None:
        """Begin the next page."""
        self._pages.append(self._length)

    def heading(self, text: str, level: int) -> None:
        """Add a heading, on one line; `level` is 1 for the highest."""
        self._add(" ".join(text.split()), Kind.HEADING, level)

    def paragraph(self, text: str) -> None:
        """Add a paragraph, or a list with one item a line."""
        self._add(text, Kind.PARAGRAPH)

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a table, one row a line; rows and cells without text are left out."""
        lines = (CELL_SEPARATOR.join(filter(None, map(_one_line, row))) for row in rows)
        self.lines((line for line in lines if line), Kind.TABLE)

    def lines(self, lines: Iterable[str], kind: Kind) -> None:
        """Add a block in which each line stands for itself."""
        self._add("\n".join(line.rstrip() for line in lines if line.strip()), kind)

    def plain(self, text: str) -> None:
        """Add a plain text's headings and paragraphs."""
        text = clean(text)
        for block in plain_blocks(text):
            self._add(block.span.of(text), block.kind, block.level)

    def pages_within(self, offsets: Iterable[int]) -> None:
        """Note that pages begin inside the piece added last, at so many characters from its start."""
        last = self._blocks[-1].span.start if self._blocks else 0
        self._pages += [last + offset for offset in offsets]

    def build(self, title: str = "") -> Extract:
        """Return all that was added."""
        return Extract("\n\n".join(self._pieces), tuple(self._blocks), _one_line(clean(title)), tuple(self._pages))

    def _add(self, text: str, kind: Kind, level: int = 0) -> None:
        text = clean(text).strip("\n")
        if not text.strip():
            return
        start = self._length
        self._pieces.append(text)
        self._blocks.append(Block(Span(start, start + len(text)), kind, level))
        self._length += len(text) + 2


def clean(text: str) -> str:
    """Return `text` with NUL and lone surrogates replaced by U+FFFD, and line ends as "\\n"."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8") if any(map(_is_surrogate, text)) else text


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _one_line(text: str) -> str:
    return " ".join(text.split())
