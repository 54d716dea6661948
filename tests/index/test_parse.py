"""Any bytes become a document or one clear line."""

import subprocess
import sys

import pytest
from files import parsed, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import EmptyDocument, PinciteError, ReadError, UnsupportedFormat
from index.parse.decode import decode
from index.parse.language import detect_language

GERMAN = "Die Bäckerei am Markt öffnet täglich um sechs Uhr; ein Brötchen kostet 45 Cent – außer sonntags. " * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_whatever_encoding_it_is(encoding: str) -> None:
    assert decode("a.txt", GERMAN.encode(encoding)) == GERMAN


def test_lines_of_another_encoding_are_read_as_windows_1252() -> None:
    data = "Das Café öffnet früh.\n".encode() + "Die Straße ist für alle da.\n".encode("cp1252")
    assert decode("a.txt", data) == "Das Café öffnet früh.\nDie Straße ist für alle da.\n"


def test_line_ends_become_one_character_as_python_reads_them() -> None:
    assert decode("a.txt", b"a\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("name", "data", "error", "line"),
    [
        ("a.txt", b"", EmptyDocument, "a.txt holds no text"),
        ("a.txt", b" \n\t\n", EmptyDocument, "a.txt holds no text"),
        ("a.md", b"***\n", EmptyDocument, "a.md holds no text"),
        ("a.bin", bytes(range(256)) * 8, UnsupportedFormat, "a.bin is binary data, not text"),
        ("a.txt", b"%PDF-1.7\n", ReadError, "a.txt is no PDF that can be read, it may be damaged"),
        ("a.pdf", b"A text.", ReadError, "a.pdf is not the PDF that its name says: it may be damaged, or be a text"),
        ("a.docx", b"", ReadError, "a.docx is not the Word file that its name says: it is empty"),
        ("a.docx", zipped({"a.txt": "x"}), UnsupportedFormat, "a.docx is a ZIP archive, no document: unpack it"),
        ("a.docx", zipped({"a.txt": "x" * 99})[:60], ReadError, "a.docx is damaged or cut off"),
        ("a.doc", b"\xd0\xcf\x11\xe0" + bytes(99), UnsupportedFormat, "a.doc is in the old Microsoft Office format"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            UnsupportedFormat,
            "a.docx is encrypted: open it with its password in its program",
        ),
        ("a.json", b'{"a": ', ReadError, "a.json is no valid JSON"),
        ("a.json", b"[" * 100_000, ReadError, "a.json is nested too deeply to be read"),
        ("a.jsonl", b'{"a": 1}\n{"a": \n', ReadError, "a.jsonl, line 2, is no valid JSON"),
        ("a.png", b"\x89PNG\r\n\x1a\n", UnsupportedFormat, "a.png is a picture: add it with --ocr eng"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_line(name: str, data: bytes, error: type, line: str) -> None:
    with pytest.raises(error) as raised:
        parsed(name, data)
    assert str(raised.value).startswith(line)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("x.md", "# Fares of *1907*\n\nA dog pays three.\n", "Fares of 1907"),
        (
            "annual-report_2013.txt",
            "The year was long, and nothing came of it at all in the end.\n",
            "annual report 2013",
        ),
        ("000_15bae5066e.txt", "The year was long.\n", "The year was long."),
        ("1.txt", "word " * 40, "word " * 18 + "word…"),
    ],
)
def test_a_title_is_the_heading_at_the_top_or_the_files_name_or_the_first_words(
    name: str, text: str, title: str
) -> None:
    assert parsed(name, text.encode()).title == title.strip()


def test_the_language_is_told_where_there_is_enough_text() -> None:
    assert detect_language(GERMAN) == "de"
    assert detect_language("hello") == ""


LOADS = """
import sys
from concurrent.futures import ThreadPoolExecutor

import py3langid.langid as langid
from index.parse.language import detect_language

loads, load = [], langid._load_identifier
langid._load_identifier = lambda: loads.append(1) or load()
with ThreadPoolExecutor(4) as readers:
    print(*readers.map(detect_language, [sys.argv[1]] * 4), len(loads))
"""


def test_readers_that_begin_together_load_the_languages_once() -> None:
    done = subprocess.run([sys.executable, "-c", LOADS, GERMAN], capture_output=True, text=True, check=True)
    assert done.stdout == "de de de de 1\n"


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["a.txt", "a.md", "a", "a.html", "a.csv", "a.json", "a.xml", "a.eml", "a.rtf", "a.py"]),
)
def test_no_bytes_crash_the_parser(data: bytes, name: str) -> None:
    try:
        document = parsed(name, data)
    except PinciteError:
        return
    assert document.text.strip()
    assert document.blocks
