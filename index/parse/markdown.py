"""Markdown to the text a reader sees, with its headings, paragraphs, lists, tables and code. CommonMark and GFM tables.

Markers (`#`, `**`, link targets) do not appear in the text; list markers do, and a table's row is one line.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from index.parse.decode import decode
from index.parse.extract import Extract, ExtractBuilder
from index.parse.source import SourceFile
from index.types import Kind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)


def parse_markdown(source: SourceFile) -> Extract:
    """Read a Markdown file. Raises: UnsupportedFormat for binary data, ReadError where no encoding fits."""
    return markdown_extract(decode(source.name, source.data))


def markdown_extract(text: str) -> Extract:
    """Return the text a reader sees, and its blocks in order."""
    builder = ExtractBuilder()
    front_matter = FRONT_MATTER.match(text)
    if front_matter:
        builder.paragraph(front_matter.group(1).strip())
    tokens = _markdown().parse(text[front_matter.end() :] if front_matter else text)
    for block in _blocks(tokens):
        _add(builder, block)
    return builder.build()


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def _blocks(tokens: Sequence["Token"]) -> Iterator[Sequence["Token"]]:
    """Yield the tokens of each top-level block."""
    position = 0
    while position < len(tokens):
        end = _end_of_block(tokens, position)
        yield tokens[position : end + 1]
        position = end + 1


def _add(builder: ExtractBuilder, block: Sequence["Token"]) -> None:
    text = _text_of_block(block).strip()
    match block[0].type:
        case "heading_open":
            builder.heading(text, int(block[0].tag[1]))
        case "table_open":
            builder.lines([text], Kind.TABLE)
        case "fence" | "code_block":
            builder.lines([text], Kind.CODE)
        case _:
            builder.paragraph(text)


def _end_of_block(tokens: Sequence["Token"], position: int) -> int:
    depth = 0
    for end in range(position, len(tokens)):
        depth += tokens[end].nesting
        if depth == 0:
            return end
    return len(tokens) - 1


def _text_of_block(block: Sequence["Token"]) -> str:
    """Return the lines of a block: paragraphs, list items with their markers, table rows, code."""
    lines: list[str] = []
    cells: list[str] = []
    markers: list[str] = []
    pending = ""
    for token in block:
        match token.type:
            case "bullet_list_open":
                markers.append("- ")
            case "ordered_list_open":
                markers.append("1. ")
            case "bullet_list_close" | "ordered_list_close":
                markers.pop()
            case "list_item_open":
                marker = f"{token.info}{token.markup} " if token.info else markers[-1]
                pending = "  " * (len(markers) - 1) + marker
            case "tr_open":
                cells = []
            case "tr_close":
                lines.append(" | ".join(cells))
            case "inline" if token.level and _is_cell(block, token):
                cells.append(_inline_text(token).replace("\n", " "))
            case "inline":
                lines.append(pending + _inline_text(token))
                pending = ""
            case "fence" | "code_block":
                lines.append(pending + token.content.rstrip("\n"))
                pending = ""
            case "html_block":
                lines.append(_text_of_html(token.content))
            case _:
                pass
    return "\n".join(line for line in lines if line.strip())


def _is_cell(block: Sequence["Token"], token: "Token") -> bool:
    return block[0].type == "table_open" and token.type == "inline"


def _inline_text(token: "Token") -> str:
    return "".join(_inline_piece(child) for child in token.children or ())


def _inline_piece(token: "Token") -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return _inline_text(token)
        case "html_inline":
            return "\n" if re.match(r"<br\b", token.content, re.IGNORECASE) else ""
        case _:
            return token.content


class _TextOfHtml(HTMLParser):
    """Collects the text of an HTML block, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"script", "style"} and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def _text_of_html(source: str) -> str:
    parser = _TextOfHtml()
    parser.feed(source)
    parser.close()
    return "\n".join(" ".join(line.split()) for line in "".join(parser.parts).splitlines() if line.strip())
