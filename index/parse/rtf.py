"""RTF to text, through striprtf; paragraphs are told as in plain text, a table's rows by their bars."""

from __future__ import annotations

from itertools import groupby

from index.errors import ReadError
from index.parse.extract import Extract, ExtractBuilder
from index.parse.source import SourceFile

BAR = "|"
"""What striprtf writes after each cell of a table."""


def parse_rtf(source: SourceFile) -> Extract:
    """Read an RTF file. Raises: ReadError."""
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(source.data.decode("windows-1252", "replace"), errors="replace")
    except (ValueError, LookupError) as error:
        raise ReadError(f"{source.name} is a damaged RTF file: {error}") from error
    builder = ExtractBuilder()
    for is_table, lines in groupby(text.split("\n"), key=lambda line: line.endswith(BAR)):
        if is_table:
            builder.table(line.split(BAR) for line in lines)
        else:
            builder.plain("\n".join(lines))
    return builder.build()
