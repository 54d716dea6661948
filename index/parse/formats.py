"""The parser of each format, and the way from a file's bytes to its document. Runs in the reader's process."""

from collections.abc import Callable

from index.errors import EmptyDocument, ReadError
from index.parse.code import parse_code
from index.parse.csv_table import parse_csv
from index.parse.detect import format_of
from index.parse.docx import parse_docx
from index.parse.epub import parse_epub
from index.parse.extract import Extract
from index.parse.html import parse_html
from index.parse.json_data import parse_json, parse_json_lines
from index.parse.mail import parse_mail
from index.parse.markdown import parse_markdown
from index.parse.ocr import parse_image
from index.parse.odf import parse_odf
from index.parse.pdf import parse_pdf
from index.parse.pptx import parse_pptx
from index.parse.rtf import parse_rtf
from index.parse.source import SourceFile
from index.parse.text import parse_text
from index.parse.title import clip, title_of
from index.parse.xlsx import parse_xlsx
from index.parse.xml_data import parse_xml_data
from index.types import ParsedDocument

PARSERS: dict[str, Callable[[SourceFile], Extract]] = {
    "code": parse_code,
    "csv": parse_csv,
    "docx": parse_docx,
    "eml": parse_mail,
    "epub": parse_epub,
    "html": parse_html,
    "image": parse_image,
    "json": parse_json,
    "jsonl": parse_json_lines,
    "markdown": parse_markdown,
    "odf": parse_odf,
    "pdf": parse_pdf,
    "pptx": parse_pptx,
    "rtf": parse_rtf,
    "text": parse_text,
    "xlsx": parse_xlsx,
    "xml": parse_xml_data,
}


def parse(source: SourceFile) -> ParsedDocument:
    """Read one file; its language is left open, since what tells it is large and loads slowly.

    Raises: EmptyDocument, UnsupportedFormat, PasswordNeeded, LimitReached, ReadError, each with one line that says
    what to do.
    """
    format_name = format_of(source)
    try:
        extract = PARSERS[format_name](source)
    except RecursionError as error:
        raise ReadError(f"{source.name} is nested too deeply to be read") from error
    if not extract.text.strip() or not extract.blocks:
        raise EmptyDocument(f"{source.name} holds no text")
    title = clip(extract.title) or title_of(source.name, extract.text, extract.blocks)
    return ParsedDocument(title, extract.text, extract.blocks, "", format_name, extract.pages)
