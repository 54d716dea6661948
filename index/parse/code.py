"""Source code: its text as it is, in blocks between blank lines, each line standing for itself."""

from __future__ import annotations

from index.parse.decode import decode
from index.parse.extract import Extract
from index.parse.source import SourceFile
from index.types import Block, Kind, Span

SUFFIXES = frozenset(
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp .cs .go .rs .swift .m"
    " .mm .rb .php .pl .pm .lua .r .jl .sql .sh .bash .zsh .fish .ps1 .bat .hs .ml .clj .ex .exs .erl .dart .vue .css"
    " .scss .less .toml .ini .cfg .yaml .yml .tf .proto .graphql .cmake .gradle".split()
)
BLOCK_CHARACTERS = 1_200
"""A block grows to about so much before a line without indentation, a little more than an embedder reads at once."""


def parse_code(source: SourceFile) -> Extract:
    """Read source code; its title is the file's whole name."""
    text = decode(source.name, source.data)
    blocks: list[Block] = []
    start = end = offset = 0
    for line in text.split("\n"):
        if line.strip():
            if end > start and end - start > BLOCK_CHARACTERS and not line[0].isspace():
                blocks.append(Block(Span(start, end), Kind.CODE))
                start = end
            start = offset if end <= start else start
            end = offset + len(line.rstrip())
        offset += len(line) + 1
    if end > start:
        blocks.append(Block(Span(start, end), Kind.CODE))
    return Extract(text, tuple(blocks), source.name)
