"""Libraries of any size for `bench.scale`, written straight into the database, many passages in one transaction.

**Synthetic**: each round over the set's passages repeats them with the words that are seldom in the set (fewer than
`KEPT` times) made into others, so that a common word stays as common, and the vocabulary grows. Vectors beyond those of
the set's own passages are moved from them, see `bench.vectors`; those of sentences are their passages'.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.vectors import with_synthetic
from index.analyse import term_of, terms
from index.arrays import Floats
from index.database import Database
from index.lexical import SENTENCE_END
from index.word_codes import encode, word_spans

PASSAGES_OF_DOCUMENT = 50
DOCUMENTS_AT_ONCE = 200
KEPT = 5
MARK = "\x00"
"""Stands where a seldom word gets its round's number."""
WORD = re.compile(r"\w+")
SENTENCE = re.compile(r"(?<=[.!?])\s+")

Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Template:
    """A passage of the set: its sentences, and their terms, with marks; how many words it has in any round."""

    sentences: tuple[str, ...]
    terms: tuple[str, ...]
    words: int


def templates(texts: Sequence[str]) -> list[Template]:
    """Return the texts with their seldom words marked."""
    counts = Counter(term for text in texts for term in terms(text, "en"))
    seldom = {term for term, count in counts.items() if count < KEPT}

    def marked(match: re.Match[str]) -> str:
        return match[0] + MARK if term_of(match[0].lower(), "en") in seldom else match[0]

    return [
        Template(
            tuple(WORD.sub(marked, sentence) for sentence in SENTENCE.split(text)),
            tuple(
                " ".join(term + MARK if term in seldom else term for term in terms(sentence, "en"))
                for sentence in SENTENCE.split(text)
            ),
            len(word_spans(text)),
        )
        for text in texts
    ]


def build(path: Path, texts: Sequence[str], vectors: Floats, passages: int, embedder: str) -> None:
    """Write a library's database with so many passages; `vectors` are those of the texts."""
    Database(path).close()
    made, all_vectors = templates(texts), with_synthetic(vectors, passages)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
        connection.execute(f"PRAGMA {pragma}")
    for first in range(0, passages, DOCUMENTS_AT_ONCE * PASSAGES_OF_DOCUMENT):
        connection.execute("BEGIN")
        last = min(passages, first + DOCUMENTS_AT_ONCE * PASSAGES_OF_DOCUMENT)
        for start in range(first, last, PASSAGES_OF_DOCUMENT):
            places = range(start, min(start + PASSAGES_OF_DOCUMENT, last))
            _insert(connection, places, made, all_vectors, embedder)
        connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _insert(
    connection: sqlite3.Connection, places: range, made: Sequence[Template], vectors: Floats, embedder: str
) -> None:
    document = places.start // PASSAGES_OF_DOCUMENT + 1
    own = [made[place % len(made)] for place in places]
    rounds = [place // len(made) for place in places]
    paragraphs = [_of_round(template.sentences, number) for template, number in zip(own, rounds, strict=True)]
    text = "\n\n".join(" ".join(sentences) for sentences in paragraphs)
    connection.execute(
        "INSERT INTO documents (id, sha256, format, parser_version, title, language, text, characters, added_at)"
        " VALUES (?, ?, 'text', 1, ?, 'en', ?, ?, '2026-01-01T00:00:00Z')",
        (document, f"{document:064}", f"Document {document}", text, len(text)),
    )
    connection.execute(
        "INSERT INTO sources (path, document_id, bytes, modified_ns) VALUES (?, ?, ?, 0)",
        (f"/synthetic/{document}.txt", document, len(text)),
    )
    connection.executemany(
        'INSERT INTO passages (id, document_id, position, kind, "start", "end", headings, sentences, text)'
        " VALUES (?, ?, ?, 'paragraph', ?, ?, '', ?, ?)",
        _passage_rows(document, places, paragraphs),
    )
    terms = [SENTENCE_END.join(_of_round(template.terms, number)) for template, number in zip(own, rounds, strict=True)]
    connection.executemany(
        "INSERT INTO passage_terms VALUES (?, '', '', ?)",
        [(place + 1, line) for place, line in zip(places, terms, strict=True)],
    )
    connection.executemany(
        "INSERT INTO embeddings VALUES (?, ?, ?, ?, ?)",
        [
            (place + 1, embedder, vector.tobytes(), halves.tobytes() * len(template.sentences), code * template.words)
            for place, template, vector, halves, code in zip(places, own, *_coded(vectors, places), strict=True)
        ],
    )


def _coded(vectors: Floats, places: range) -> tuple[Floats, Halves, list[bytes]]:
    """Return vectors, the same in half precision, and the code of one word of each."""
    own = vectors[places.start : places.stop]
    codes = [encode(-vector[np.newaxis], vector) for vector in own]
    return own, own.astype(np.float16), codes


def _of_round(parts: Sequence[str], number: int) -> list[str]:
    return [part.replace(MARK, str(number) if number else "") for part in parts]


def _passage_rows(document: int, places: range, paragraphs: Sequence[Sequence[str]]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a document's passages, which stand one after the other."""
    start = 0
    for place, sentences in zip(places, paragraphs, strict=True):
        ends = list(accumulate((len(sentence) + 1 for sentence in sentences), initial=start))
        spans = [[first, end - 1] for first, end in pairwise(ends)]
        end = ends[-1] - 1
        yield place + 1, document, place - places.start, start, end, json.dumps(spans), " ".join(sentences)
        start = end + 2
