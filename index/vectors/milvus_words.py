"""Terms as text that Milvus's standard analyser cuts at the spaces and nowhere else, so that its BM25 sees our terms.

That analyser keeps lower-case ASCII letters and digits together. Every other term is written in hexadecimal digits.
"""

from collections.abc import Iterable

MAX_BYTES = 65_535
"""Milvus takes no longer text; what is beyond it is found by meaning alone."""


def as_text(terms: Iterable[str]) -> str:
    """Return terms, in order, as one text of at most `MAX_BYTES` bytes, cut between two of them."""
    text = " ".join(map(_plain, terms))
    return text if len(text) <= MAX_BYTES else text[: MAX_BYTES + 1].rpartition(" ")[0]


def _plain(term: str) -> str:
    """Return a term in ASCII letters and digits; another one for each term, but for such as "u" and hexadecimals."""
    return term if term.isascii() else f"u{term.encode().hex()}"
