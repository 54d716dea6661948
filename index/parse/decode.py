"""Bytes to text, in whatever encoding they are. Knows nothing of formats."""

import codecs
import re
from contextlib import suppress

from index.errors import ReadError, UnsupportedFormat

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""Longer marks before the shorter ones that they begin with."""

CONTROL_CHARACTERS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
MAX_CONTROL_SHARE = 0.02
"""Text has next to no control characters; random bytes have 11 % of them, and compressed data likewise."""

LATIN_1 = frozenset({"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"})
"""Declared as these, pages are in windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels)."""

SAMPLE_BYTES = 65_536
"""An encoding shows within so many bytes."""


DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})|<\?xml[^>]{0,80}?encoding\s*=\s*["']([\w.:-]{1,40})""",
    re.IGNORECASE,
)
"""The encoding that HTML or XML says it is in; the HTML standard looks for it in the first 1,024 bytes."""


def decode_markup(name: str, data: bytes) -> str:
    """Return the text of HTML or XML: in the encoding it declares, if it is in that, or else as `decode` does."""
    declared = DECLARED.search(data[:2_048])
    if declared and not any(data.startswith(mark) for mark in BYTE_ORDER_MARKS):
        encoding = (declared[1] or declared[2]).decode("ascii", "replace")
        with suppress(LookupError, UnicodeError):
            return _tidy(data.decode("windows-1252" if encoding.lower() in LATIN_1 else encoding))
    return decode(name, data)


def decode(name: str, data: bytes) -> str:
    """Return the text that `data` encodes, line ends as "\\n", NUL replaced by U+FFFD.

    Raises: UnsupportedFormat for binary data, ReadError where no encoding fits.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _tidy(data[len(mark) :].decode(encoding, errors="replace"))
    utf16 = _utf16_without_mark(data)
    if utf16:
        return _tidy(data.decode(utf16, errors="replace"))
    sample = data[:SAMPLE_BYTES]
    if len(CONTROL_CHARACTERS.findall(sample)) > MAX_CONTROL_SHARE * len(sample):
        raise UnsupportedFormat(f"{name} is binary data, not text")
    return _tidy(_decode_bytes(name, data))


def _decode_bytes(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_mixed(data) or _decode_detected(name, data)


def _decode_mixed(data: bytes) -> str | None:
    """Decode a file that is UTF-8 but for some lines, which are taken as windows-1252."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    if not any(_is_utf8(line) for line in lines):
        return None
    return "\n".join(_decode_line(line) for line in data.split(b"\n"))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_line(line: bytes) -> str:
    return line.decode("utf-8") if _is_utf8(line) else line.decode("windows-1252", errors="replace")


def _decode_detected(name: str, data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE_BYTES]).best()
    if best is None:
        raise ReadError(f"{name} is in no known encoding: save it as UTF-8 first")
    return data.decode(best.encoding, errors="replace")


def _utf16_without_mark(data: bytes) -> str | None:
    """Tell UTF-16 by its NUL bytes: ASCII characters have one each, always on the same side."""
    sample = data[:SAMPLE_BYTES]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if len(sample) < 4 or odd + even < 0.2 * len(sample):
        return None
    if odd > 10 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 10 * odd else None


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
