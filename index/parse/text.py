"""Plain text files: decoded, otherwise as they are."""

from index.parse.decode import decode
from index.parse.extract import Extract
from index.parse.plain import plain_blocks
from index.parse.source import SourceFile


def parse_text(source: SourceFile) -> Extract:
    """Read a plain text. Raises: UnsupportedFormat for binary data, ReadError where no encoding fits."""
    text = decode(source.name, source.data)
    return Extract(text, plain_blocks(text))
